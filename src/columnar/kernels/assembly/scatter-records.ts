import { copyShort } from "./copy-short";

/** Copies bytes [from, from + size) of each of `rows` records, `record` bytes apart, end to end to `out`, which needs 16 bytes of slack. */
export function copyKeys(records: usize, rows: i32, record: usize, from: usize, size: usize, out: usize): void {
  let at = records + from;
  for (let row = 0; row < rows; row++) {
    copyShort(out, at, size);
    out += size;
    at += record;
  }
}

/**
 * Appends records to the buffer of their partition, beginning with record `row`; stops behind one that
 * fills its buffer and returns its number, or `rows` at the end. Buffer p lies at buffers + p * stride: room for
 * `capacity` records and 16 bytes of slack; fills[p] (i32) says how many it holds.
 */
export function scatterRecords(
  records: usize, codes: usize, row: i32, rows: i32, record: usize,
  buffers: usize, stride: usize, capacity: i32, fills: usize,
): i32 {
  for (; row < rows; row++) {
    const code = <usize>load<u32>(codes + (<usize>row << 2));
    const buffer = buffers + code * stride;
    const fill = load<i32>(fills + (code << 2));
    copyShort(buffer + <usize>fill * record, records + <usize>row * record, record);
    store<i32>(fills + (code << 2), fill + 1);
    if (fill + 1 == capacity) return row;
  }
  return rows;
}
