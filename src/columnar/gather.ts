import type { BytesColumn, Column, ColumnBatch } from "./columns.js";

/** Values shorter than this are copied by a loop, which costs less than a call of `set`. */
const SHORT = 24;

/** A compact copy of rows order[start..end), in that order. */
export function gatherBatch(batch: ColumnBatch, order: Int32Array, start: number, end: number): ColumnBatch {
  return {
    rows: end - start,
    keys: gatherBytes(batch.keys, order, start, end),
    values: batch.values.map((column) => gatherColumn(column, order, start, end)),
  };
}

export function gatherColumn(column: Column, order: Int32Array, start: number, end: number): Column {
  switch (column.kind) {
    case "bytes":
      return gatherBytes(column, order, start, end);
    case "float64": {
      const values = new Float64Array(end - start);
      for (let i = start; i < end; i++) values[i - start] = column.values[order[i]!]!;
      return { kind: "float64", values };
    }
    case "int64": {
      const values = new BigInt64Array(end - start);
      for (let i = start; i < end; i++) values[i - start] = column.values[order[i]!]!;
      return { kind: "int64", values };
    }
  }
}

export function gatherBytes(column: BytesColumn, order: Int32Array, start: number, end: number): BytesColumn {
  const { offsets: from, bytes: source } = column;
  const offsets = new Int32Array(end - start + 1);
  let total = 0;
  for (let i = start; i < end; i++) {
    const row = order[i]!;
    total += from[row + 1]! - from[row]!;
    offsets[i - start + 1] = total;
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (let i = start; i < end; i++) {
    const row = order[i]!;
    const first = from[row]!;
    const last = from[row + 1]!;
    if (last - first < SHORT) for (let b = first; b < last; b++) bytes[at++] = source[b]!;
    else {
      bytes.set(source.subarray(first, last), at);
      at += last - first;
    }
  }
  return { kind: "bytes", offsets, bytes };
}
