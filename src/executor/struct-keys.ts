/** Keys of several columns, encoded member by member as codec.ts encodes a struct, without an object for each row. */
import { ByteSink } from "../columnar/byte-sink.js";
import { memberEncoderFor } from "../columnar/codec.js";
import type { CodedTexts } from "../columnar/coded-texts.js";
import type { BytesColumn } from "../columnar/columns.js";
import type { Utf8Column } from "../job/record-batch.js";
import type { FieldSpec, TypeSpec } from "../model/type-spec.js";
import { wellFormed } from "../shuffle/coded-keys.js";
import { valueReader, type AnyColumn } from "./column-codes.js";

type WriteRow = (row: number) => void;

/** Gives the keys of `rows` rows of a chunk from its columns, in the order of `fields`. Valid until the next call. */
export function structKeys(fields: readonly FieldSpec[]): (columns: readonly AnyColumn[], rows: number) => BytesColumn {
  const sink = new ByteSink();
  const members = fields.map(({ type }) => memberWriter(type, sink));
  return (columns, rows) => {
    sink.clear();
    const writers = members.map((open, i) => open(columns[i]!, rows));
    const offsets = new Int32Array(rows + 1);
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < writers.length; i++) writers[i]!(row);
      offsets[row + 1] = sink.length;
    }
    return { kind: "bytes", offsets, bytes: sink.bytes };
  };
}

function memberWriter(type: TypeSpec, sink: ByteSink): (column: AnyColumn, rows: number) => WriteRow {
  if (type.kind === "utf8" && !type.nullable) return (column, rows) => textWriter(column as CodedTexts | Utf8Column, rows, sink);
  const encode = memberEncoderFor(type);
  return (column) => {
    const read = valueReader(column);
    return (row) => encode(read(row), sink);
  };
}

function textWriter(column: CodedTexts | Utf8Column, rows: number, sink: ByteSink): WriteRow {
  if ("codes" in column) {
    const { codes, texts, size } = column;
    const { offsets, bytes } = wellFormed(texts, size);
    return (row) => writeText(bytes, offsets[codes[row]!]!, offsets[codes[row]! + 1]!, sink);
  }
  const { offsets, bytes } = wellFormed({ kind: "bytes", offsets: column.offsets, bytes: column.bytes }, rows);
  return (row) => writeText(bytes, offsets[row]!, offsets[row + 1]!, sink);
}

/** A NUL becomes 00 FF, and 00 01 ends the text. */
function writeText(from: Uint8Array, start: number, end: number, sink: ByteSink): void {
  sink.reserve(2 * (end - start) + 2);
  const { bytes } = sink;
  let to = sink.length;
  for (let at = start; at < end; at++) {
    const byte = from[at]!;
    bytes[to++] = byte;
    if (byte === 0) bytes[to++] = 0xff;
  }
  bytes[to++] = 0;
  bytes[to++] = 1;
  sink.length = to;
}
