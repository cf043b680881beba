/**
 * Different words of 64 bits of each group: pairs in the order of their coming, and an index of 4 bytes a place over them, by open addressing
 * with linear probing. A place holds the pair's number + 1, and 0 where none is. Nobody who makes the data knows the seed; no result depends on it.
 */
import { randomInt } from "node:crypto";
import { hashWords, spreadSeed } from "../kernels/hash-keys.js";
import { GroupedWords, KEPT_BYTES } from "./grouped-words.js";

/** Rows whose places are fetched together: so many reads are under way at a time. */
const BLOCK = 256;
/** Two to four places in the index. */
const PAIR_BYTES = KEPT_BYTES + 12;
const FEWEST_PLACES = 1024;
/** Places for each pair. */
const SPARSE = 16;

export class DistinctWords {
  readonly words = new GroupedWords();
  readonly #spread = spreadSeed(randomInt(2 ** 31));
  #index = new Int32Array(FEWEST_PLACES);
  readonly #hashes = new Int32Array(BLOCK);
  #counts = new Float64Array(0);
  /** Takes what is fetched, lest the compiler leave the reads out. */
  #read = 0;

  get bytes(): number {
    return PAIR_BYTES * this.words.size;
  }

  /** How many words a group has. */
  count(group: number): number {
    return this.#counts[group] ?? 0;
  }

  add(groups: Int32Array, halves: Int32Array, rows: number): void {
    for (let from = 0; from < rows; from += BLOCK) {
      const to = Math.min(rows, from + BLOCK);
      this.words.reserve(BLOCK);
      this.#makeRoom(this.words.size + BLOCK);
      this.#fetch(groups, halves, from, to);
      this.#addBlock(groups, halves, from, to);
    }
  }

  clear(): void {
    // A large index is not worth filling for the few that come after many.
    if (this.#index.length > SPARSE * this.words.size) this.#index = new Int32Array(FEWEST_PLACES);
    else this.#index.fill(0);
    this.words.clear();
    this.#counts.fill(0);
  }

  #fetch(groups: Int32Array, halves: Int32Array, from: number, to: number): void {
    const hashes = this.#hashes;
    const index = this.#index;
    const mask = index.length - 1;
    const spread = this.#spread;
    for (let row = from; row < to; row++) hashes[row - from] = hashWords(halves[2 * row]!, halves[2 * row + 1]!, groups[row]!, spread);
    let read = 0;
    for (let i = 0; i < to - from; i++) read ^= index[hashes[i]! & mask]!;
    this.#read = read;
  }

  #addBlock(groups: Int32Array, halves: Int32Array, from: number, to: number): void {
    const { groups: ownGroups, halves: ownHalves } = this.words;
    const hashes = this.#hashes;
    const index = this.#index;
    const mask = index.length - 1;
    let { size } = this.words;
    for (let row = from; row < to; row++) {
      const group = groups[row]!;
      const low = halves[2 * row]!;
      const high = halves[2 * row + 1]!;
      let place = hashes[row - from]! & mask;
      let pair = index[place]! - 1;
      while (pair >= 0 && (ownHalves[2 * pair] !== low || ownHalves[2 * pair + 1] !== high || ownGroups[pair] !== group)) {
        place = (place + 1) & mask;
        pair = index[place]! - 1;
      }
      if (pair >= 0) continue;
      ownGroups[size] = group;
      ownHalves[2 * size] = low;
      ownHalves[2 * size + 1] = high;
      index[place] = ++size;
      this.#count(group);
    }
    this.words.size = size;
  }

  #count(group: number): void {
    if (group >= this.#counts.length) {
      const counts = new Float64Array(Math.max(group + 1, 2 * this.#counts.length, 64));
      counts.set(this.#counts);
      this.#counts = counts;
    }
    this.#counts[group]!++;
  }

  /** At most half of the index is taken. */
  #makeRoom(pairs: number): void {
    let { length } = this.#index;
    while (length < 2 * pairs) length *= 2;
    if (length === this.#index.length) return;
    this.#index = new Int32Array(length);
    const index = this.#index;
    const { groups, halves, size } = this.words;
    for (let pair = 0; pair < size; pair++) {
      let place = hashWords(halves[2 * pair]!, halves[2 * pair + 1]!, groups[pair]!, this.#spread) & (length - 1);
      while (index[place] !== 0) place = (place + 1) & (length - 1);
      index[place] = pair + 1;
    }
  }
}
