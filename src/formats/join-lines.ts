import type { BytesColumn } from "../columnar/columns.js";
import { copyBytes } from "../columnar/kernels/copy-bytes.js";
import { viewOf } from "../columnar/kernels/key-words.js";
import { LATE, loadText, MOST_TEXT, MOST_TEXTS, OFFSETS, RESULT, TEXT } from "../columnar/text-kernel.js";

const NEWLINE = 10;

/** Rows of a column of texts as lines, valid until text is loaded again; undefined where a row holds a newline. */
export function joinLines(column: BytesColumn, rows: number): Uint8Array | undefined {
  const { offsets, bytes } = column;
  const first = offsets[0]!;
  const content = bytes.subarray(first, offsets[rows]);
  if (content.includes(NEWLINE)) return undefined;
  const size = content.length + rows;
  const kernels = size > MOST_TEXT || rows > MOST_TEXTS ? undefined : loadText(content);
  if (kernels === undefined) return joinPlainly(column, rows);
  const { memory, call } = kernels;
  new Int32Array(memory.buffer, OFFSETS, rows + 1).set(offsets.subarray(0, rows + 1));
  call.placeRows(OFFSETS, TEXT - first, rows, LATE);
  call.joinRows(LATE, rows, 1, 0, NEWLINE, RESULT);
  return memory.subarray(RESULT, RESULT + size);
}

export function joinPlainly({ offsets, bytes }: BytesColumn, rows: number): Uint8Array {
  const lines = new Uint8Array(offsets[rows]! - offsets[0]! + rows);
  const from = { bytes, view: viewOf(bytes) };
  const to = { bytes: lines, view: viewOf(lines) };
  let at = 0;
  for (let row = 0; row < rows; row++) {
    copyBytes(from, offsets[row]!, offsets[row + 1]!, to, at);
    at += offsets[row + 1]! - offsets[row]!;
    lines[at++] = NEWLINE;
  }
  return lines;
}
