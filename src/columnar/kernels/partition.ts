import type { BytesColumn } from "../columns.js";
import { compareBytes } from "./compare-bytes.js";
import { hashKeys } from "./hash-keys.js";

/** Fixed for ever: the partition of a key is part of what a job's output looks like. */
const PARTITION_SEED = 0x3c6ef372;

/** Writes the partition of each key: its hash, scaled to 0..partitions-1. */
export function hashPartition(keys: BytesColumn, rows: number, partitions: number, out: Int32Array): void {
  hashKeys(keys, rows, PARTITION_SEED, out);
  for (let row = 0; row < rows; row++) out[row] = Math.floor(((out[row]! >>> 0) * partitions) / 4294967296);
}

/** Writes the number of bounds that do not exceed each key; bounds ascend, so partition i ends before splitters[i]. */
export function rangePartition(keys: BytesColumn, rows: number, splitters: readonly Uint8Array[], out: Int32Array): void {
  const { offsets, bytes } = keys;
  for (let row = 0; row < rows; row++) {
    let low = 0;
    let high = splitters.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const bound = splitters[middle]!;
      if (compareBytes(bytes, offsets[row]!, offsets[row + 1]!, bound, 0, bound.length) >= 0) low = middle + 1;
      else high = middle;
    }
    out[row] = low;
  }
}

export interface PartitionOrder {
  /** Rows, partition by partition; those of one partition in their old order. */
  readonly order: Int32Array;
  /** Where each partition begins in `order`; partitions + 1 long. */
  readonly starts: Int32Array;
}

export function partitionOrder(codes: Int32Array, rows: number, partitions: number): PartitionOrder {
  const starts = new Int32Array(partitions + 1);
  for (let row = 0; row < rows; row++) starts[codes[row]! + 1]!++;
  for (let partition = 0; partition < partitions; partition++) starts[partition + 1]! += starts[partition]!;
  const next = starts.slice();
  const order = new Int32Array(rows);
  for (let row = 0; row < rows; row++) order[next[codes[row]!]!++] = row;
  return { order, starts };
}
