import { highProduct } from "./nearest-double";

// Numbers as JavaScript writes them, for the cells of rows (print-rows.ts).

/** Bytes for the text of a number. */
const NUMBER: usize = 32;
/** From here on, not all integers are doubles, and more than one text may stand for a double. */
const MOST: f64 = 9007199254740992;
/** Below that, JavaScript writes an exponent. */
const LEAST: f64 = 1e-6;

/** Writes doubles as JavaScript does, -0 as 0, to `out`, 32 bytes each. Skipped are those from 2^53 on and below 1e-6, and, if `isInt32`, all that are no int32. */
export function printFloats(values: usize, rows: i32, isInt32: bool, out: usize, cells: usize, skipped: usize): i32 {
  let at = skipped;
  for (let row = 0; row < rows; row++, values += 8, out += NUMBER, cells += 8) {
    const value = load<f64>(values);
    const size = abs(value);
    const end = size < MOST ? printFloat(value < 0, size, isInt32, out) : 0;
    store<u32>(cells, out);
    store<u32>(cells, end, 4);
    store<i32>(at, row);
    at += <usize>(end == 0) << 2;
  }
  return <i32>((at - skipped) >> 2);
}

function printFloat(isNegative: bool, size: f64, isInt32: bool, out: usize): usize {
  if (isNegative) store<u8>(out++, 45);
  const whole = <u64>size;
  if (<f64>whole == size) return isInt32 && whole > <u64>i32.MAX_VALUE + <u64>isNegative ? 0 : printDigits(whole, out);
  return isInt32 || size < LEAST ? 0 : printFraction(whole, size, out);
}

/** 5^0 to 5^22. */
const fives: usize = memory.data<u64>([
  1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125, 244140625, 1220703125, 6103515625, 30517578125, 152587890625, 762939453125, 3814697265625, 19073486328125, 95367431640625,
  476837158203125, 2384185791015625,
]);

/**
 * Writes a double that is no integer with the fewest digits that read back as it, and of those the closest. After Raffaello Giulietti, "The Schubfach way to
 * render doubles" (2020), within a range where all is exact: the double is c / 2^s, s from 1 to 72, and 10^m the least power of ten above 2^s. What reads back as the
 * double then spans 1 to 10 steps of 10^-m, so that at most one multiple of ten steps is there, which is the shortest, and at least one step. Distances are
 * counted in halves of a last bit, times 5^m: half the span is 5^m, a step 2^(s + 1 - m). A power of two, whose span is less below it, is a multiple of ten steps itself.
 */
function printFraction(whole: u64, size: f64, out: usize): usize {
  const bits = reinterpret<u64>(size);
  const scale = 1075 - <i32>(bits >> 52);
  // 78913 / 2^18 is log10(2), close enough.
  let decimals = ((scale * 78913) >> 18) + 1;
  const half = load<u64>(fives + (<usize>decimals << 3));
  const double = ((bits & 0xfffffffffffff) | 0x10000000000000) << 1;
  const step = <u64>(scale + 1 - decimals);
  const low = double * half;
  let digits = (highProduct(double, half) << (64 - step)) | (low >> step);
  const rest = low & ((1 << step) - 1);
  const last = digits % 10;
  // No step is at a bound of the span: 5^m times an odd number is odd.
  const isBelow = rest + (last << step) < half;
  if (isBelow || ((10 - last) << step) - rest < half) {
    digits = digits / 10 + <u64>!isBelow;
    for (decimals--; digits % 10 == 0; decimals--) digits /= 10;
  } else {
    const middle = <u64>1 << (step - 1);
    digits += <u64>(rest + (digits & 1) > middle);
  }
  out = printDigits(whole, out);
  store<u8>(out++, 46);
  return printDecimals(digits, decimals, out);
}

/** Writes 64-bit integers to `out`, 32 bytes each. */
export function printIntegers(values: usize, rows: i32, out: usize, cells: usize): void {
  for (let row = 0; row < rows; row++, values += 8, out += NUMBER, cells += 8) {
    const value = load<i64>(values);
    let at = out;
    if (value < 0) store<u8>(at++, 45);
    store<u32>(cells, out);
    store<u32>(cells, printDigits(value < 0 ? 0 - <u64>value : <u64>value, at), 4);
  }
}

function printDigits(rest: u64, out: usize): usize {
  let count = 1;
  // 10^19 is the last power of ten.
  for (let bound: u64 = 10; count < 20 && rest >= bound; bound *= 10) count++;
  return printDecimals(rest, count, out);
}

/** The last `count` digits of a number; returns their end. */
// @ts-ignore: decorator
@inline
function printDecimals(rest: u64, count: i32, out: usize): usize {
  const end = out + count;
  for (let at = end; at > out; ) {
    const tens = rest / 10;
    store<u8>(--at, <u8>(48 + rest - tens * 10));
    rest = tens;
  }
  return end;
}
