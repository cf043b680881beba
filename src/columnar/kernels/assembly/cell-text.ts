import { endOf, startOf } from "./cell-field";
import { unquote } from "./unquote";

/**
 * Copies one column of records that indexRecords has found as text: bytes one behind the other, and where they
 * end in offsets[1..rows]; offsets[0] says where to begin. Doubled quotes become one. Returns how many records it
 * copied: less than `rows` where a field holds `escape` (-1: there is none). Reads and
 * writes up to 15 bytes more.
 */
export function copyTexts(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, escape: i32, offsets: usize, bytes: usize): i32 {
  const isLast = column == width - 1;
  const escapes = i8x16.splat(<i8>escape);
  let to = bytes + <usize>load<i32>(offsets);
  for (let row = 0; row < rows; row++) {
    const field = found + (<usize>(row * width + column) << 2);
    const start = startOf(base, field);
    const end = endOf(base, field, start, isLast);
    if (quote >= 0 && start < end && load<u8>(start) == <u8>quote) {
      to = unquote(to, start + 1, end - 1, quote);
    } else {
      const length = end - start;
      for (let from: usize = 0; from < length; from += 16) {
        const block = v128.load(start + from);
        if (escape >= 0) {
          let marks = i8x16.bitmask(i8x16.eq(block, escapes));
          if (length - from < 16) marks &= (1 << <i32>(length - from)) - 1;
          if (marks != 0) return row;
        }
        v128.store(to + from, block);
      }
      to += length;
    }
    store<i32>(offsets + (<usize>(row + 1) << 2), <i32>(to - bytes));
  }
  return rows;
}
