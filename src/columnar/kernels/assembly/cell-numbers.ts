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
const POINTS: usize = 272;
/** For a point at place 0 to 7 of eight characters, or none (8): which to take to close it up, in either half of a vector, and what to divide by. */
const CLOSE_LOW: usize = 288;
const CLOSE_HIGH: usize = 360;
const DIVISORS: usize = 432;

/** Writes the 504 bytes of `constants`: first 10^0 to 10^15. */
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
  v128.store(constants, i8x16.splat(-2), POINTS);
  for (let point = 0; point <= 8; point++) {
    const at = constants + (<usize>point << 3);
    for (let place = 0; place < 8; place++) {
      const from = point < 8 && place <= point ? place - 1 : place;
      store<i8>(at + place, <i8>from, CLOSE_LOW);
      store<i8>(at + place, <i8>(from < 0 ? from : from + 8), CLOSE_HIGH);
    }
    store<f64>(at, point < 8 ? load<f64>(constants + (<usize>(7 - point) << 3)) : 1, DIVISORS);
  }
}

/** Up to 16 digits with sign and point. A quotient of exact doubles is the nearest double (Clinger). */
export function readFloats(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, constants: usize, out: usize): i32 {
  const previous = v128.load(constants, PREVIOUS);
  const points = v128.load(constants, POINTS);
  const zeros = v128.load(constants, ZEROS);
  const toSign = v128.load(constants, TO_SIGN);
  const lowBytes = v128.load(constants, LOW_BYTES);
  const tens = v128.load(constants, TENS);
  const hundreds = v128.load(constants, HUNDREDS);
  const myriads = v128.load(constants, MYRIADS);
  const step = <usize>width << 2;
  let field = found + (<usize>column << 2);
  /** Rows to read one by one: numbers that are too long for two at a time come in numbers. */
  let alone = 0;
  for (let row = 0; row < rows; row++, field += step) {
    let start = base + <usize>place(load<i32>(field - 4)) + 1;
    let end = fieldEnd(base, load<i32>(field), start);
    // An empty field's first byte is its separator.
    let sign = <i32>load<u8>(start);
    if (alone > 0) alone--;
    else if (row + 1 < rows) {
      // Two of up to eight characters go together, each in its half.
      const nextStart = base + <usize>place(load<i32>(field + step - 4)) + 1;
      const nextEnd = fieldEnd(base, load<i32>(field + step), nextStart);
      const nextSign = <i32>load<u8>(nextStart);
      const length = lengthBehind(sign, start, end);
      const nextLength = lengthBehind(nextSign, nextStart, nextEnd);
      if (<i32>(length - 1 < 8) & <i32>(nextLength - 1 < 8)) {
        const text = v128.load64_lane(nextEnd - 8, v128.load64_zero(end - 8), 1);
        const ours = v128.load64_lane(constants + nextLength, v128.load64_zero(constants + length, LAST + 8), 1, LAST + 8);
        const digits = v128.and(i8x16.sub(text, zeros), ours);
        const other = i8x16.bitmask(i8x16.add_sat_u(digits, toSign));
        const low = other & 255;
        const high = other >> 8;
        const isOdd = (other ^ i8x16.bitmask(i8x16.eq(digits, points))) | (low & (low - 1)) | (high & (high - 1));
        if ((isOdd | <i32>(length == <u32>(low != 0)) | <i32>(nextLength == <u32>(high != 0))) == 0) {
          const point = constants + (<usize>ctz(low | 256) << 3);
          const nextPoint = constants + (<usize>ctz(high | 256) << 3);
          const closed = i8x16.swizzle(digits, v128.load64_lane(nextPoint, v128.load64_zero(point, CLOSE_LOW), 1, CLOSE_HIGH));
          const numbers = f64x2.convert_low_i32x4_s(eights(closed, lowBytes, tens, hundreds, myriads));
          const divisors = v128.load64_lane(nextPoint, v128.load64_zero(point, DIVISORS), 1, DIVISORS);
          const signs = i64x2.replace_lane(i64x2.splat(<i64>(sign == 45)), 1, <i64>(nextSign == 45));
          v128.store(out + (<usize>row << 3), v128.or(f64x2.div(numbers, divisors), i64x2.shl(signs, 63)));
          row++;
          field += step;
          continue;
        }
      }
      alone = 15;
    }
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

/** The number of sixteen digits 0 to 9, the first in the lowest byte. */
// @ts-ignore: decorator
@inline
function valueOf(digits: v128, lowBytes: v128, tens: v128, hundreds: v128, myriads: v128): u64 {
  const halves = <u64>i64x2.extract_lane(eights(digits, lowBytes, tens, hundreds, myriads), 0);
  return (halves & 0xffffffff) * 100000000 + (halves >> 32);
}

/** The numbers of the first and the last eight of sixteen digits, as i32: they are joined to pairs, fours and eights. */
// @ts-ignore: decorator
@inline
function eights(digits: v128, lowBytes: v128, tens: v128, hundreds: v128, myriads: v128): v128 {
  const pairs = i16x8.add(i16x8.mul(v128.and(digits, lowBytes), tens), i16x8.shr_u(digits, 8));
  const fours = i32x4.dot_i16x8_s(pairs, hundreds);
  return i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), myriads);
}
