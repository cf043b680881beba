import { endOf, startOf } from "./cell-field";
import { quotesMet } from "./cell-index";
import { BATCH, countBatch } from "./key-table";
import { unquote } from "./unquote";

/** Where the texts of a batch, BATCH of them, begin and end in turn. */
const edges: usize = memory.data(224 * 8, 16);

/**
 * Gives the texts of one column of records that indexRecords has found their codes in the table of key-table.ts. Returns how many rows
 * it did: less where a field needs a closer look (`escape`), and where the table may lack the room for the keys of a batch; for the bytes of
 * all texts of a chunk it has room. Texts with doubled quotes are put right at `scratch`, behind `base`, where as many bytes have room as the records have.
 */
export function encodeTexts(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, escape: i32, scratch: usize, codes: usize): i32 {
  const step = <usize>width << 2;
  const isLast = column == width - 1;
  // Texts fill their fields: separators are their edges.
  const isPlain = !quotesMet & (escape < 0) & !isLast;
  let field = found + (<usize>column << 2);
  for (let row = 0; row < rows; ) {
    const most = min(BATCH, rows - row);
    const count = isPlain ? most : placeEdges(base, field, most, step, isLast, quote, escape, scratch);
    const first = isPlain ? field - 4 : edges;
    if (count == 0 || !countBatch(base + <usize>isPlain, first, isPlain ? step : 8, <u32>isPlain, count, 0, codes + (<usize>row << 2), false)) return row;
    row += count;
    if (count < most) return row;
    field += <usize>most * step;
  }
  return rows;
}

/** Writes the edges of a batch, and returns how many it wrote: less where a field needs a closer look. */
function placeEdges(base: usize, field: usize, most: i32, step: usize, isLast: bool, quote: i32, escape: i32, free: usize): i32 {
  let edge = edges;
  for (let count = 0; count < most; count++, field += step, edge += 8) {
    let start = startOf(base, field);
    let end = endOf(base, field, start, isLast);
    if (<i32>load<u8>(start) == quote) {
      start++;
      end--;
      if (has(quote, start, end)) {
        const from = start;
        start = free;
        end = free = unquote(free, from, end, quote);
      }
    }
    if (escape >= 0 && has(escape, start, end)) return count;
    store<u32>(edge, <u32>(start - base));
    store<u32>(edge, <u32>(end - base), 4);
  }
  return most;
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
