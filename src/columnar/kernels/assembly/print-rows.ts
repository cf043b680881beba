import { copyShort } from "./copy-short";

/**
 * Text of CSV and TSV rows, column by column: each column's cells are placed (an address range of each, a pair of u32), and `joinRows` copies
 * them row by row. print-numbers.ts writes those of numbers. Cells that these functions do not write, for they need quotes or an exponent, are
 * listed at `skipped` (i32), and the caller places them; what was placed for them does not count. Each function returns how many those are.
 */

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
