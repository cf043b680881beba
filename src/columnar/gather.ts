/** Compact copies of chosen rows: row i of a result is row order[start + i] of what is given. */
import type { BytesColumn, Column, ColumnBatch } from "./columns.js";
import { assertNever } from "../model/assert-never.js";
import { copyBytes } from "./kernels/copy-bytes.js";
import { viewOf } from "./kernels/key-words.js";

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
    case "float64":
      return { kind: "float64", values: gatherValues(column.values, order, start, new Float64Array(end - start)) };
    case "int64":
      return { kind: "int64", values: gatherWide(column.values, order, start, new BigInt64Array(end - start)) };
    default:
      return assertNever(column);
  }
}

const BLOCK = 16;
const CACHE_LINE = 64;

/** Offsets of the copy begin at 0. */
export function gatherBytes(column: BytesColumn, order: Int32Array, start: number, end: number): BytesColumn {
  const from = { bytes: column.bytes, view: viewOf(column.bytes) };
  const offsets = new Int32Array(end - start + 1);
  let total = 0;
  for (let i = start; i < end; i++) {
    const row = order[i]!;
    total += column.offsets[row + 1]! - column.offsets[row]!;
    offsets[i - start + 1] = total;
  }
  mustFitOffsets(total);
  const bytes = new Uint8Array(total);
  const to = { bytes, view: viewOf(bytes) };
  for (let block = start; block < end; block += BLOCK) {
    const blockEnd = Math.min(end, block + BLOCK);
    fetch(column, order, block, blockEnd);
    for (let i = block; i < blockEnd; i++) {
      const row = order[i]!;
      copyBytes(from, column.offsets[row]!, column.offsets[row + 1]!, to, offsets[i - start]!);
    }
  }
  return { kind: "bytes", offsets, bytes };
}

/**
 * Reads a little of each of some rows, so that all their cache misses are under way together; copying alone
 * waits for one row after another. Halves the time of a random order. The result only keeps the reads alive.
 */
function fetch({ offsets, bytes }: BytesColumn, order: Int32Array, start: number, end: number): number {
  const last = bytes.length - 1;
  if (last < 0) return 0;
  let read = 0;
  for (let i = start; i < end; i++) {
    const at = offsets[order[i]!]!;
    read ^= bytes[Math.min(at, last)]! ^ bytes[Math.min(at + CACHE_LINE, last)]!;
  }
  return read;
}

/** Offsets are int32. */
export function mustFitOffsets(bytes: number): void {
  if (bytes > 0x7fffffff) throw new RangeError(`A column holds at most 2 GiB of bytes, not ${bytes}; gather fewer rows at a time`);
}

function gatherValues(values: Float64Array, order: Int32Array, start: number, out: Float64Array): Float64Array {
  for (let i = 0; i < out.length; i++) out[i] = values[order[start + i]!]!;
  return out;
}

function gatherWide(values: BigInt64Array, order: Int32Array, start: number, out: BigInt64Array): BigInt64Array {
  for (let i = 0; i < out.length; i++) out[i] = values[order[start + i]!]!;
  return out;
}
