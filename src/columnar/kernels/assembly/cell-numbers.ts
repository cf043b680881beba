/**
 * Reads one column of records that indexCells has found as numbers. The 16 bytes before a field's end are its digits, right-aligned,
 * once what stands before it is zeroed and its point is closed up; three multiplications give their value, however many there are.
 * Longer ones are for long-numbers.ts.
 * Returns how many records it read: less than `rows` where a field is no such number, or one for a closer look.
 */
import { endOf, startOf } from "./cell-field";
import { CLOSE_HIGH, CLOSE_LOW, DIVISORS, eights, HUNDREDS, LAST, LOW_BYTES, MYRIADS, POINTS, PREVIOUS, TENS, TO_SIGN, valueOf, ZEROS } from "./digits";
import { longFloat, longInteger } from "./long-numbers";
import { NO_DOUBLE } from "./nearest-double";

/** Rows to read as long numbers where one is: others are. */
const LONG_RUN: i32 = 32;

/** Decimal numbers of up to 19 digits that count, perhaps with an exponent, as the nearest doubles. */
export function readFloats(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, constants: usize, out: usize): i32 {
  const step = <usize>width << 2;
  const field = found + (<usize>column << 2);
  let row = 0;
  while (true) {
    row += readShortFloats(base, field + <usize>row * step, rows - row, step, quote, constants, out + (<usize>row << 3));
    if (row == rows) return rows;
    const more = readLongFloats(base, field + <usize>row * step, min(LONG_RUN, rows - row), step, quote, constants, out + (<usize>row << 3));
    if (more == 0) return row;
    row += more;
  }
}

/** Numbers of any length. */
function readLongFloats(base: usize, field: usize, rows: i32, step: usize, quote: i32, constants: usize, out: usize): i32 {
  for (let row = 0; row < rows; row++, field += step) {
    let start = startOf(base, field);
    let end = endOf(base, field, start);
    if (<i32>load<u8>(start) == quote) {
      start++;
      end--;
    }
    const sign = <i32>load<u8>(start);
    const bits = longFloat(end - lengthBehind(sign, start, end), end, constants);
    if (bits == NO_DOUBLE) return row;
    store<u64>(out + (<usize>row << 3), bits | (<u64>(sign == 45) << 63));
  }
  return rows;
}

/** Up to 16 digits with sign and point. A quotient of exact doubles is the nearest double (Clinger). */
function readShortFloats(base: usize, field: usize, rows: i32, step: usize, quote: i32, constants: usize, out: usize): i32 {
  const previous = v128.load(constants, PREVIOUS);
  const points = v128.load(constants, POINTS);
  const zeros = v128.load(constants, ZEROS);
  const toSign = v128.load(constants, TO_SIGN);
  const lowBytes = v128.load(constants, LOW_BYTES);
  const tens = v128.load(constants, TENS);
  const hundreds = v128.load(constants, HUNDREDS);
  const myriads = v128.load(constants, MYRIADS);
  /** Rows to read one by one: where one number is quoted, or too long for two at a time, others are. */
  let alone = 0;
  for (let row = 0; row < rows; row++, field += step) {
    let start = startOf(base, field);
    let end = endOf(base, field, start);
    // An empty field's first byte is its separator.
    let sign = <i32>load<u8>(start);
    if (alone > 0) alone--;
    else if (row + 1 < rows) {
      // Two of up to eight characters go together, each in its half.
      const nextStart = startOf(base, field + step);
      const nextEnd = endOf(base, field + step, nextStart);
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

/** Integers of up to 19 digits with an optional sign, within the bounds of their type: as i32 (kind 0), f64 (1) or i64 (2). */
export function readIntegers(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, constants: usize, out: usize, kind: i32): i32 {
  const zeros = v128.load(constants, ZEROS);
  const toSign = v128.load(constants, TO_SIGN);
  const lowBytes = v128.load(constants, LOW_BYTES);
  const tens = v128.load(constants, TENS);
  const hundreds = v128.load(constants, HUNDREDS);
  const myriads = v128.load(constants, MYRIADS);
  let field = found + (<usize>column << 2);
  for (let row = 0; row < rows; row++, field += <usize>width << 2) {
    let start = startOf(base, field);
    let end = endOf(base, field, start);
    let sign = <i32>load<u8>(start);
    if (sign == quote) {
      start++;
      end--;
      sign = <i32>load<u8>(start);
    }
    const length = lengthBehind(sign, start, end);
    let value: i64;
    if (length - 1 < 16) {
      const digits = v128.and(i8x16.sub(v128.load(end - 16), zeros), v128.load(constants + length, LAST));
      if (i8x16.bitmask(i8x16.add_sat_u(digits, toSign)) != 0) return row;
      value = <i64>valueOf(digits, lowBytes, tens, hundreds, myriads);
    } else {
      const size = longInteger(end - length, end, constants);
      // The least of all has no positive twin.
      if (size > (<u64>1 << 63) - <u64>(sign != 45)) return row;
      value = <i64>size;
    }
    value = select<i64>(-value, value, sign == 45);
    if (kind == 0) {
      if (value != <i64>(<i32>value)) return row;
      store<i32>(out + (<usize>row << 2), <i32>value);
    } else if (kind == 1) {
      if (<u64>(value + 9007199254740991) > 2 * 9007199254740991) return row;
      store<f64>(out + (<usize>row << 3), <f64>value);
    } else store<i64>(out + (<usize>row << 3), value);
  }
  return rows;
}

/** Characters behind a sign; a huge number when there are none at all. */
// @ts-ignore: decorator
@inline
function lengthBehind(sign: i32, start: usize, end: usize): u32 {
  return <u32>(end - start) - (<u32>(sign == 45) | <u32>(sign == 43));
}
