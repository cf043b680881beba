/**
 * Reads one column of records that indexRecords has found as numbers. The 16 bytes before a field's end are its digits, right-aligned,
 * once what stands before it is zeroed and its point is closed up; three multiplications give their value, however many there are.
 * Longer ones are for long-numbers.ts.
 * Returns how many records it read: less than `rows` where a field is no such number, or one for a closer look.
 */
import { endOf, startOf } from "./cell-field";
import { CLOSE, CLOSE_HIGH, CLOSE_LOW, DIVISORS, eights, HUNDREDS, LAST, LOW_BYTES, MYRIADS, NEGATIVE, POINTS, TENS, TO_SIGN, valueOf, WIDE_DIVISORS, WIDE_NEGATIVE, ZEROS } from "./digits";
import { longFloat, longInteger } from "./long-numbers";
import { NO_DOUBLE } from "./nearest-double";

/** Rows to read one by one where a number is quoted, or too long for two at a time, and as long numbers where one is: others are. Of the former twice as many each time. */
const SINGLE_RUN: i32 = 16;
const LONG_RUN: i32 = 32;

/** Decimal numbers of up to 19 digits that count, perhaps with an exponent, as the nearest doubles. */
export function readFloats(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, constants: usize, out: usize): i32 {
  const isLast = column == width - 1;
  const step = <usize>width << 2;
  const field = found + (<usize>column << 2);
  const trims = isLast && load<u8>(base + <usize>load<i32>(field) - 1) == 13;
  let row = 0;
  let longest = SINGLE_RUN;
  while (true) {
    const pairs = readPairs(base, field + <usize>row * step, rows - row, step, trims, constants, out + (<usize>row << 3));
    row += pairs;
    if (row == rows) return rows;
    longest = pairs == 0 ? min(2 * longest, rows) : SINGLE_RUN;
    const run = min(longest, rows - row);
    const singles = readSingles(base, field + <usize>row * step, run, step, trims, quote, constants, out + (<usize>row << 3));
    row += singles;
    if (singles == run) continue;
    const more = readLongFloats(base, field + <usize>row * step, min(LONG_RUN, rows - row), step, isLast, quote, constants, out + (<usize>row << 3));
    if (more == 0) return row;
    row += more;
  }
}

/** Numbers of any length. */
function readLongFloats(base: usize, field: usize, rows: i32, step: usize, isLast: bool, quote: i32, constants: usize, out: usize): i32 {
  for (let row = 0; row < rows; row++, field += step) {
    let start = startOf(base, field);
    let end = endOf(base, field, start, isLast);
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

/**
 * Two numbers of up to eight characters at a time, each in its half of a vector; they may be negative and have a point. Returns how many
 * rows it read, up to the first two that are not both such. `trims` says whether returns are looked for.
 */
function readPairs(base: usize, field: usize, rows: i32, step: usize, trims: bool, constants: usize, out: usize): i32 {
  const points = v128.load(constants, POINTS);
  const zeros = v128.load(constants, ZEROS);
  const toSign = v128.load(constants, TO_SIGN);
  const lowBytes = v128.load(constants, LOW_BYTES);
  const tens = v128.load(constants, TENS);
  const hundreds = v128.load(constants, HUNDREDS);
  const myriads = v128.load(constants, MYRIADS);
  const stop = out + (<usize>(rows & ~1) << 3);
  let to = out;
  for (; to < stop; to += 16, field += step) {
    // The separators around each field.
    const left = base + <usize>load<i32>(field - 4);
    let right = base + <usize>load<i32>(field);
    field += step;
    const nextLeft = base + <usize>load<i32>(field - 4);
    let nextRight = base + <usize>load<i32>(field);
    if (trims) {
      right -= <usize>(load<u8>(right - 1) == 13);
      nextRight -= <usize>(load<u8>(nextRight - 1) == 13);
    }
    const negative = <usize>(load<u8>(left, 1) == 45);
    const nextNegative = <usize>(load<u8>(nextLeft, 1) == 45);
    // Less one.
    const length = <u32>(right - left - negative - 2);
    const nextLength = <u32>(nextRight - nextLeft - nextNegative - 2);
    if ((length | nextLength) >= 8) break;
    const digits = v128.and(i8x16.sub(halves(right - 8, nextRight - 16), zeros), halves(constants + LAST + 9 + length, constants + LAST + 1 + nextLength));
    const other = i8x16.bitmask(i8x16.add_sat_u(digits, toSign));
    const low = other & 255;
    const high = other >> 8;
    // At most one point, and a digit besides.
    const lowPoints = popcnt(low);
    const highPoints = popcnt(high);
    const isOdd = (1 - lowPoints) | (1 - highPoints) | (<i32>length - lowPoints) | (<i32>nextLength - highPoints);
    if (((other ^ i8x16.bitmask(i8x16.eq(digits, points))) | (isOdd & i32.MIN_VALUE)) != 0) break;
    const point = constants + ((<usize>ctz(low | 256) + negative * NEGATIVE) << 3);
    const nextPoint = constants + ((<usize>ctz(high | 256) + nextNegative * NEGATIVE) << 3);
    const closed = i8x16.swizzle(digits, halves(point + CLOSE_LOW, nextPoint + CLOSE_HIGH - 8));
    const numbers = f64x2.convert_low_i32x4_s(eights(closed, lowBytes, tens, hundreds, myriads));
    v128.store(to, f64x2.div(numbers, halves(point + DIVISORS, nextPoint + DIVISORS - 8)));
  }
  return <i32>((to - out) >> 3);
}

/** The low half of one vector and the high half of another. */
// @ts-ignore: decorator
@inline
function halves(low: usize, high: usize): v128 {
  return i8x16.shuffle(v128.load(low), v128.load(high), 0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31);
}

/**
 * Numbers of up to 16 characters, perhaps with a minus and in quotes; what they look like costs no branch. A quotient of exact doubles is the
 * nearest double (Clinger).
 */
function readSingles(base: usize, field: usize, rows: i32, step: usize, trims: bool, quote: i32, constants: usize, out: usize): i32 {
  const points = v128.load(constants, POINTS);
  const zeros = v128.load(constants, ZEROS);
  const toSign = v128.load(constants, TO_SIGN);
  const lowBytes = v128.load(constants, LOW_BYTES);
  const tens = v128.load(constants, TENS);
  const hundreds = v128.load(constants, HUNDREDS);
  const myriads = v128.load(constants, MYRIADS);
  const stop = out + (<usize>rows << 3);
  let to = out;
  for (; to < stop; to += 8, field += step) {
    let left = base + <usize>load<i32>(field - 4);
    let right = base + <usize>load<i32>(field);
    if (trims) right -= <usize>(load<u8>(right - 1) == 13);
    const quoted = <usize>(<i32>load<u8>(left, 1) == quote);
    left += quoted;
    right -= quoted;
    const negative = <usize>(load<u8>(left, 1) == 45);
    // Less one.
    const length = <u32>(right - left - negative - 2);
    if (length >= 16) break;
    const digits = v128.and(i8x16.sub(v128.load(right - 16), zeros), v128.load(constants + LAST + 1 + length));
    const other = i8x16.bitmask(i8x16.add_sat_u(digits, toSign));
    const others = popcnt(other);
    const isOdd = (1 - others) | (<i32>length - others);
    if (((other ^ i8x16.bitmask(i8x16.eq(digits, points))) | (isOdd & i32.MIN_VALUE)) != 0) break;
    const point = <usize>ctz(other | 0x10000);
    const closed = i8x16.swizzle(digits, v128.load(constants + (point << 4), CLOSE));
    const value = valueOf(closed, lowBytes, tens, hundreds, myriads);
    if (value > 9007199254740992) break;
    store<f64>(to, <f64><i64>value / load<f64>(constants + ((point + negative * WIDE_NEGATIVE) << 3), WIDE_DIVISORS));
  }
  return <i32>((to - out) >> 3);
}

/** Integers of up to 19 digits with an optional sign, within the bounds of their type: as i32 (kind 0), f64 (1) or i64 (2). */
export function readIntegers(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, constants: usize, out: usize, kind: i32): i32 {
  const zeros = v128.load(constants, ZEROS);
  const toSign = v128.load(constants, TO_SIGN);
  const lowBytes = v128.load(constants, LOW_BYTES);
  const tens = v128.load(constants, TENS);
  const hundreds = v128.load(constants, HUNDREDS);
  const myriads = v128.load(constants, MYRIADS);
  const isLast = column == width - 1;
  let field = found + (<usize>column << 2);
  for (let row = 0; row < rows; row++, field += <usize>width << 2) {
    let start = startOf(base, field);
    let end = endOf(base, field, start, isLast);
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
