import { endOf, startOf } from "./cell-field";
import { BATCH, countBatch } from "./key-table";
import { unquote } from "./unquote";

/** Where the texts of a batch, BATCH of them, begin and end in turn. */
const edges: usize = memory.data(224 * 8, 16);

/**
 * Gives the texts of one column of records that indexCells has found their codes in the table of key-table.ts. Returns how many rows
 * it did: less where a field needs a closer look (`escape`), and where the table may lack the room for a batch. Texts with doubled quotes are
 * put right at `scratch`, behind `base`, where as many bytes have room as the records have.
 */
export function encodeTexts(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, escape: i32, scratch: usize, codes: usize): i32 {
  let field = found + (<usize>column << 2);
  for (let row = 0; row < rows; ) {
    let count = 0;
    let size: u32 = 0;
    let free = scratch;
    for (const most = min(BATCH, rows - row); count < most; count++, field += <usize>width << 2) {
      let start = startOf(base, field);
      let end = endOf(base, field, start);
      if (<i32>load<u8>(start) == quote) {
        start++;
        end--;
        if (has(quote, start, end)) {
          const from = start;
          start = free;
          end = free = unquote(free, from, end, quote);
        }
      }
      if (escape >= 0 && has(escape, start, end)) break;
      const edge = edges + (<usize>count << 3);
      store<u32>(edge, <u32>(start - base));
      store<u32>(edge, <u32>(end - base), 4);
      size += <u32>(end - start);
    }
    if (count == 0 || !countBatch(base, edges, 8, count, size, codes + (<usize>row << 2))) return row;
    row += count;
    if (count < BATCH) return row;
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
