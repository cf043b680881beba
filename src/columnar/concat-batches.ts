import type { BytesColumn, Column, ColumnBatch, ColumnKind } from "./columns.js";

/** One batch with the rows of all, in order. Keys and each bytes column must stay below 2 GiB. */
export function concatBatches(batches: readonly ColumnBatch[], kinds: readonly ColumnKind[]): ColumnBatch {
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  return {
    rows,
    keys: concatBytes(batches.map((batch) => ({ rows: batch.rows, column: batch.keys })), rows),
    values: kinds.map((kind, i) => concatColumn(batches, i, kind, rows)),
  };
}

/** Bytes that the rows of a batch occupy. */
export function batchBytes({ rows, keys, values }: ColumnBatch): number {
  return [keys, ...values].reduce((sum, column) => sum + (column.kind === "bytes" ? 4 * rows + column.offsets[rows]! - column.offsets[0]! : 8 * rows), 0);
}

function concatColumn(batches: readonly ColumnBatch[], index: number, kind: ColumnKind, rows: number): Column {
  switch (kind) {
    case "bytes":
      return concatBytes(batches.map((batch) => ({ rows: batch.rows, column: batch.values[index] as BytesColumn })), rows);
    case "float64":
      return { kind, values: concatNumbers(batches, index, new Float64Array(rows)) };
    case "int64":
      return { kind, values: concatNumbers(batches, index, new BigInt64Array(rows)) };
  }
}

/** Copies number columns end to end; all are of the kind of `into`. */
function concatNumbers<A extends Float64Array | BigInt64Array>(batches: readonly ColumnBatch[], index: number, into: A): A {
  let at = 0;
  for (const { rows, values } of batches) {
    const column = values[index] as { readonly values: Float64Array | BigInt64Array };
    (into as Float64Array).set(column.values.subarray(0, rows) as Float64Array, at);
    at += rows;
  }
  return into;
}

function concatBytes(pieces: readonly { rows: number; column: BytesColumn }[], rows: number): BytesColumn {
  const total = pieces.reduce((sum, { rows, column }) => sum + column.offsets[rows]! - column.offsets[0]!, 0);
  const bytes = new Uint8Array(total);
  const offsets = new Int32Array(rows + 1);
  let row = 0;
  let at = 0;
  for (const { rows, column } of pieces) {
    const first = column.offsets[0]!;
    const last = column.offsets[rows]!;
    bytes.set(column.bytes.subarray(first, last), at);
    for (let i = 0; i < rows; i++) offsets[row++] = column.offsets[i]! - first + at;
    at += last - first;
  }
  offsets[rows] = at;
  return { kind: "bytes", offsets, bytes };
}
