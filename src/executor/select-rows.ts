import type { CodedTexts } from "../columnar/coded-texts.js";
import { decodeUtf8 } from "../columnar/codec.js";
import type { BytesColumn } from "../columnar/columns.js";
import type { Numbers } from "../columnar/made-columns.js";
import { NullableNumbers, NullableTexts } from "../columnar/nullable-columns.js";
import { NumberedColumn } from "../columnar/numbered-column.js";
import type { Utf8Column } from "../job/record-batch.js";
import type { AnyColumn } from "./column-codes.js";

/**
 * The same column with these rows alone, which are in ascending order. Values move to the front of the arrays that they lie in,
 * where kernels may read them; the column that is given is of no use then. Codes keep their dictionary.
 */
export function selectRows(column: AnyColumn, rows: Int32Array): AnyColumn {
  if ("codes" in column) return selectCodes(column, rows);
  if (column instanceof Float64Array || column instanceof Int32Array || column instanceof BigInt64Array) return selectNumbers(column, rows);
  if (column instanceof NumberedColumn) return new NumberedColumn(column.kind, selectNumbers(column.numbers, rows));
  if (column instanceof NullableNumbers) return new NullableNumbers(selectRows(column.present, rows) as Numbers | NumberedColumn, selectNumbers(column.nulls, rows));
  if (column instanceof NullableTexts) return new NullableTexts(selectTexts(column.texts, rows), selectNumbers(column.nulls, rows));
  if ("offsets" in column) return selectTexts(column, rows);
  return { length: rows.length, get: (row) => column.get(rows[row]!) };
}

export function selectCodes(column: CodedTexts, rows: Int32Array): CodedTexts {
  const { offsets, bytes } = column.texts;
  const codes = selectNumbers(column.codes, rows);
  return { ...column, length: rows.length, codes, get: (row) => decodeUtf8(bytes, offsets[codes[row]!]!, offsets[codes[row]! + 1]!) };
}

export function selectBytes({ offsets, bytes }: Pick<BytesColumn, "offsets" | "bytes">, rows: Int32Array): BytesColumn {
  let to = offsets[0]!;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const end = offsets[row + 1]!;
    // Texts are short as a rule: a call of `copyWithin` would cost as much as some 30 bytes.
    for (let from = offsets[row]!; from < end; ) bytes[to++] = bytes[from++]!;
    offsets[i + 1] = to;
  }
  return { kind: "bytes", offsets: offsets.subarray(0, rows.length + 1), bytes };
}

function selectTexts(column: Utf8Column, rows: Int32Array): Utf8Column {
  const { offsets, bytes } = selectBytes(column, rows);
  return { length: rows.length, offsets, bytes, get: (row) => decodeUtf8(bytes, offsets[row]!, offsets[row + 1]!) };
}

function selectNumbers<Values extends Numbers | Uint8Array>(values: Values, rows: Int32Array): Values {
  if (values instanceof Float64Array) moveDoubles(values, rows);
  else if (values instanceof Int32Array) moveInt32s(values, rows);
  else if (values instanceof BigInt64Array) moveInt64s(values, rows);
  else moveBytes(values, rows);
  return values.subarray(0, rows.length) as Values;
}

// One loop for each type: V8 makes a slow one of all.

function moveDoubles(values: Float64Array, rows: Int32Array): void {
  for (let i = 0; i < rows.length; i++) values[i] = values[rows[i]!]!;
}

function moveInt32s(values: Int32Array, rows: Int32Array): void {
  for (let i = 0; i < rows.length; i++) values[i] = values[rows[i]!]!;
}

function moveInt64s(values: BigInt64Array, rows: Int32Array): void {
  for (let i = 0; i < rows.length; i++) values[i] = values[rows[i]!]!;
}

function moveBytes(values: Uint8Array, rows: Int32Array): void {
  for (let i = 0; i < rows.length; i++) values[i] = values[rows[i]!]!;
}
