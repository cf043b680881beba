/** Orders of rows: permutations that put keys in the order of their bytes. What reduces and spills are sorted by. */
import type { BytesColumn } from "../columns.js";
import { BytesSorter } from "./bytes-sorter.js";
import { equalViews } from "./compare-bytes.js";
import { groupKeys } from "./group-keys.js";
import type { KeyGroups } from "./group-keys.js";
import { viewOf } from "./key-words.js";

/** Row numbers by key; rows of equal keys in the order they had. */
export function sortKeys(keys: BytesColumn, rows: number): Int32Array {
  return groupKeys(keys, rows).order;
}

/** Row numbers by key, rows of equal keys by the bytes of a value, and where those are equal in the order they had. */
export function sortKeysThenValues(keys: BytesColumn, rows: number, values: BytesColumn, descending: boolean): Int32Array {
  const groups = groupKeys(keys, rows);
  sortValuesInGroups(groups, rows, values, descending);
  return groups.order;
}

/** Row numbers by key, rows of equal keys by a comparator of rows, and where that says 0 in the order they had. */
export function sortKeysThenBy(keys: BytesColumn, rows: number, compare: (a: number, b: number) => number): Int32Array {
  const groups = groupKeys(keys, rows);
  sortGroupsBy(groups, compare);
  return groups.order;
}

/** Puts the rows of each group in the order of their values' bytes, equal values as they were. */
function sortValuesInGroups(groups: KeyGroups, rows: number, values: BytesColumn, descending: boolean): void {
  const { order } = groups;
  const sorter = new BytesSorter(values, rows);
  forEachTie(groups, (start, end) => {
    // Reversed before and after, equal values come out in the order they had.
    if (descending) order.subarray(start, end).reverse();
    sorter.sort(order, start, end);
    if (descending) order.subarray(start, end).reverse();
  });
}

/** Puts the rows of each group in the order that a comparator of rows says, ties as they were. */
function sortGroupsBy(groups: KeyGroups, compare: (a: number, b: number) => number): void {
  forEachTie(groups, (start, end) => groups.order.subarray(start, end).sort(compare));
}

function forEachTie({ starts }: KeyGroups, sort: (start: number, end: number) => void): void {
  for (let group = 0; group + 1 < starts.length; group++) {
    const start = starts[group]!;
    const end = starts[group + 1]!;
    if (end - start > 1) sort(start, end);
  }
}

/**
 * Where keys begin in an order that has equal keys side by side: group g is order[starts[g]..starts[g + 1]), so
 * there is one start more than groups. `groupKeys` has the same for less, without looking at the keys again.
 */
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
