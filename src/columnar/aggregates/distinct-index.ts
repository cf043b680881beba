/**
 * An index over pairs of a group and a value, which its holder keeps in the order of their coming: 4 bytes a place, by open addressing with linear
 * probing. A place holds the pair's number + 1, and 0 where none is.
 */
import { grown } from "./grown.js";

/** Rows that are looked up together: so many reads are under way at a time. */
export const BLOCK = 256;
/** A pair's hash, and its two to four places. */
export const INDEX_BYTES = 16;
const FEWEST_PLACES = 1024;
/** An index of so many is in no cache. The next may as well be four times as large: it saves one that is filled in vain. */
const MANY_PLACES = 1 << 20;
/** Places for each pair, above which they are not worth clearing. */
const SPARSE = 16;
/** So many rows show whether there is any use in looking, and above this share of new pairs there is none. */
const MANY_ROWS = 1 << 16;
const NEARLY_ALL_NEW = 0.95;

export class DistinctIndex {
  places: Int32Array = new Int32Array(FEWEST_PLACES);
  /** Of the pairs. */
  hashes: Int32Array = new Int32Array(FEWEST_PLACES / 2);
  /** Of the rows of a block. */
  readonly rowHashes = new Int32Array(BLOCK);
  #counts: Float64Array = new Float64Array(0);
  #seen = 0;
  /** Takes what is fetched, lest the compiler leave the reads out. */
  #read = 0;

  /** How many pairs a group has. */
  countOf(group: number): number {
    return this.#counts[group] ?? 0;
  }

  count(group: number): void {
    if (group >= this.#counts.length) this.#counts = grown(this.#counts, group + 1);
    this.#counts[group]!++;
  }

  /** Whether pairs of which there are `size` after `rows` more are not worth looking up. */
  isVain(size: number, rows: number): boolean {
    this.#seen += rows;
    return size >= MANY_ROWS && size > NEARLY_ALL_NEW * this.#seen;
  }

  /** For a block behind `size` pairs. At most half of the places are taken. */
  makeRoom(size: number): void {
    let { length } = this.places;
    while (length < 2 * (size + BLOCK)) length *= length < MANY_PLACES ? 2 : 4;
    if (length === this.places.length) return;
    const hashes = new Int32Array(length / 2);
    hashes.set(this.hashes.subarray(0, size));
    this.hashes = hashes;
    const places = new Int32Array(length);
    const mask = length - 1;
    for (let pair = 0; pair < size; pair++) {
      let place = hashes[pair]! & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = pair + 1;
    }
    this.places = places;
  }

  /** Reads the places where rows of a block begin to look into the cache, where looking would wait for each in turn. */
  fetch(rows: number): void {
    const { places, rowHashes } = this;
    const mask = places.length - 1;
    let read = 0;
    for (let row = 0; row < rows; row++) read ^= places[rowHashes[row]! & mask]!;
    this.#read = read;
  }

  clear(size: number): void {
    if (this.places.length > SPARSE * size) this.places = new Int32Array(FEWEST_PLACES);
    else this.places.fill(0);
    this.#counts.fill(0);
    this.#seen = 0;
  }
}
