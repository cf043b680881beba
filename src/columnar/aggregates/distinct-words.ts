import { randomInt } from "node:crypto";
import { hashWords, spreadSeed } from "../kernels/hash-keys.js";
import { BLOCK, DistinctIndex, INDEX_BYTES } from "./distinct-index.js";
import { GroupedWords, KEPT_BYTES } from "./grouped-words.js";

/** Different words of 64 bits of each group. No result depends on the seed, which nobody who makes the data knows. */
export class DistinctWords {
  readonly #words = new GroupedWords();
  readonly #index = new DistinctIndex();
  readonly #spread = spreadSeed(randomInt(2 ** 31));
  /** Words may be there more than once: hardly any of the first ones was. */
  #isLoose = false;

  get bytes(): number {
    return (KEPT_BYTES + INDEX_BYTES) * this.#words.size;
  }

  /** The words of groups, of which some may be there more than once if they came loosely. */
  get words(): GroupedWords {
    return this.#words;
  }

  /** How many different words a group has. */
  count(group: number): number {
    this.#tighten();
    return this.#index.countOf(group);
  }

  /** Words that will be exported: where they hardly ever repeat they are not looked up. */
  addLoosely(groups: Int32Array, halves: Int32Array, rows: number): void {
    if (this.#isLoose) return this.#words.add(groups, halves, rows);
    this.add(groups, halves, rows);
    this.#isLoose = this.#index.isVain(this.#words.size, rows);
  }

  add(groups: Int32Array, halves: Int32Array, rows: number): void {
    this.#tighten();
    const { rowHashes } = this.#index;
    for (let from = 0; from < rows; from += BLOCK) {
      const to = Math.min(rows, from + BLOCK);
      this.#words.reserve(BLOCK);
      this.#index.makeRoom(this.#words.size);
      for (let row = from; row < to; row++) rowHashes[row - from] = hashWords(halves[2 * row]!, halves[2 * row + 1]!, groups[row]!, this.#spread);
      this.#index.fetch(to - from);
      this.#addBlock(groups, halves, from, to);
    }
  }

  clear(): void {
    this.#index.clear(this.#words.size);
    this.#words.clear();
    this.#isLoose = false;
  }

  #addBlock(groups: Int32Array, halves: Int32Array, from: number, to: number): void {
    const { places, hashes, rowHashes } = this.#index;
    const { groups: ownGroups, halves: ownHalves } = this.#words;
    const mask = places.length - 1;
    let { size } = this.#words;
    for (let row = from; row < to; row++) {
      const group = groups[row]!;
      const low = halves[2 * row]!;
      const high = halves[2 * row + 1]!;
      const hash = rowHashes[row - from]!;
      let place = hash & mask;
      let pair = places[place]! - 1;
      while (pair >= 0 && (ownHalves[2 * pair] !== low || ownHalves[2 * pair + 1] !== high || ownGroups[pair] !== group)) {
        place = (place + 1) & mask;
        pair = places[place]! - 1;
      }
      if (pair >= 0) continue;
      ownGroups[size] = group;
      ownHalves[2 * size] = low;
      ownHalves[2 * size + 1] = high;
      hashes[size] = hash;
      places[place] = ++size;
      this.#index.count(group);
    }
    this.#words.size = size;
  }

  #tighten(): void {
    if (!this.#isLoose) return;
    const { size } = this.#words;
    const [groups, halves] = [this.#words.groups.slice(0, size), this.#words.halves.slice(0, 2 * size)];
    this.clear();
    this.add(groups, halves, size);
  }
}
