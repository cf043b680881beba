/**
 * A key table numbers distinct keys 0, 1, 2 ... in the order in which they first appear. Open addressing over
 * hashes with a seed drawn for each table, so that nobody can prepare keys that collide; keys are compared in
 * full, never by hash alone. About 40 ns a row for words.
 */
import type { BytesColumn } from "./columns.js";
import { hashKeys } from "./kernels/hash-keys.js";

const FIRST_SLOTS = 1 << 12;
/** Slots per key at most; more would collide too often. */
const LOAD = 0.5;
/** Keys are addressed by 31-bit offsets. */
const MAX_BYTES = 2_000_000_000;

export class KeyTable {
  readonly #seed: number;
  #hashes = new Int32Array(0);
  /** Key number + 1 in each taken slot. */
  #slots = new Int32Array(FIRST_SLOTS);
  #slotHashes = new Int32Array(FIRST_SLOTS);
  #offsets = new Int32Array(FIRST_SLOTS * LOAD + 1);
  #bytes = new Uint8Array(1 << 15);
  #size = 0;

  /** The seed is any number; it never shows in the results. */
  constructor(seed = 0x9e3779b9) {
    this.#seed = seed | 0;
  }

  get size(): number {
    return this.#size;
  }

  /** Memory in use, roughly. */
  get bytes(): number {
    return this.#size === 0 ? 0 : 8 * this.#slots.length + 4 * this.#size + this.#offsets[this.#size]!;
  }

  /** The keys by number; valid until the next call that adds one. */
  keys(): BytesColumn {
    return { kind: "bytes", offsets: this.#offsets, bytes: this.#bytes };
  }

  /** Writes the number of each key to `codes`. */
  encode(keys: BytesColumn, rows: number, codes: Int32Array): void {
    if (this.#hashes.length < rows) this.#hashes = new Int32Array(rows);
    const hashes = this.#hashes;
    hashKeys(keys, rows, this.#seed, hashes);
    const { offsets, bytes } = keys;
    for (let row = 0; row < rows; row++) codes[row] = this.#find(bytes, offsets[row]!, offsets[row + 1]!, hashes[row]!);
  }

  clear(): void {
    if (this.#size === 0) return;
    this.#slots.fill(0);
    this.#size = 0;
  }

  #find(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const slotHashes = this.#slotHashes;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
      if (slotHashes[slot] === hash && this.#equals(found - 1, bytes, start, end)) return found - 1;
      slot = (slot + 1) & mask;
    }
    slots[slot] = this.#size + 1;
    slotHashes[slot] = hash;
    return this.#append(bytes, start, end);
  }

  #equals(key: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#bytes;
    let at = this.#offsets[key]!;
    if (this.#offsets[key + 1]! - at !== end - start) return false;
    for (let i = start; i < end; i++) if (own[at++] !== bytes[i]) return false;
    return true;
  }

  #append(bytes: Uint8Array, start: number, end: number): number {
    const key = this.#size++;
    const at = this.#offsets[key]!;
    const next = at + end - start;
    if (next > this.#bytes.length) this.#growBytes(next);
    if (end - start < 32) for (let i = start, to = at; i < end; i++) this.#bytes[to++] = bytes[i]!;
    else this.#bytes.set(bytes.subarray(start, end), at);
    this.#offsets[key + 1] = next;
    if (this.#size > this.#slots.length * LOAD - 1) this.#growSlots();
    return key;
  }

  #growBytes(needed: number): void {
    if (needed > MAX_BYTES) throw new RangeError("A key table outgrew 2 GB; use a smaller --memory");
    const grown = new Uint8Array(Math.min(MAX_BYTES, Math.max(needed, this.#bytes.length * 2)));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  #growSlots(): void {
    const old = this.#slots;
    const oldHashes = this.#slotHashes;
    const slots = new Int32Array(old.length * 2);
    const hashes = new Int32Array(old.length * 2);
    const mask = slots.length - 1;
    for (let i = 0; i < old.length; i++) {
      if (old[i] === 0) continue;
      let slot = oldHashes[i]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = old[i]!;
      hashes[slot] = oldHashes[i]!;
    }
    this.#slots = slots;
    this.#slotHashes = hashes;
    const offsets = new Int32Array(slots.length * LOAD + 1);
    offsets.set(this.#offsets.subarray(0, this.#size + 1));
    this.#offsets = offsets;
  }
}
