import { copyShort } from "./copy-short";

/**
 * Text of CSV and TSV rows, column by column: each column's cells are placed (an address range of each, a pair of u32), and `joinRows` copies
 * them row by row. Cells that these functions do not write, for they need quotes or more digits than fit a word, are
 * listed at `skipped` (i32), and the caller places them; what was placed for them does not count. Each function returns how many those are.
 */

/** Bytes for the text of a number. */
const NUMBER: usize = 32;

/** Places values of a column of texts where they are. Skipped are those with one of the four bytes of `special`, those that begin as a byte order mark does, and empty ones if `skipsEmpty`. Reads up to 15 bytes behind the last. */
export function placeTexts(offsets: usize, bytes: usize, rows: i32, special: u32, skipsEmpty: bool, cells: usize, skipped: usize): i32 {
  const first = bytes + load<u32>(offsets);
  const isPlain = !hasSpecial(first, bytes + load<u32>(offsets + (<usize>rows << 2)), special, 0xef);
  let at = skipped;
  for (let row = 0; row < rows; row++, offsets += 4, cells += 8) {
    const start = bytes + load<u32>(offsets);
    const end = bytes + load<u32>(offsets, 4);
    store<u32>(cells, start);
    store<u32>(cells, end, 4);
    const isOdd = start == end ? skipsEmpty : !isPlain && (load<u8>(start) == 0xef || hasSpecial(start, end, special, <u8>special));
    store<i32>(at, row);
    at += <usize>isOdd << 2;
  }
  return <i32>((at - skipped) >> 2);
}

function hasSpecial(at: usize, end: usize, special: u32, other: u8): bool {
  const a = i8x16.splat(<i8>special);
  const b = i8x16.splat(<i8>(special >> 8));
  const c = i8x16.splat(<i8>(special >> 16));
  const d = i8x16.splat(<i8>(special >> 24));
  const e = i8x16.splat(<i8>other);
  for (; at < end; at += 16) {
    const text = v128.load(at);
    const found = v128.or(v128.or(v128.or(i8x16.eq(text, a), i8x16.eq(text, b)), v128.or(i8x16.eq(text, c), i8x16.eq(text, d))), i8x16.eq(text, e));
    const bits = i8x16.bitmask(found) & (end - at < 16 ? (1 << <i32>(end - at)) - 1 : 0xffff);
    if (bits != 0) return true;
  }
  return false;
}

/** Most decimals that are tried. */
const DECIMALS: i32 = 9;
/** Texts of 15 digits are all different numbers, so that the first that reads back the same is the shortest. */
const MOST_DIGITS: f64 = 1e15;

/** Writes doubles as JavaScript does, -0 as 0, to `out`, 32 bytes each. Skipped are those beyond 15 digits or `DECIMALS`, and, if `isInt32`, all that are no int32. */
export function printFloats(values: usize, rows: i32, isInt32: bool, out: usize, cells: usize, skipped: usize): i32 {
  let at = skipped;
  for (let row = 0; row < rows; row++, values += 8, out += NUMBER, cells += 8) {
    const value = load<f64>(values);
    const size = abs(value);
    const end = size < MOST_DIGITS ? printFloat(value < 0, size, isInt32, out) : 0;
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
  // Below that, JavaScript writes an exponent.
  if (isInt32 || size < 1e-6) return 0;
  let scale: u64 = 10;
  for (let decimals = 1; decimals <= DECIMALS; decimals++, scale *= 10) {
    const scaled = nearest(size * <f64>scale);
    if (scaled >= MOST_DIGITS) return 0;
    if (scaled / <f64>scale != size) continue;
    const digits = <u64>scaled;
    out = printDigits(digits / scale, out);
    store<u8>(out++, 46);
    return printDecimals(digits % scale, decimals, out);
  }
  return 0;
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

/** Copies cells row by row to `out`, a delimiter between and a newline behind; `stride` is between the places of two columns. Returns the end. Reads and writes up to 15 bytes too many. */
export function joinRows(cells: usize, rows: i32, columns: i32, stride: usize, delimiter: u32, out: usize): usize {
  for (let row = 0; row < rows; row++, cells += 8) {
    for (let column = 0, cell = cells; column < columns; column++, cell += stride) {
      const start = load<u32>(cell);
      const size = load<u32>(cell, 4) - start;
      copyShort(out, start, size);
      out += size;
      store<u8>(out++, <u8>delimiter);
    }
    store<u8>(out - 1, 10);
  }
  return out;
}
