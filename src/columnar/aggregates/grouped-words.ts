/**
 * Words of 64 bits, each of a group, in the order of their coming: what aggregates keep that need all values of a group. A word is two
 * int32, the low half first, for doubles would not keep all bit patterns. Put together by group when that is first asked for.
 */
import type { BytesColumn, Column } from "../columns.js";
import { mustFitOffsets } from "../gather.js";
import { longer } from "./grown.js";

export const WORD_BYTES = 8;
/** A word and its group, with room to spare, and the word again among those of its group. */
export const KEPT_BYTES = 28;

export class GroupedWords {
  #groups = new Int32Array(256);
  #halves = new Int32Array(512);
  #arranged: { readonly halves: Int32Array; readonly starts: Int32Array } | undefined;
  size = 0;

  /** Valid until more come. */
  get groups(): Int32Array {
    return this.#groups;
  }

  get halves(): Int32Array {
    return this.#halves;
  }

  /** Makes room for more, and forgets what was put together of those before. */
  reserve(more: number): void {
    this.#arranged = undefined;
    const needed = this.size + more;
    if (needed <= this.#groups.length) return;
    const length = Math.max(needed, 2 * this.#groups.length);
    this.#groups = longer(this.#groups, length);
    this.#halves = longer(this.#halves, 2 * length);
  }

  add(groups: Int32Array, halves: Int32Array, rows: number): void {
    this.reserve(rows);
    this.#groups.set(groups.subarray(0, rows), this.size);
    this.#halves.set(halves.subarray(0, 2 * rows), 2 * this.size);
    this.size += rows;
  }

  /** The halves of all words of a group. */
  of(group: number): Int32Array {
    const { halves, starts } = (this.#arranged ??= this.#arrange());
    const last = starts.length - 1;
    return halves.subarray(2 * starts[Math.min(group, last)]!, 2 * starts[Math.min(group + 1, last)]!);
  }

  /** The words of each of these groups, as `wordsOf` reads them. */
  export(groups: Int32Array, rows: number): BytesColumn {
    const { halves, starts } = (this.#arranged ??= this.#arrange());
    const last = starts.length - 1;
    const offsets = new Int32Array(rows + 1);
    let end = 0;
    for (let row = 0; row < rows; row++) {
      const group = groups[row]!;
      if (group < last) end += WORD_BYTES * (starts[group + 1]! - starts[group]!);
      offsets[row + 1] = end;
    }
    mustFitOffsets(end);
    const out = new Int32Array(end / 4);
    for (let row = 0, to = 0; row < rows; row++) {
      const group = groups[row]!;
      if (group >= last) continue;
      const stop = 2 * starts[group + 1]!;
      for (let from = 2 * starts[group]!; from < stop; ) out[to++] = halves[from++]!;
    }
    return { kind: "bytes", offsets, bytes: new Uint8Array(out.buffer) };
  }

  clear(): void {
    this.size = 0;
    this.#arranged = undefined;
  }

  /** A counting sort. */
  #arrange(): { halves: Int32Array; starts: Int32Array } {
    const { size } = this;
    const [groups, halves] = [this.#groups, this.#halves];
    const most = groupsUpTo(groups, size);
    const starts = new Int32Array(most + 1);
    for (let i = 0; i < size; i++) starts[groups[i]! + 1]!++;
    for (let group = 0; group < most; group++) starts[group + 1]! += starts[group]!;
    const next = starts.slice();
    const arranged = new Int32Array(2 * size);
    for (let i = 0; i < size; i++) {
      const to = 2 * next[groups[i]!]!++;
      arranged[to] = halves[2 * i]!;
      arranged[to + 1] = halves[2 * i + 1]!;
    }
    return { halves: arranged, starts };
  }
}

/** One more than the greatest number of these groups. */
export function groupsUpTo(groups: Int32Array, size: number): number {
  let most = 0;
  for (let i = 0; i < size; i++) if (groups[i]! >= most) most = groups[i]! + 1;
  return most;
}

/** Words that a state exported, with the group of each, where row i is of group codes[i]. */
export function wordsOf(codes: Int32Array, partial: Column, rows: number): { groups: Int32Array; halves: Int32Array; size: number } {
  const { offsets, bytes } = partial as BytesColumn;
  // A copy, for they may lie anywhere.
  const halves = new Int32Array(bytes.slice(offsets[0], offsets[rows]).buffer);
  return { groups: spreadGroups(codes, offsets, WORD_BYTES, rows), halves, size: halves.length / 2 };
}

/** The group of each thing of `size` bytes that rows have one after the other. */
export function spreadGroups(codes: Int32Array, offsets: Int32Array, size: number, rows: number): Int32Array {
  const first = offsets[0]!;
  const groups = new Int32Array((offsets[rows]! - first) / size);
  for (let row = 0, at = 0; row < rows; row++) {
    const end = (offsets[row + 1]! - first) / size;
    while (at < end) groups[at++] = codes[row]!;
  }
  return groups;
}
