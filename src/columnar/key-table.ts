/**
 * A key table numbers distinct keys 0, 1, 2... in the order in which they first come, by open addressing with
 * linear probing. A slot is four int32 in one cache line, so that most rows cost one cache miss at worst:
 *
 *     key of 0-8 bytes   first word   second word    length + 1   code
 *     longer key         hash         arena offset   length + 1   code
 *     empty              0            0              0            0
 *
 * Short keys are compared whole inside the slot. Longer ones are compared with the arena, where the bytes of
 * all keys lie in the order of their codes. Equal hashes never count as equal keys. The seed keeps data that was made to
 * collide from slowing a job down; results do not depend on it.
 */
import { ByteSink } from "./byte-sink.js";
import type { BytesColumn } from "./columns.js";
import { equalViews } from "./kernels/compare-bytes.js";
import { hashRange, hashShort, spreadSeed } from "./kernels/hash-keys.js";
import { lastWholeRead, plainHead, plainTail, viewOf } from "./kernels/key-words.js";

const SHORT = 8;
/** Fullest that slots get: small tables stay in the cache, and neighbours share a cache line. */
const LOAD = 0.6;
/** A slot and an offset, of which about half stand empty. */
const BYTES_PER_KEY = 44;
/** Rows whose slots are fetched together; few enough that they stay in the first-level cache. */
const BLOCK = 256;
/** What is often used of a table of up to 4 MiB stays in the cache by itself. */
const CACHED_SLOTS = 2 ** 20;
/** Offsets are int32; callers spill long before this. */
const MOST_KEY_BYTES = Math.floor(1.9 * 2 ** 30);

export class KeyTable {
  readonly #spread: number;
  #size = 0;
  #slots: Int32Array;
  /** Length of #slots less 1. */
  #mask: number;
  /** Most keys before the slots are doubled. */
  #limit: number;
  #offsets: Int32Array;
  #arena: Uint8Array;
  #arenaView: DataView;
  /** Of the rows of a block. */
  readonly #hashes = new Int32Array(BLOCK);
  /** One key as UTF-8. */
  readonly #text = new ByteSink(256);
  #textView = viewOf(this.#text.bytes);
  /** Takes what #fetchBlock reads, lest the compiler leave the reads out. */
  #read = 0;

  /** `expected` keys fit without growing. */
  constructor(seed: number, expected = 512) {
    this.#spread = spreadSeed(seed);
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(8, expected / LOAD)));
    this.#slots = new Int32Array(capacity * 4);
    this.#mask = capacity * 4 - 1;
    this.#limit = Math.floor(capacity * LOAD);
    this.#offsets = new Int32Array(this.#limit + 2);
    this.#arena = new Uint8Array(capacity * 4);
    this.#arenaView = viewOf(this.#arena);
  }

  /** How many distinct keys have come. */
  get size(): number {
    return this.#size;
  }

  /** Rough memory that the keys take, by which callers spill; 0 once cleared, though the memory is kept for the next keys. */
  get bytes(): number {
    return this.#size * BYTES_PER_KEY + this.#offsets[this.#size]! * 1.5;
  }

  /** Writes the code of each row's key to `codes`, adding keys that are new. */
  encode(keys: BytesColumn, rows: number, codes: Int32Array): void {
    if (codes.length < rows) throw new RangeError(`${rows} rows do not fit ${codes.length} codes`);
    const view = viewOf(keys.bytes);
    for (let from = 0; from < rows; from += BLOCK) {
      const to = Math.min(rows, from + BLOCK);
      const isLarge = this.#slots.length > CACHED_SLOTS;
      if (isLarge) this.#fetchBlock(view, keys.offsets, from, to);
      this.#findBlock(view, keys.offsets, from, to, isLarge, codes);
    }
  }

  /**
   * The code of a key given as text, which is its UTF-8. A short ASCII key never becomes bytes at all unless it
   * is new: its characters are put together to the two words that are looked for.
   */
  encodeText(key: string): number {
    const { length } = key;
    if (length > SHORT) return this.#encodeLongText(key);
    let head = 0;
    let tail = 0;
    let seen = 0;
    for (let i = 0; i < length; i++) {
      const code = key.charCodeAt(i);
      seen |= code;
      if (i < 4) head |= code << (i << 3);
      else tail |= code << ((i - 4) << 3);
    }
    if (seen >= 0x80) return this.#encodeLongText(key);
    return this.#shortKey(head, tail, length);
  }

  /** The keys by code. Valid until the next `encode` or `clear`. */
  keys(): BytesColumn {
    const used = this.#offsets[this.#size]!;
    return { kind: "bytes", offsets: this.#offsets.subarray(0, this.#size + 1), bytes: this.#arena.subarray(0, used) };
  }

  /** Forgets all keys. Keeps the memory. */
  clear(): void {
    this.#slots.fill(0);
    this.#size = 0;
  }

  /**
   * Hashes a block and reads all its slots into the cache, where finding keys would wait for each in turn. The
   * reads stand in a loop of their own: so short a loop has many of them under way at a time.
   */
  #fetchBlock(view: DataView, offsets: Int32Array, from: number, to: number): void {
    const safe = lastWholeRead(view);
    const spread = this.#spread;
    const slots = this.#slots;
    const mask = this.#mask;
    const hashes = this.#hashes;
    for (let row = from; row < to; row++) hashes[row - from] = hashRange(view, safe, offsets[row]!, offsets[row + 1]!, spread);
    let read = 0;
    for (let i = 0; i < to - from; i++) read ^= slots[(hashes[i]! << 2) & mask]!;
    this.#read = read;
  }

  #findBlock(view: DataView, offsets: Int32Array, from: number, to: number, hashed: boolean, codes: Int32Array): void {
    const safe = lastWholeRead(view);
    const spread = this.#spread;
    const hashes = this.#hashes;
    let slots = this.#slots;
    let mask = this.#mask;
    for (let row = from; row < to; row++) {
      const start = offsets[row]!;
      const end = offsets[row + 1]!;
      const length = end - start;
      if (length > SHORT) {
        codes[row] = this.#longKey(view, start, length, hashed ? hashes[row - from]! : hashRange(view, safe, start, end, spread));
      } else {
        const head = plainHead(view, safe, start, end);
        const tail = plainTail(view, safe, start, end);
        const tag = length + 1;
        let slot = ((hashed ? hashes[row - from]! : hashShort(head, tail, length, spread)) << 2) & mask;
        while (slots[slot] !== head || slots[slot + 1] !== tail || slots[slot + 2] !== tag) {
          if (slots[slot + 2] === 0) {
            slots[slot] = head;
            slots[slot + 1] = tail;
            this.#claim(slot, view, start, length);
            break;
          }
          slot = (slot + 4) & mask;
        }
        codes[row] = slots[slot + 3]!;
      }
      if (this.#size > this.#limit) {
        this.#grow();
        slots = this.#slots;
        mask = this.#mask;
      }
    }
  }

  #shortKey(head: number, tail: number, length: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    const tag = length + 1;
    let slot = (hashShort(head, tail, length, this.#spread) << 2) & mask;
    while (slots[slot] !== head || slots[slot + 1] !== tail || slots[slot + 2] !== tag) {
      if (slots[slot + 2] === 0) {
        slots[slot] = head;
        slots[slot + 1] = tail;
        this.#textView.setInt32(0, head, true);
        this.#textView.setInt32(4, tail, true);
        const code = this.#claim(slot, this.#textView, 0, length);
        if (this.#size > this.#limit) this.#grow();
        return code;
      }
      slot = (slot + 4) & mask;
    }
    return slots[slot + 3]!;
  }

  #encodeLongText(key: string): number {
    const text = this.#text;
    text.clear();
    text.utf8(key);
    if (this.#textView.buffer !== text.bytes.buffer) this.#textView = viewOf(text.bytes);
    const view = this.#textView;
    const { length } = text;
    const safe = lastWholeRead(view);
    if (length <= SHORT) return this.#shortKey(plainHead(view, safe, 0, length), plainTail(view, safe, 0, length), length);
    const code = this.#longKey(view, 0, length, hashRange(view, safe, 0, length, this.#spread));
    if (this.#size > this.#limit) this.#grow();
    return code;
  }

  #longKey(view: DataView, start: number, length: number, hash: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = (hash << 2) & mask;
    for (; slots[slot + 2] !== 0; slot = (slot + 4) & mask) {
      if (slots[slot] !== hash || slots[slot + 2] !== length + 1) continue;
      if (equalViews(this.#arenaView, slots[slot + 1]!, view, start, length)) return slots[slot + 3]!;
    }
    slots[slot] = hash;
    slots[slot + 1] = this.#offsets[this.#size]!;
    return this.#claim(slot, view, start, length);
  }

  /** Makes the key at view[start..start + length) the next one, in a slot whose two words are set. */
  #claim(slot: number, view: DataView, start: number, length: number): number {
    const code = this.#size;
    const from = this.#offsets[code]!;
    if (from + length > this.#arena.length) this.#growArena(from + length);
    const arena = this.#arenaView;
    let i = 0;
    for (; i + 4 <= length; i += 4) arena.setInt32(from + i, view.getInt32(start + i));
    for (; i < length; i++) arena.setUint8(from + i, view.getUint8(start + i));
    this.#slots[slot + 2] = length + 1;
    this.#slots[slot + 3] = code;
    this.#offsets[code + 1] = from + length;
    this.#size = code + 1;
    return code;
  }

  #growArena(needed: number): void {
    if (needed > MOST_KEY_BYTES) {
      throw new RangeError(`A key table holds at most ${MOST_KEY_BYTES} bytes of distinct keys; lower the memory budget so that it spills earlier`);
    }
    const grown = new Uint8Array(Math.min(Math.max(needed, this.#arena.length * 2), MOST_KEY_BYTES));
    grown.set(this.#arena);
    this.#arena = grown;
    this.#arenaView = viewOf(grown);
  }

  /** Doubles the slots. */
  #grow(): void {
    const old = this.#slots;
    const slots = new Int32Array(old.length * 2);
    const mask = slots.length - 1;
    for (let from = 0; from < old.length; from += 4) {
      const tag = old[from + 2]!;
      if (tag === 0) continue;
      const hash = tag - 1 > SHORT ? old[from]! : hashShort(old[from]!, old[from + 1]!, tag - 1, this.#spread);
      let slot = (hash << 2) & mask;
      while (slots[slot + 2] !== 0) slot = (slot + 4) & mask;
      slots[slot] = old[from]!;
      slots[slot + 1] = old[from + 1]!;
      slots[slot + 2] = tag;
      slots[slot + 3] = old[from + 3]!;
    }
    this.#limit = Math.floor((slots.length / 4) * LOAD);
    const offsets = new Int32Array(this.#limit + 2);
    offsets.set(this.#offsets);
    this.#slots = slots;
    this.#mask = mask;
    this.#offsets = offsets;
  }
}
