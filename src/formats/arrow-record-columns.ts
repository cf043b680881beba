/** A run of rows as columns for `mapBatch`: typed arrays and UTF-8 as the file holds them where possible. */
import { ByteSink } from "../columnar/byte-sink.js";
import { decodeUtf8 } from "../columnar/codec.js";
import type { Utf8Column, ValueColumn } from "../job/record-batch.js";
import type { Values } from "./arrow-values.js";

export type FlatColumn = Float64Array | Int32Array | BigInt64Array | Utf8Column | ValueColumn<unknown>;

/** `get` is that of `values`, with errors that name the record. `nullable` columns have one form, whether or not nulls are there. */
export function flatColumn(values: Values, nullable: boolean, get: (row: number) => unknown, from: number, to: number): FlatColumn {
  const length = to - from;
  if (nullable || values.flat === undefined) return { length, get: (i) => get(from + i) };
  if (values.stored !== undefined) return values.stored.subarray(from, to);
  switch (values.flat) {
    case "float64":
      return Float64Array.from({ length }, (_, i) => get(from + i) as number);
    case "int64":
      return BigInt64Array.from({ length }, (_, i) => get(from + i) as bigint);
    case "utf8":
      return utf8Column(values, get, from, to);
  }
}

function utf8Column(values: Values, get: (row: number) => unknown, from: number, to: number): Utf8Column {
  const length = to - from;
  if (values.text !== undefined) {
    const { offsets, bytes } = values.text;
    return { length, offsets: offsets.subarray(from, to + 1), bytes, get: (i) => get(from + i) as string };
  }
  const sink = new ByteSink();
  const offsets = new Int32Array(length + 1);
  for (let i = 0; i < length; i++) {
    sink.utf8(get(from + i) as string);
    offsets[i + 1] = sink.length;
  }
  const bytes = sink.view();
  return { length, offsets, bytes, get: (i) => decodeUtf8(bytes, offsets[i]!, offsets[i + 1]!) };
}
