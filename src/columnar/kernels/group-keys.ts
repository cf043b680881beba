/**
 * Rows in the order of their keys, together with where each key begins: what a reduce walks over. Few keys
 * that come often are numbered by a key table and only they are sorted; otherwise the rows are.
 */
import type { BytesColumn } from "../columns.js";
import { KeyTable } from "../key-table.js";
import { BytesSorter } from "./bytes-sorter.js";
import { partitionOrder } from "./partition.js";

export interface KeyGroups {
  /** Row numbers by key; rows of equal keys in the order they had. */
  readonly order: Int32Array;
  /** Group g of equal keys is order[starts[g]..starts[g + 1]); one longer than there are groups. */
  readonly starts: Int32Array;
}

export function groupKeys(keys: BytesColumn, rows: number): KeyGroups {
  return groupByTable(keys, rows) ?? groupBySort(keys, rows);
}

/** Rows looked at before a table is given up. */
const SAMPLE = 4096;
/** Keys per row above which sorting the rows costs less: in the sample, and in all rows. */
const MANY_IN_SAMPLE = 0.6;
const MANY = 0.25;

function groupByTable(keys: BytesColumn, rows: number): KeyGroups | undefined {
  if (rows < 2 * SAMPLE) return undefined;
  // The seed must not be known to whoever made the data; the result does not depend on it.
  const table = new KeyTable(Math.floor(Math.random() * 2 ** 32));
  const codes = new Int32Array(rows);
  for (let from = 0; from < rows; from += SAMPLE) {
    const to = Math.min(rows, from + SAMPLE);
    const part: BytesColumn = { kind: "bytes", offsets: keys.offsets.subarray(from, to + 1), bytes: keys.bytes };
    table.encode(part, to - from, codes.subarray(from, to));
    if (table.size > Math.max(SAMPLE * MANY_IN_SAMPLE, rows * MANY)) return undefined;
    if (from === 0 && table.size > SAMPLE * MANY_IN_SAMPLE) return undefined;
  }
  const groups = table.size;
  const order = allRows(groups);
  new BytesSorter(table.keys(), groups).sort(order, 0, groups);
  const ranks = new Int32Array(groups);
  for (let rank = 0; rank < groups; rank++) ranks[order[rank]!] = rank;
  for (let row = 0; row < rows; row++) codes[row] = ranks[codes[row]!]!;
  return partitionOrder(codes, rows, groups);
}

function groupBySort(keys: BytesColumn, rows: number): KeyGroups {
  const order = allRows(rows);
  const sorter = new BytesSorter(keys, rows);
  sorter.sort(order, 0, rows);
  const { begins } = sorter;
  const starts = new Int32Array(rows + 1);
  let groups = 0;
  for (let i = 0; i < rows; i++) {
    starts[groups] = i;
    groups += begins[i]!;
  }
  starts[groups] = rows;
  return { order, starts: starts.slice(0, groups + 1) };
}

function allRows(rows: number): Int32Array {
  const order = new Int32Array(rows);
  for (let i = 0; i < rows; i++) order[i] = i;
  return order;
}
