import { randomInt } from "node:crypto";
import type { BytesColumn } from "../columns.js";
import { gatherBytes, mustFitOffsets } from "../gather.js";
import { equalViews } from "../kernels/compare-bytes.js";
import { copyBytes } from "../kernels/copy-bytes.js";
import { hashRange, hashShort, spreadSeed } from "../kernels/hash-keys.js";
import { lastWholeRead, viewOf } from "../kernels/key-words.js";
import { partitionOrder, type PartitionOrder } from "../kernels/partition.js";
import { BLOCK, DistinctIndex, INDEX_BYTES } from "./distinct-index.js";
import { groupsUpTo } from "./grouped-words.js";
import { longer } from "./grown.js";

/** Where a cell ends, its group, and its place among those of its group. */
const KEPT_BYTES = 12;

/** Different runs of bytes of each group, in the order of their coming. The twin of DistinctWords for values of any length. */
export class DistinctCells {
  #size = 0;
  #groups = new Int32Array(256);
  #offsets = new Int32Array(257);
  #arena = new Uint8Array(4096);
  #view = viewOf(this.#arena);
  #order: PartitionOrder | undefined;
  readonly #index = new DistinctIndex();
  readonly #spread = spreadSeed(randomInt(2 ** 31));
  /** Cells may be there more than once: hardly any of the first ones was. */
  #isLoose = false;

  get bytes(): number {
    return (KEPT_BYTES + INDEX_BYTES) * this.#size + this.#offsets[this.#size]!;
  }

  /** How many different cells a group has. */
  count(group: number): number {
    this.#tighten();
    return this.#index.countOf(group);
  }

  /** Cells that will be exported: where they hardly ever repeat they are not looked up. */
  addLoosely(groups: Int32Array, cells: BytesColumn, rows: number): void {
    if (this.#isLoose) return this.#append(groups, cells, rows);
    this.add(groups, cells, rows);
    this.#isLoose = this.#index.isVain(this.#size, rows);
  }

  add(groups: Int32Array, cells: BytesColumn, rows: number): void {
    this.#tighten();
    const { offsets } = cells;
    const view = viewOf(cells.bytes);
    const safe = lastWholeRead(view);
    const { rowHashes } = this.#index;
    for (let from = 0; from < rows; from += BLOCK) {
      const to = Math.min(rows, from + BLOCK);
      this.#reserve(to - from, offsets[to]! - offsets[from]!);
      this.#index.makeRoom(this.#size);
      for (let row = from; row < to; row++) rowHashes[row - from] = hashShort(hashRange(view, safe, offsets[row]!, offsets[row + 1]!, this.#spread), groups[row]!, 0, this.#spread);
      this.#index.fetch(to - from);
      this.#addBlock(groups, cells, view, from, to);
    }
  }

  /** The cells of each of these groups, one after the other; `starts` says which is the first of each. */
  export(groups: Int32Array, rows: number): { readonly cells: BytesColumn; readonly starts: Int32Array } {
    const { order, starts } = (this.#order ??= partitionOrder(this.#groups, this.#size, groupsUpTo(this.#groups, this.#size)));
    const last = starts.length - 1;
    const first = new Int32Array(rows + 1);
    for (let row = 0; row < rows; row++) first[row + 1] = first[row]! + (groups[row]! < last ? starts[groups[row]! + 1]! - starts[groups[row]!]! : 0);
    const all = new Int32Array(first[rows]!);
    for (let row = 0; row < rows; row++) {
      for (let to = first[row]!, from = starts[groups[row]!]!; to < first[row + 1]!; ) all[to++] = order[from++]!;
    }
    return { cells: gatherBytes({ kind: "bytes", offsets: this.#offsets, bytes: this.#arena }, all, 0, all.length), starts: first };
  }

  clear(): void {
    this.#index.clear(this.#size);
    this.#size = 0;
    this.#order = undefined;
    this.#isLoose = false;
  }

  #append(groups: Int32Array, { offsets, bytes }: BytesColumn, rows: number): void {
    const size = this.#size;
    const [from, to] = [offsets[0]!, offsets[rows]!];
    this.#reserve(rows, to - from);
    this.#groups.set(groups.subarray(0, rows), size);
    const shift = this.#offsets[size]! - from;
    this.#arena.set(bytes.subarray(from, to), from + shift);
    for (let row = 1; row <= rows; row++) this.#offsets[size + row] = offsets[row]! + shift;
    this.#size = size + rows;
  }

  #addBlock(groups: Int32Array, { offsets, bytes }: BytesColumn, view: DataView, from: number, to: number): void {
    const { places, hashes, rowHashes } = this.#index;
    const [ownGroups, ownOffsets, own] = [this.#groups, this.#offsets, { bytes: this.#arena, view: this.#view }];
    const mask = places.length - 1;
    let size = this.#size;
    for (let row = from; row < to; row++) {
      const group = groups[row]!;
      const start = offsets[row]!;
      const length = offsets[row + 1]! - start;
      const hash = rowHashes[row - from]!;
      let place = hash & mask;
      let pair = places[place]! - 1;
      while (pair >= 0 && (hashes[pair] !== hash || ownGroups[pair] !== group || ownOffsets[pair + 1]! - ownOffsets[pair]! !== length || !equalViews(own.view, ownOffsets[pair]!, view, start, length))) {
        place = (place + 1) & mask;
        pair = places[place]! - 1;
      }
      if (pair >= 0) continue;
      copyBytes({ bytes, view }, start, start + length, own, ownOffsets[size]!);
      ownGroups[size] = group;
      ownOffsets[size + 1] = ownOffsets[size]! + length;
      hashes[size] = hash;
      places[place] = ++size;
      this.#index.count(group);
    }
    this.#size = size;
  }

  #reserve(rows: number, bytes: number): void {
    this.#order = undefined;
    const needed = this.#size + rows;
    if (needed > this.#groups.length) {
      const length = Math.max(needed, 2 * this.#groups.length);
      this.#groups = longer(this.#groups, length);
      this.#offsets = longer(this.#offsets, length + 1);
    }
    const end = this.#offsets[this.#size]! + bytes;
    if (end <= this.#arena.length) return;
    mustFitOffsets(end);
    this.#arena = longer(this.#arena, Math.max(end, 2 * this.#arena.length));
    this.#view = viewOf(this.#arena);
  }

  #tighten(): void {
    if (!this.#isLoose) return;
    const size = this.#size;
    const groups = this.#groups.slice(0, size);
    const cells: BytesColumn = { kind: "bytes", offsets: this.#offsets.slice(0, size + 1), bytes: this.#arena.slice(0, this.#offsets[size]) };
    this.clear();
    this.add(groups, cells, size);
  }
}
