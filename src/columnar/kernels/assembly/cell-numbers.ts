/**
 * Reads one column of records that indexCells has found as numbers. The 16 bytes before a field's end are its digits, right-aligned,
 * once what stands before it is zeroed and its point is closed up; three multiplications give their value, however many there are.
 * Returns how many records it read: less than `rows` where a field is no such number, or one for a closer look.
 *
 * V8 makes a constant vector of four instructions wherever it stands, also in a loop: so they are loaded from `constants`.
 */
const PREVIOUS: usize = 128;
const ZEROS: usize = 144;
const TO_SIGN: usize = 160;
const LOW_BYTES: usize = 176;
const TENS: usize = 192;
const HUNDREDS: usize = 208;
const MYRIADS: usize = 224;
/** 16 bytes of zeros, then 16 of ones: those that begin n bytes in leave the last n bytes of 16. */
const LAST: usize = 240;

/** Writes the 272 bytes of `constants`: first 10^0 to 10^15. */
export function placeConstants(constants: usize): void {
  let power: f64 = 1;
  for (let at = constants; at < constants + PREVIOUS; at += 8, power *= 10) store<f64>(at, power);
  v128.store(constants, i8x16(-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14), PREVIOUS);
  v128.store(constants, i8x16.splat(48), ZEROS);
  v128.store(constants, i8x16.splat(118), TO_SIGN);
  v128.store(constants, i16x8.splat(255), LOW_BYTES);
  v128.store(constants, i16x8.splat(10), TENS);
  v128.store(constants, i16x8(100, 1, 100, 1, 100, 1, 100, 1), HUNDREDS);
  v128.store(constants, i16x8(10000, 1, 10000, 1, 10000, 1, 10000, 1), MYRIADS);
  v128.store(constants, i8x16.splat(0), LAST);
  v128.store(constants, i8x16.splat(-1), LAST + 16);
}

/** Up to 16 digits with sign and point. A quotient of exact doubles is the nearest double (Clinger). */
export function readFloats(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, constants: usize, out: usize): i32 {
  const previous = v128.load(constants, PREVIOUS);
  const zeros = v128.load(constants, ZEROS);
  const toSign = v128.load(constants, TO_SIGN);
  const lowBytes = v128.load(constants, LOW_BYTES);
  const tens = v128.load(constants, TENS);
  const hundreds = v128.load(constants, HUNDREDS);
  const myriads = v128.load(constants, MYRIADS);
  let field = found + (<usize>column << 2);
  for (let row = 0; row < rows; row++, field += <usize>width << 2) {
    let start = base + <usize>place(load<i32>(field - 4)) + 1;
    let end = fieldEnd(base, load<i32>(field), start);
    // An empty field's first byte is its separator.
    let sign = <i32>load<u8>(start);
    if (sign == quote) {
      start++;
      end--;
      sign = <i32>load<u8>(start);
    }
    const length = lengthBehind(sign, start, end);
    if (length - 1 >= 16) return row;
    let digits = v128.and(i8x16.sub(v128.load(end - 16), zeros), v128.load(constants + length, LAST));
    const other = i8x16.bitmask(i8x16.add_sat_u(digits, toSign));
    let value: u64;
    let number: f64;
    if (other != 0) {
      const decimals = <usize>(15 - ctz(other));
      if ((other & (other - 1)) != 0 || load<u8>(end - decimals - 1) != 46 || length == 1) return row;
      digits = i8x16.swizzle(digits, i8x16.sub(previous, v128.load(constants + decimals, LAST)));
      value = valueOf(digits, lowBytes, tens, hundreds, myriads);
      number = <f64><i64>value / load<f64>(constants + (decimals << 3));
    } else {
      value = valueOf(digits, lowBytes, tens, hundreds, myriads);
      number = <f64><i64>value;
    }
    if (value > 9007199254740992) return row;
    // Signs are hard to predict, so they cost no branch.
    store<u64>(out + (<usize>row << 3), reinterpret<u64>(number) | (<u64>(sign == 45) << 63));
  }
  return rows;
}

/** Integers of up to 16 digits with an optional sign, within [least, most]: as i32 (kind 0), f64 (1) or i64 (2). */
export function readIntegers(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, constants: usize, out: usize, kind: i32): i32 {
  const zeros = v128.load(constants, ZEROS);
  const toSign = v128.load(constants, TO_SIGN);
  const lowBytes = v128.load(constants, LOW_BYTES);
  const tens = v128.load(constants, TENS);
  const hundreds = v128.load(constants, HUNDREDS);
  const myriads = v128.load(constants, MYRIADS);
  let field = found + (<usize>column << 2);
  for (let row = 0; row < rows; row++, field += <usize>width << 2) {
    let start = base + <usize>place(load<i32>(field - 4)) + 1;
    let end = fieldEnd(base, load<i32>(field), start);
    let sign = <i32>load<u8>(start);
    if (sign == quote) {
      start++;
      end--;
      sign = <i32>load<u8>(start);
    }
    const length = lengthBehind(sign, start, end);
    if (length - 1 >= 16) return row;
    const digits = v128.and(i8x16.sub(v128.load(end - 16), zeros), v128.load(constants + length, LAST));
    if (i8x16.bitmask(i8x16.add_sat_u(digits, toSign)) != 0) return row;
    const size = <i64>valueOf(digits, lowBytes, tens, hundreds, myriads);
    const value = select<i64>(-size, size, sign == 45);
    if (kind == 0) {
      if (value != <i64>(<i32>value)) return row;
      store<i32>(out + (<usize>row << 2), <i32>value);
    } else if (kind == 1) {
      if (size > 9007199254740991) return row;
      store<f64>(out + (<usize>row << 3), <f64>value);
    } else store<i64>(out + (<usize>row << 3), value);
  }
  return rows;
}

// @ts-ignore: decorator
@inline
export function place(separator: i32): i32 {
  return separator ^ (separator >> 31);
}

/** Where a field ends: before its separator, and before a return that belongs to the newline. */
// @ts-ignore: decorator
@inline
export function fieldEnd(base: usize, separator: i32, start: usize): usize {
  if (separator >= 0) return base + <usize>separator;
  const end = base + <usize>~separator;
  return end > start && load<u8>(end - 1) == 13 ? end - 1 : end;
}

/** Characters behind a sign; a huge number when there are none at all. */
// @ts-ignore: decorator
@inline
function lengthBehind(sign: i32, start: usize, end: usize): u32 {
  return <u32>(end - start) - (<u32>(sign == 45) | <u32>(sign == 43));
}

/** The number of sixteen digits 0 to 9, the first in the lowest byte: they are joined to pairs, fours and eights. */
// @ts-ignore: decorator
@inline
function valueOf(digits: v128, lowBytes: v128, tens: v128, hundreds: v128, myriads: v128): u64 {
  const pairs = i16x8.add(i16x8.mul(v128.and(digits, lowBytes), tens), i16x8.shr_u(digits, 8));
  const fours = i32x4.dot_i16x8_s(pairs, hundreds);
  const eights = i64x2.extract_lane(i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), myriads), 0);
  return (<u64>eights & 0xffffffff) * 100000000 + (<u64>eights >> 32);
}
