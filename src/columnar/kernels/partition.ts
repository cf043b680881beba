/**
 * Which reduce partition each row goes to, and the order that puts the rows of each partition together.
 * Where a key goes depends on its bytes and the number of partitions alone, now and in every later release:
 * retried tasks and other machines must agree.
 */
import type { BytesColumn } from "../columns.js";
import { compareBytes } from "./compare-bytes.js";
import { hashRange, spreadSeed } from "./hash-keys.js";
import { lastWholeRead, orderedHead, orderedTail, viewOf } from "./key-words.js";

/** Key tables are seeded otherwise and number slots by the low bits, so a partition's keys still spread in them. */
const PARTITION_SEED = 0x6d696c6c;
/** What hash functions take; for the kernel's twin of the loop below, too. */
export const PARTITION_SPREAD = spreadSeed(PARTITION_SEED);

/** Spreads keys evenly over 0..partitions-1 by the high bits of their hash. About 16 ns a short key. */
export function hashPartition(keys: BytesColumn, rows: number, partitions: number, out: Int32Array): void {
  const view = viewOf(keys.bytes);
  const { offsets } = keys;
  const safe = lastWholeRead(view);
  const spread = PARTITION_SPREAD;
  const scale = partitions / 2 ** 32;
  for (let i = 0; i < rows; i++) out[i] = (hashRange(view, safe, offsets[i]!, offsets[i + 1]!, spread) >>> 0) * scale;
}

/** Below this many rows the table over first bytes costs more than it saves. */
const ROWS_WORTH_A_TABLE = 1024;
const TABLE_BITS = 12;

/**
 * Partition i holds keys below splitters[i] and not below splitters[i - 1]; the last holds the rest. Splitters
 * ascend. A table over the first 12 bits leaves few splitters to search for most keys, and the first 8 bytes
 * decide most comparisons.
 */
export function rangePartition(keys: BytesColumn, rows: number, splitters: readonly Uint8Array[], out: Int32Array): void {
  const view = viewOf(keys.bytes);
  const { offsets, bytes } = keys;
  const safe = lastWholeRead(view);
  const first = Int32Array.from(splitters, (splitter) => orderedHead(viewOf(splitter), splitter.length - 8, 0, splitter.length));
  const second = Int32Array.from(splitters, (splitter) => orderedTail(viewOf(splitter), splitter.length - 8, 0, splitter.length));
  const table = rows >= ROWS_WORTH_A_TABLE ? countBelow(first) : undefined;
  for (let i = 0; i < rows; i++) {
    const start = offsets[i]!;
    const end = offsets[i + 1]!;
    const head = orderedHead(view, safe, start, end);
    const tail = orderedTail(view, safe, start, end);
    let low = 0;
    let high = splitters.length;
    if (table !== undefined) {
      const bucket = (head ^ 0x80000000) >>> (32 - TABLE_BITS);
      low = table[bucket]!;
      high = table[bucket + 1]!;
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = first[middle]!;
      let below: boolean;
      if (head !== other) below = head < other;
      else if (tail !== second[middle]!) below = tail < second[middle]!;
      else below = compareBytes(bytes, start, end, splitters[middle]!, 0, splitters[middle]!.length) < 0;
      if (below) high = middle;
      else low = middle + 1;
    }
    out[i] = low;
  }
}

/** table[b]: how many splitters begin with bits below b. Those of bucket b are table[b]..table[b + 1]-1. */
function countBelow(heads: Int32Array): Int32Array {
  const table = new Int32Array((1 << TABLE_BITS) + 1);
  for (const head of heads) table[((head ^ 0x80000000) >>> (32 - TABLE_BITS)) + 1]!++;
  for (let bucket = 1; bucket < table.length; bucket++) table[bucket]! += table[bucket - 1]!;
  return table;
}

export interface PartitionOrder {
  /** Row numbers, partition by partition; within one, in the order they had. */
  readonly order: Int32Array;
  /** Partition p has order[starts[p]..starts[p + 1]); partitions + 1 long. */
  readonly starts: Int32Array;
}

/** A stable counting sort of rows by their codes. Throws a RangeError for a code that is not one of 0..partitions-1. */
export function partitionOrder(codes: Int32Array, rows: number, partitions: number): PartitionOrder {
  const starts = new Int32Array(partitions + 1);
  for (let i = 0; i < rows; i++) {
    const code = codes[i]!;
    if (code < 0 || code >= partitions) throw new RangeError(`Row ${i} has partition ${code}; expected 0 to ${partitions - 1}`);
    starts[code + 1]!++;
  }
  for (let p = 1; p <= partitions; p++) starts[p]! += starts[p - 1]!;
  const next = starts.slice(0, partitions);
  const order = new Int32Array(rows);
  for (let i = 0; i < rows; i++) order[next[codes[i]!]!++] = i;
  return { order, starts };
}
