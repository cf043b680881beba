/**
 * A text column whose cells become codes into a dictionary as they are read, in the kernel: what a group-by wants
 * of its key. It is the last column to be filled or put, so that each of its texts is that of some row. The dictionary is the
 * table of kernels/assembly/key-table.ts. When cells hardly ever repeat, it is wasted work, and cells are copied from then on.
 *
 *     codes | texts without the doubled quotes, or one that is put by itself, its start and end | offsets of texts | texts | entries | index | a record for each text, its reader's
 */
import { randomBytes } from "node:crypto";
import type { CodedTexts } from "../columnar/coded-texts.js";
import { decodeUtf8 } from "../columnar/codec.js";
import { MOST_BATCH } from "../columnar/kernel-key-table.js";
import type { Kernels } from "../columnar/kernels/wasm.js";
import type { CellValues } from "./cell-columns.js";
import type { KernelColumn, KernelPlace } from "./cell-kernel-columns.js";

/** Distinct texts before the dictionary starts anew. */
const MOST_TEXTS = 1 << 18;
/** Of distinct texts, before the dictionary starts anew. */
const TEXT_BYTES = 8 * 1024 * 1024;
/** Of records that have been touched, before the dictionary starts anew. */
const RECORD_BYTES = 64 * 1024 * 1024;
const ENTRY = 32;
/** Places of the index for each text: with 2, a quarter of the searches go on behind their first place, which nobody can predict. */
const SPARE = 4;
const FIRST_PLACES = 4096;
/** What a dictionary may take; with the columns beside it that is less than kernels get. Records of many aggregates are too large for it. */
const MOST_MEMORY = 512 * 1024 * 1024;
/** Fewer rows than this to a text are not worth a dictionary. */
const WORTHWHILE = 2;

export class KeyColumn implements KernelColumn {
  readonly end: number;
  readonly order = 2;
  readonly #kernels: Kernels;
  readonly #place: KernelPlace;
  readonly #position: number;
  readonly #plain: KernelColumn;
  readonly #seed = randomBytes(8);
  readonly #codes: Int32Array;
  readonly #scratch: number;
  readonly #range: Int32Array;
  readonly #offsets: Int32Array;
  readonly #texts: Uint8Array;
  readonly #entries: number;
  readonly #index: number;
  readonly #records: number;
  readonly #recordBytes: number;
  readonly #chunkBytes: number;
  #places = FIRST_PLACES;
  #isPlain = false;
  /** Whether the texts of one more chunk might not fit, or their records take too much. */
  #isFull = false;
  #epoch = 0;
  #rowsSeen = 0;

  /** `plain` copies cells; chunks have at most `rows` rows and `bytes` bytes of text. */
  constructor(kernels: Kernels, place: KernelPlace, position: number, address: number, rows: number, bytes: number, recordBytes: number, plain: KernelColumn) {
    const { buffer } = kernels.memory;
    this.#kernels = kernels;
    this.#recordBytes = recordBytes;
    this.#chunkBytes = bytes;
    this.#place = place;
    this.#position = position;
    this.#plain = plain;
    this.#codes = new Int32Array(buffer, address, rows);
    this.#scratch = align(address + 4 * rows);
    this.#range = new Int32Array(buffer, align(this.#scratch + bytes), 2);
    this.#offsets = new Int32Array(buffer, align(this.#range.byteOffset + 8), MOST_TEXTS + 1);
    this.#texts = new Uint8Array(buffer, align(this.#offsets.byteOffset + 4 * (MOST_TEXTS + 1)), TEXT_BYTES + bytes);
    this.#entries = align(this.#texts.byteOffset + this.#texts.length);
    this.#index = align(this.#entries + ENTRY * (MOST_TEXTS + 1));
    this.#records = align(this.#index + 4 * SPARE * MOST_TEXTS);
    this.end = this.#records + recordBytes * MOST_TEXTS;
    this.#clear();
  }

  /** The memory it takes; undefined where that is too much, or a chunk might have more distinct texts than the dictionary holds. */
  static bytes(rows: number, bytes: number, recordBytes: number): number | undefined {
    const taken = 4 * rows + 2 * bytes + TEXT_BYTES + (4 + ENTRY + 4 * SPARE + recordBytes) * MOST_TEXTS + 2048;
    return rows + MOST_BATCH < MOST_TEXTS && taken <= MOST_MEMORY ? taken : undefined;
  }

  begin(): void {
    if (!this.#isFull) return;
    this.#isPlain = this.#rowsSeen < WORTHWHILE * this.#kernels.call.tableSize();
    this.#isFull = false;
    if (!this.#isPlain) this.#clear();
  }

  extend(row: number, rows: number): number {
    if (this.#isPlain) return this.#plain.extend(row, rows);
    const { base, found, width, quote, escape } = this.#place;
    for (let done = 0; ; ) {
      done += this.#kernels.call.encodeTexts(base, found + 4 * width * done, rows - done, width, this.#position, quote, escape, this.#scratch, this.#codes.byteOffset + 4 * (row + done));
      if (done === rows || !this.#grow()) return done;
    }
  }

  put(row: number, bytes: Buffer, start: number, end: number): void {
    if (this.#isPlain) return this.#plain.put(row, bytes, start, end);
    const { call, memory } = this.#kernels;
    memory.set(bytes.subarray(start, end), this.#scratch);
    this.#range[0] = 0;
    this.#range[1] = end - start;
    while (call.encodeKeys(this.#scratch, this.#range.byteOffset, 1, this.#codes.byteOffset + 4 * row) === 0) this.#grow();
  }

  putNull(): void {
    throw new TypeError("null in a column that cannot hold it");
  }

  take(rows: number): CellValues {
    if (this.#isPlain) return this.#plain.take(rows);
    this.#rowsSeen += rows;
    const codes = this.#codes.subarray(0, rows);
    const offsets = this.#offsets;
    const bytes = this.#texts;
    const size = this.#kernels.call.tableSize();
    this.#isFull = MOST_TEXTS - size <= this.#codes.length + MOST_BATCH || bytes.length - offsets[size]! <= this.#chunkBytes + 16 || size * this.#recordBytes > RECORD_BYTES;
    const column: CodedTexts = {
      length: rows,
      codes,
      texts: { kind: "bytes", offsets: offsets.subarray(0, size + 1), bytes },
      size,
      room: { kernels: this.#kernels, records: this.#records },
      isLast: this.#isFull,
      epoch: this.#epoch,
      get: (row) => decodeUtf8(bytes, offsets[codes[row]!]!, offsets[codes[row]! + 1]!),
    };
    return column;
  }

  #clear(): void {
    this.#offsets[0] = 0;
    this.#places = FIRST_PLACES;
    this.#placeIndex(0);
    this.#epoch++;
    this.#rowsSeen = 0;
  }

  /** Makes room for more texts; false when there is room for a batch. */
  #grow(): boolean {
    const size = this.#kernels.call.tableSize();
    if (this.#places / SPARE - size >= MOST_BATCH) return false;
    this.#places *= 2;
    this.#placeIndex(size);
    return true;
  }

  #placeIndex(texts: number): void {
    const { call, memory } = this.#kernels;
    memory.fill(0, this.#index, this.#index + 4 * this.#places);
    call.placeTable(this.#index, this.#places, this.#entries, texts, this.#places / SPARE, this.#offsets.byteOffset, this.#texts.byteOffset, this.#texts.length, this.#seed.readInt32LE(0), this.#seed.readInt32LE(4));
  }
}

function align(address: number): number {
  return Math.ceil(address / 64) * 64 + 64;
}
