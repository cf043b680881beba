/**
 * Texts of a column of UTF-8, for those who read most of them: all rows become one string when the first is asked for, and each text is a
 * substring of it, which V8 makes without copying (so a text that is kept keeps the others alive). Its plain twin is `decodeUtf8`.
 */
import { isAscii } from "node:buffer";
import { decodeUtf8 } from "./codec.js";
import type { BytesColumn } from "./columns.js";
import { loadText, MOST_TEXT, OFFSETS, TEXT } from "./text-kernel.js";
import { loadedText } from "./utf8-text.js";

export function columnTexts(column: BytesColumn, rows: number): (row: number) => string {
  let read: ((row: number) => string) | undefined;
  return (row) => (read ??= asOne(column, rows) ?? (({ bytes, offsets }) => (row) => decodeUtf8(bytes, offsets[row]!, offsets[row + 1]!))(column))(row);
}

/** Undefined where there are no kernels, too much text, or some that is not valid. */
function asOne({ bytes, offsets }: BytesColumn, rows: number): ((row: number) => string) | undefined {
  const start = offsets[0]!;
  const content = bytes.subarray(start, offsets[rows]);
  if (content.length > MOST_TEXT) return undefined;
  if (isAscii(content)) {
    const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString("latin1");
    return (row) => text.substring(offsets[row]! - start, offsets[row + 1]! - start);
  }
  const kernels = rows > MOST_TEXT ? undefined : loadText(content);
  if (kernels === undefined) return undefined;
  const places = new Int32Array(kernels.memory.buffer, OFFSETS, rows + 1);
  for (let row = 0; row <= rows; row++) {
    const place = (places[row] = offsets[row]! - start);
    // Halves of a character, each in a row of its own, would be valid together.
    if (place < content.length && (content[place]! & 0xc0) === 0x80) return undefined;
  }
  kernels.call.countUnits(TEXT, OFFSETS, rows);
  const units = places.slice();
  const text = loadedText(kernels, content);
  return text === undefined ? undefined : (row) => text.substring(units[row]!, units[row + 1]!);
}
