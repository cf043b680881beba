/**
 * Stable sorting of keys by their bytes: least-significant-digit radix sort on eight bytes at a time, then the
 * same again, eight bytes deeper, within each run of keys that still tie. Linear in the bytes that tell keys
 * apart, also when keys are skewed or all equal.
 */
import type { BytesColumn } from "../columns.js";
import { compareBytes } from "./compare-bytes.js";

/** Runs up to this length are sorted by insertion. */
const SHORT = 24;

/** Rows in the order of their keys; rows with equal keys keep their order. */
export function sortKeys(keys: BytesColumn, rows: number): Int32Array {
  const sorter = new PrefixSorter(keys, rows);
  sorter.sort();
  return sorter.order;
}

/** The same, with rows of equal keys ordered by `compare`. */
export function sortKeysThenBy(keys: BytesColumn, rows: number, compare: (left: number, right: number) => number): Int32Array {
  const order = sortKeys(keys, rows);
  for (let start = 0; start < rows; ) {
    let end = start + 1;
    while (end < rows && compareRows(keys, order[start]!, order[end]!, 0) === 0) end++;
    if (end - start > 1) order.set(Array.from(order.subarray(start, end)).sort(compare), start);
    start = end;
  }
  return order;
}

function compareRows({ offsets, bytes }: BytesColumn, left: number, right: number, depth: number): number {
  return compareBytes(bytes, offsets[left]! + depth, offsets[left + 1]!, bytes, offsets[right]! + depth, offsets[right + 1]!);
}

class PrefixSorter {
  order: Int32Array;
  readonly #keys: BytesColumn;
  #spare: Int32Array;
  /** The eight bytes at the current depth, big-endian, padded with zeros; by place in `order`. */
  #high: Uint32Array;
  #low: Uint32Array;
  #spareHigh: Uint32Array;
  #spareLow: Uint32Array;
  readonly #counts = new Int32Array(8 * 256);
  /** Runs still to be sorted: start, end, depth. */
  readonly #pending: number[] = [];

  constructor(keys: BytesColumn, rows: number) {
    this.#keys = keys;
    this.order = Int32Array.from({ length: rows }, (_, row) => row);
    this.#spare = new Int32Array(rows);
    this.#high = new Uint32Array(rows);
    this.#low = new Uint32Array(rows);
    this.#spareHigh = new Uint32Array(rows);
    this.#spareLow = new Uint32Array(rows);
  }

  sort(): void {
    this.#pending.push(0, this.order.length, 0);
    while (this.#pending.length > 0) {
      const depth = this.#pending.pop()!;
      const end = this.#pending.pop()!;
      const start = this.#pending.pop()!;
      if (end - start <= SHORT) this.#insertionSort(start, end, depth);
      else this.#radixSort(start, end, depth);
    }
  }

  #insertionSort(start: number, end: number, depth: number): void {
    const { order } = this;
    for (let i = start + 1; i < end; i++) {
      const row = order[i]!;
      let at = i;
      while (at > start && compareRows(this.#keys, order[at - 1]!, row, depth) > 0) order[at] = order[--at]!;
      order[at] = row;
    }
  }

  #radixSort(start: number, end: number, depth: number): void {
    this.#loadPrefixes(start, end, depth);
    for (let digit = 0; digit < 8; digit++) this.#pass(start, end, digit);
    for (let from = start; from < end; ) {
      let to = from + 1;
      while (to < end && this.#high[to] === this.#high[from] && this.#low[to] === this.#low[from]) to++;
      if (to - from > 1) this.#breakTies(from, to, depth);
      from = to;
    }
  }

  #loadPrefixes(start: number, end: number, depth: number): void {
    const { offsets, bytes } = this.#keys;
    const counts = this.#counts.fill(0);
    for (let i = start; i < end; i++) {
      const row = this.order[i]!;
      const from = offsets[row]! + depth;
      const length = Math.min(8, offsets[row + 1]! - from);
      let high = 0;
      let low = 0;
      for (let b = 0; b < length; b++) {
        if (b < 4) high |= bytes[from + b]! << (24 - 8 * b);
        else low |= bytes[from + b]! << (56 - 8 * b);
      }
      this.#high[i] = high;
      this.#low[i] = low;
      for (let b = 0; b < 4; b++) {
        counts[b * 256 + ((low >>> (8 * b)) & 255)]!++;
        counts[(b + 4) * 256 + ((high >>> (8 * b)) & 255)]!++;
      }
    }
  }

  /** One stable counting pass by digit 0 (lowest byte) to 7; a digit that all keys share needs none. */
  #pass(start: number, end: number, digit: number): void {
    const shift = 8 * (digit & 3);
    const digits = digit < 4 ? this.#low : this.#high;
    const counts = this.#counts.subarray(digit * 256, digit * 256 + 256);
    if (counts[(digits[start]! >>> shift) & 255] === end - start) return;
    for (let value = 0, at = start; value < 256; value++) {
      const count = counts[value]!;
      counts[value] = at;
      at += count;
    }
    const { order } = this;
    const high = this.#high;
    const low = this.#low;
    const spare = this.#spare;
    const spareHigh = this.#spareHigh;
    const spareLow = this.#spareLow;
    for (let i = start; i < end; i++) {
      const to = counts[(digits[i]! >>> shift) & 255]!++;
      spare[to] = order[i]!;
      spareHigh[to] = high[i]!;
      spareLow[to] = low[i]!;
    }
    if (start === 0 && end === order.length) {
      this.order = spare;
      this.#spare = order;
      this.#high = spareHigh;
      this.#spareHigh = high;
      this.#low = spareLow;
      this.#spareLow = low;
      return;
    }
    order.set(spare.subarray(start, end), start);
    high.set(spareHigh.subarray(start, end), start);
    low.set(spareLow.subarray(start, end), start);
  }

  /** Equal prefixes: keys that end within them come first, the shorter before the longer; the others go on. */
  #breakTies(start: number, end: number, depth: number): void {
    const { offsets } = this.#keys;
    const { order } = this;
    const rest = (row: number): number => Math.min(9, offsets[row + 1]! - offsets[row]! - depth);
    const counts = new Int32Array(10);
    for (let i = start; i < end; i++) counts[rest(order[i]!)]!++;
    const going = counts[9]!;
    if (counts[rest(order[start]!)] !== end - start) {
      for (let length = 0, at = start; length < 10; length++) {
        const count = counts[length]!;
        counts[length] = at;
        at += count;
      }
      for (let i = start; i < end; i++) this.#spare[counts[rest(order[i]!)]!++] = order[i]!;
      order.set(this.#spare.subarray(start, end), start);
    }
    if (going > 1) this.#pending.push(end - going, end, depth + 8);
  }
}
