/** Orders of rows: permutations that put keys in the order of their bytes. What reduces and spills are sorted by. */
import type { BytesColumn } from "../columns.js";
import { BytesSorter } from "./bytes-sorter.js";
import { equalViews } from "./compare-bytes.js";
import { viewOf } from "./key-words.js";

/** Row numbers by key; rows of equal keys in the order they had. */
export function sortKeys(keys: BytesColumn, rows: number): Int32Array {
  const order = rowNumbers(rows);
  new BytesSorter(keys, rows).sort(order, 0, rows);
  return order;
}

/** Row numbers by key, rows of equal keys by the bytes of a value, and where those are equal in the order they had. */
export function sortKeysThenValues(keys: BytesColumn, rows: number, values: BytesColumn, descending: boolean): Int32Array {
  const order = sortKeys(keys, rows);
  const sorter = new BytesSorter(values, rows);
  forEachTie(keys, order, rows, (start, end) => {
    // Reversed before and after, equal values come out in the order they had.
    if (descending) order.subarray(start, end).reverse();
    sorter.sort(order, start, end);
    if (descending) order.subarray(start, end).reverse();
  });
  return order;
}

/** Row numbers by key, rows of equal keys by a comparator of rows, and where that says 0 in the order they had. */
export function sortKeysThenBy(keys: BytesColumn, rows: number, compare: (a: number, b: number) => number): Int32Array {
  const order = sortKeys(keys, rows);
  forEachTie(keys, order, rows, (start, end) => order.subarray(start, end).sort(compare));
  return order;
}

/** Group g of equal keys is order[starts[g]..starts[g + 1]); one longer than there are groups. */
export function groupStarts(keys: BytesColumn, order: Int32Array, rows: number): Int32Array {
  const { offsets } = keys;
  const view = viewOf(keys.bytes);
  const starts = new Int32Array(rows + 1);
  let groups = 0;
  let before = 0;
  let length = -1;
  for (let i = 0; i < rows; i++) {
    const start = offsets[order[i]!]!;
    const size = offsets[order[i]! + 1]! - start;
    if (size !== length || !equalViews(view, before, view, start, size)) starts[groups++] = i;
    before = start;
    length = size;
  }
  starts[groups] = rows;
  return starts.slice(0, groups + 1);
}

function forEachTie(keys: BytesColumn, order: Int32Array, rows: number, sort: (start: number, end: number) => void): void {
  const starts = groupStarts(keys, order, rows);
  for (let group = 0; group + 1 < starts.length; group++) {
    const start = starts[group]!;
    const end = starts[group + 1]!;
    if (end - start > 1) sort(start, end);
  }
}

function rowNumbers(rows: number): Int32Array {
  const order = new Int32Array(rows);
  for (let i = 0; i < rows; i++) order[i] = i;
  return order;
}
