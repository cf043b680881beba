import { fieldEnd, place } from "./cell-numbers";
import { batch, batchEnd, countBatch, hashKey, ITEM } from "./key-table";

/**
 * Gives the texts of one column of records that indexCells has found their codes in the table of key-table.ts. Returns how many rows
 * it did: less where a field needs a closer look (quotes inside quotes, `escape`), and where a text is new and has no room.
 */
export function encodeTexts(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, escape: i32, codes: usize): i32 {
  let field = found + (<usize>column << 2);
  for (let row = 0; row < rows; ) {
    const first = row;
    let item = batch;
    for (; row < rows && item < batchEnd; row++, item += ITEM, field += <usize>width << 2) {
      let start = base + <usize>place(load<i32>(field - 4)) + 1;
      let end = fieldEnd(base, load<i32>(field), start);
      if (<i32>load<u8>(start) == quote) {
        start++;
        end--;
        if (has(quote, start, end)) break;
      }
      if (escape >= 0 && has(escape, start, end)) break;
      hashKey(item, start, <u32>(end - start));
    }
    const undone = countBatch(item, codes + (<usize>first << 2));
    if (undone != item || item < batchEnd) return first + <i32>((undone - batch) / ITEM);
  }
  return rows;
}

/** Whether the byte is there. Reads up to 15 bytes more. */
function has(byte: i32, start: usize, end: usize): bool {
  const wanted = i8x16.splat(<i8>byte);
  for (let at = start; at < end; at += 16) {
    const bits = i8x16.bitmask(i8x16.eq(v128.load(at), wanted));
    if (bits != 0) return at + <usize>ctz(bits) < end;
  }
  return false;
}
