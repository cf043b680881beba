import type { TypeSpec } from "../../model/type-spec.js";
import { ByteSink } from "../byte-sink.js";
import { encoderFor } from "../codec.js";
import type { BytesColumn, Column } from "../columns.js";
import { cellReader } from "../value-reader.js";

/** A column as encoded bytes, whatever its kind. */
export function encodedCells(type: TypeSpec, column: Column, rows: number): BytesColumn {
  if (column.kind === "bytes") return column;
  const read = cellReader(type);
  const encode = encoderFor(type);
  const sink = new ByteSink(9 * rows);
  const offsets = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    encode(read(column, row), sink);
    offsets[row + 1] = sink.length;
  }
  return { kind: "bytes", offsets, bytes: sink.bytes };
}
