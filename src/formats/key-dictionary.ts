/**
 * A dictionary of the keys that a reader meets, in the memory of its kernels: the table of kernels/assembly/key-table.ts, which
 * gives equal keys of a chunk and of those before it one code. It starts anew once it is large. When keys hardly ever
 * repeat, it is wasted work, and is given up.
 *
 *     codes | scratch | cells of records | start and end of one key | offsets of keys | keys | index | entries, in each the record of its key
 */
import { randomBytes } from "node:crypto";
import { RECORDS_AT_ONCE, type CodedTexts } from "../columnar/coded-texts.js";
import { decodeUtf8 } from "../columnar/codec.js";
import { ENTRY_HEAD, entryBytes, MOST_BATCH } from "../columnar/kernel-key-table.js";
import type { Kernels } from "../columnar/kernels/wasm.js";

/** Distinct keys before it starts anew. */
const MOST_KEYS = 1 << 18;
/** Of distinct keys, before it starts anew. */
const KEY_BYTES = 8 * 1024 * 1024;
/** Of entries that have been touched, before it starts anew. */
const ENTRY_BYTES = 64 * 1024 * 1024;
/** Places of the index for each key: with 2, a quarter of the searches go on behind their first place, which nobody can predict. */
const SPARE = 4;
const FIRST_PLACES = 4096;
/** What it may take; with the columns beside it that is less than kernels get. Records of many aggregates are too large for it. */
const MOST_MEMORY = 512 * 1024 * 1024;
/** Fewer rows than this to a key are not worth it. */
const WORTHWHILE = 2;
/** Rows that tell whether there is any use in it, and the share of new keys among them above which there is none. */
const TRIAL_ROWS = 1 << 16;
const MOSTLY_NEW = 0.95;

export class KeyDictionary {
  readonly end: number;
  /** Room for the keys of a chunk. */
  readonly scratch: number;
  /** Where codes of a chunk's rows go. */
  readonly codes: Int32Array;
  /** It was not worth while, and takes no more keys. */
  isGivenUp = false;
  readonly #kernels: Kernels;
  readonly #seed = randomBytes(8);
  readonly #cells: number;
  readonly #range: Int32Array;
  readonly #offsets: Int32Array;
  readonly #keys: Uint8Array;
  readonly #entries: number;
  readonly #index: number;
  readonly #entryBytes: number;
  readonly #chunkBytes: number;
  #places = FIRST_PLACES;
  #isFull = false;
  #epoch = {};
  #rowsSeen = 0;

  /** Chunks have at most `rows` rows and `bytes` bytes of keys. */
  constructor(kernels: Kernels, address: number, rows: number, bytes: number, recordBytes: number) {
    const { buffer } = kernels.memory;
    this.#kernels = kernels;
    this.#entryBytes = entryBytes(recordBytes);
    this.#chunkBytes = bytes;
    this.codes = new Int32Array(buffer, address, rows);
    this.scratch = align(address + 4 * rows);
    this.#cells = align(this.scratch + bytes);
    this.#range = new Int32Array(buffer, this.#cells + 8 * RECORDS_AT_ONCE, 2);
    this.#offsets = new Int32Array(buffer, align(this.#range.byteOffset + 8), MOST_KEYS + 1);
    this.#keys = new Uint8Array(buffer, align(this.#offsets.byteOffset + 4 * (MOST_KEYS + 1)), KEY_BYTES + bytes);
    this.#index = align(this.#keys.byteOffset + this.#keys.length);
    this.#entries = align(this.#index + 4 * SPARE * MOST_KEYS);
    this.end = this.#entries + this.#entryBytes * (MOST_KEYS + 1);
    this.#clear();
  }

  /** The memory it takes; undefined where that is too much, or a chunk might have more distinct keys than it holds. */
  static bytes(rows: number, bytes: number, recordBytes: number): number | undefined {
    const taken = 4 * rows + 2 * bytes + KEY_BYTES + (4 + entryBytes(recordBytes) + 4 * SPARE) * (MOST_KEYS + 1) + 8 * RECORDS_AT_ONCE + 2048;
    return rows + MOST_BATCH < MOST_KEYS && taken <= MOST_MEMORY ? taken : undefined;
  }

  /** To be called before the first row of a chunk. */
  begin(): void {
    if (!this.#isFull) return;
    this.isGivenUp = this.#rowsSeen < WORTHWHILE * this.#kernels.call.tableSize();
    this.#isFull = false;
    if (!this.isGivenUp) this.#clear();
  }

  /** Has a kernel encode `rows` rows: `encode` gets how many are done, and returns how many more it did up to one that it does not take, or that may have no room. */
  encode(rows: number, encode: (done: number) => number): number {
    for (let done = 0; ; ) {
      done += encode(done);
      if (done === rows || !this.#grow()) return done;
    }
  }

  put(row: number, bytes: Uint8Array): void {
    const { call, memory } = this.#kernels;
    memory.set(bytes, this.scratch);
    this.#range[0] = 0;
    this.#range[1] = bytes.length;
    while (call.encodeKeys(this.scratch, this.#range.byteOffset, 1, this.codes.byteOffset + 4 * row) === 0) this.#grow();
  }

  /** The chunk's keys, once all of its rows have codes. */
  take(rows: number): CodedTexts {
    this.#rowsSeen += rows;
    const codes = this.codes.subarray(0, rows);
    const offsets = this.#offsets;
    const bytes = this.#keys;
    const size = this.#kernels.call.tableSize();
    const isVain = this.#rowsSeen >= TRIAL_ROWS && size > MOSTLY_NEW * this.#rowsSeen;
    this.#isFull = isVain || MOST_KEYS - size <= this.codes.length + MOST_BATCH || bytes.length - offsets[size]! <= this.#chunkBytes + 16 || size * this.#entryBytes > ENTRY_BYTES;
    return {
      length: rows,
      codes,
      texts: { kind: "bytes", offsets: offsets.subarray(0, size + 1), bytes },
      size,
      room: { kernels: this.#kernels, records: this.#entries + this.#entryBytes + ENTRY_HEAD, stride: this.#entryBytes, scratch: this.#cells },
      isLast: this.#isFull,
      epoch: this.#epoch,
      get: (row) => decodeUtf8(bytes, offsets[codes[row]!]!, offsets[codes[row]! + 1]!),
    };
  }

  #clear(): void {
    this.#offsets[0] = 0;
    this.#places = FIRST_PLACES;
    this.#placeIndex(0);
    this.#epoch = {};
    this.#rowsSeen = 0;
  }

  /** Makes room for more keys; false when there is room for a batch. */
  #grow(): boolean {
    const size = this.#kernels.call.tableSize();
    if (this.#places / SPARE - size >= MOST_BATCH) return false;
    this.#places *= 2;
    this.#placeIndex(size);
    return true;
  }

  #placeIndex(keys: number): void {
    const { call, memory } = this.#kernels;
    memory.fill(0, this.#index, this.#index + 4 * this.#places);
    call.placeTable(this.#index, this.#places, this.#entries, this.#entryBytes, true, keys, this.#places / SPARE, this.#offsets.byteOffset, this.#keys.byteOffset, this.#keys.length, this.#seed.readInt32LE(0), this.#seed.readInt32LE(4));
  }
}

function align(address: number): number {
  return Math.ceil(address / 64) * 64 + 64;
}
