/**
 * Sorts rows by the bytes of one column, stably, with time linear in the bytes that tell rows apart (plus
 * shared prefixes), however skewed: rows that tie on some bytes are sorted on by the next, and equal rows
 * end as soon as their length is met.
 *
 * Bytes are taken seven at a time: a head of four, then a tail of three with, in its low byte, how many of
 * those seven and one more are there. So a tail tells "a" from "a\0", and rows that tie on head and tail
 * are equal unless their tails say that both go on.
 *
 * Ranges still to sort wait on a stack of our own: keys may share a megabyte.
 */
import type { BytesColumn } from "../columns.js";
import { compareViews, equalViews } from "./compare-bytes.js";
import { lastWholeRead, orderedHead, orderedTail, viewOf } from "./key-words.js";
import { RadixSort } from "./radix-sort.js";

const STEP = 7;
/** In a tail: the row has more bytes than head and tail hold. */
const GOES_ON = STEP + 1;
/** Ties of so few rows are compared whole. */
const FEW_ROWS = 8;

export class BytesSorter {
  /** By position in a sorted order: 1 where the row's bytes are not those of the row ahead of it, or a sort began. */
  readonly begins: Uint8Array;
  readonly #offsets: Int32Array;
  readonly #view: DataView;
  readonly #radix = new RadixSort();
  /** Tails by row, taken together with the heads while the key's bytes are at hand. */
  readonly #tails: Int32Array;
  #words = new Int32Array(0);
  /** Ranges to sort: from, to, bytes known to be equal, whether heads are known to be. */
  readonly #pending: number[] = [];

  constructor(column: BytesColumn, rows: number) {
    this.#offsets = column.offsets;
    this.#view = viewOf(column.bytes);
    this.#tails = new Int32Array(rows);
    this.begins = new Uint8Array(rows);
  }

  /** Sorts the rows order[from..to) in place. */
  sort(order: Int32Array, from: number, to: number): void {
    const pending = this.#pending;
    this.begins.fill(0, from, to);
    this.begins[from] = 1;
    this.#tie(order, from, to, 0, 0);
    while (pending.length > 0) {
      const headsTie = pending.pop()! === 1;
      const depth = pending.pop()!;
      const end = pending.pop()!;
      const start = pending.pop()!;
      if (headsTie) this.#sortTails(order, start, end, depth);
      else this.#sortHeads(order, start, end, depth);
    }
  }

  #sortHeads(order: Int32Array, from: number, to: number, depth: number): void {
    const words = this.#wordsFor(to - from);
    const offsets = this.#offsets;
    const view = this.#view;
    const safe = lastWholeRead(view);
    const tails = this.#tails;
    for (let i = from; i < to; i++) {
      const row = order[i]!;
      const start = offsets[row]! + depth;
      const end = offsets[row + 1]!;
      words[i - from] = orderedHead(view, safe, start, end);
      const left = end - start;
      tails[row] = (orderedTail(view, safe, start, end) & ~255) | (left > STEP ? GOES_ON : left);
    }
    this.#radix.sort(words, order, from, to - from);
    for (let start = from; start < to; ) {
      const word = words[start - from]!;
      let end = start + 1;
      while (end < to && words[end - from] === word) end++;
      this.begins[start] = 1;
      this.#tie(order, start, end, depth, 1);
      start = end;
    }
  }

  #sortTails(order: Int32Array, from: number, to: number, depth: number): void {
    const words = this.#wordsFor(to - from);
    const tails = this.#tails;
    for (let i = from; i < to; i++) words[i - from] = tails[order[i]!]!;
    this.#radix.sort(words, order, from, to - from);
    for (let start = from; start < to; ) {
      const word = words[start - from]!;
      let end = start + 1;
      while (end < to && words[end - from] === word) end++;
      this.begins[start] = 1;
      if ((word & 255) === GOES_ON) {
        // A whole range that ties is likely to share more: walk over that once, not seven bytes at a time.
        const shared = end - start === to - from ? this.#sharedBytes(order, start, end, depth + STEP) : depth + STEP;
        this.#tie(order, start, end, shared, 0);
      }
      start = end;
    }
  }

  /** Sorts a range whose rows share `depth` bytes (and the head behind them), now if that is cheap. */
  #tie(order: Int32Array, from: number, to: number, depth: number, headsTie: 0 | 1): void {
    if (to - from > FEW_ROWS) this.#pending.push(from, to, depth, headsTie);
    else if (to - from > 1) this.#insertionSort(order, from, to, depth);
  }

  #insertionSort(order: Int32Array, from: number, to: number, depth: number): void {
    const offsets = this.#offsets;
    const view = this.#view;
    for (let i = from + 1; i < to; i++) {
      const row = order[i]!;
      const start = offsets[row]! + depth;
      const end = offsets[row + 1]!;
      let at = i;
      for (; at > from; at--) {
        const other = order[at - 1]!;
        if (compareViews(view, offsets[other]! + depth, offsets[other + 1]!, view, start, end) <= 0) break;
        order[at] = other;
      }
      order[at] = row;
    }
    for (let i = from + 1; i < to; i++) {
      const before = order[i - 1]!;
      const row = order[i]!;
      const size = offsets[row + 1]! - offsets[row]!;
      const same = offsets[before + 1]! - offsets[before]! === size && equalViews(view, offsets[before]!, view, offsets[row]!, size);
      this.begins[i] = same ? 0 : 1;
    }
  }

  /** How many first bytes all rows of a range share, where they are known to share `depth`. */
  #sharedBytes(order: Int32Array, from: number, to: number, depth: number): number {
    const offsets = this.#offsets;
    const view = this.#view;
    const first = offsets[order[from]!]!;
    let shared = offsets[order[from]! + 1]! - first;
    for (let i = from + 1; i < to && shared > depth; i++) {
      const start = offsets[order[i]!]!;
      shared = Math.min(shared, offsets[order[i]! + 1]! - start);
      let at = depth;
      while (at + 4 <= shared && view.getInt32(first + at) === view.getInt32(start + at)) at += 4;
      while (at < shared && view.getUint8(first + at) === view.getUint8(start + at)) at++;
      shared = at;
    }
    return shared;
  }

  #wordsFor(count: number): Int32Array {
    if (this.#words.length < count) this.#words = new Int32Array(count);
    return this.#words;
  }
}
