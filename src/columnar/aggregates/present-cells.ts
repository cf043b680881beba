import type { BytesColumn } from "../columns.js";
import { gatherBytes } from "../gather.js";

/** The cells of a nullable type that are not null, and their codes. */
export function presentCells(codes: Int32Array, cells: BytesColumn, rows: number): { readonly codes: Int32Array; readonly cells: BytesColumn } {
  const present = new Int32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row++) if (cells.bytes[cells.offsets[row]!] !== 0) present[count++] = row;
  if (count === rows) return { codes: codes.subarray(0, rows), cells };
  const kept = new Int32Array(count);
  for (let i = 0; i < count; i++) kept[i] = codes[present[i]!]!;
  return { codes: kept, cells: gatherBytes(cells, present, 0, count) };
}
