import type { RecordColumns, Utf8Column, ValueColumn } from "../job/record-batch.js";
import type { FieldSpec, TypeSpec } from "../model/type-spec.js";
import { ByteSink } from "../columnar/byte-sink.js";
import { decodeUtf8, defineMember } from "../columnar/codec.js";

type Row = Readonly<Record<string, unknown>>;
type AnyColumn = Utf8Column | ValueColumn<unknown> | Float64Array | Int32Array | BigInt64Array;

/** Turns records that match `fields` into columns: numbers into typed arrays, strings into UTF-8, all else as it is. */
export function columnsOfRows(fields: readonly FieldSpec[], rows: readonly Row[]): RecordColumns<Record<string, unknown>> {
  const columns: Record<string, AnyColumn> = {};
  for (const { name, type } of fields) defineMember(columns, name, columnOf(type, rows, name));
  return { length: rows.length, columns: columns as RecordColumns<Record<string, unknown>>["columns"] };
}

function columnOf(type: TypeSpec, rows: readonly Row[], name: string): AnyColumn {
  const values: ValueColumn<unknown> = { length: rows.length, get: (index) => rows[index]?.[name] };
  if (type.nullable) return values;
  switch (type.kind) {
    case "utf8":
      return utf8Column(rows, name);
    case "float64":
      return Float64Array.from(rows, (row) => row[name] as number);
    case "int32":
      return Int32Array.from(rows, (row) => row[name] as number);
    case "int64":
      if (type.as === "number") return Float64Array.from(rows, (row) => row[name] as number);
      return BigInt64Array.from(rows, (row) => row[name] as bigint);
    default:
      return values;
  }
}

function utf8Column(rows: readonly Row[], name: string): Utf8Column {
  const sink = new ByteSink();
  const offsets = new Int32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) {
    sink.utf8(row[name] as string);
    offsets[i + 1] = sink.length;
  }
  const bytes = sink.view();
  return { length: rows.length, offsets, bytes, get: (index) => decodeUtf8(bytes, offsets[index]!, offsets[index + 1]!) };
}
