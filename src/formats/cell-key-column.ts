/**
 * A text column whose cells become codes into a dictionary as they are read, in the kernel: what a group-by wants
 * of its key. It is the last column to be filled or put, so that each of its texts is that of some row. When cells hardly ever repeat, the dictionary is wasted work, and cells are copied from then on.
 *
 *     codes | texts of cells put one by one | state | ends of texts | texts | slots | a record for each text, its reader's
 */
import { randomBytes } from "node:crypto";
import type { CodedTexts } from "../columnar/coded-texts.js";
import { decodeUtf8 } from "../columnar/codec.js";
import type { Kernels } from "../columnar/kernels/wasm.js";
import type { CellValues } from "./cell-columns.js";
import type { KernelColumn, KernelPlace } from "./cell-kernel-columns.js";

/** Distinct texts before the dictionary starts anew. A slot takes 32 bytes, and half of them stand empty. */
const MOST_TEXTS = 1 << 18;
/** Of distinct texts, before the dictionary starts anew. */
const TEXT_BYTES = 8 * 1024 * 1024;
const FIRST_SLOTS = 1024;
/** Fewer rows than this to a text are not worth a dictionary. */
const WORTHWHILE = 2;

export class KeyColumn implements KernelColumn {
  readonly end: number;
  readonly order = 2;
  readonly #kernels: Kernels;
  readonly #place: KernelPlace;
  readonly #position: number;
  readonly #plain: KernelColumn;
  readonly #seed = randomBytes(8).readBigInt64LE();
  readonly #codes: Int32Array;
  readonly #scratch: number;
  readonly #state: Uint32Array;
  readonly #ends: Int32Array;
  readonly #texts: Uint8Array;
  readonly #slots: number;
  readonly #records: number;
  readonly #chunkBytes: number;
  /** Whether the texts of one more chunk might not fit. */
  #isFull = false;
  #isPlain = false;
  #epoch = 0;
  #rowsSeen = 0;

  /** `plain` copies cells; chunks have at most `rows` rows and `bytes` bytes of text. */
  constructor(kernels: Kernels, place: KernelPlace, position: number, address: number, rows: number, bytes: number, recordBytes: number, plain: KernelColumn) {
    const { buffer } = kernels.memory;
    this.#kernels = kernels;
    this.#chunkBytes = bytes;
    this.#place = place;
    this.#position = position;
    this.#plain = plain;
    this.#codes = new Int32Array(buffer, address, rows);
    this.#scratch = align(address + 4 * rows);
    this.#state = new Uint32Array(buffer, align(this.#scratch + bytes), 3);
    this.#ends = new Int32Array(buffer, this.#state.byteOffset + 64, MOST_TEXTS + 1);
    this.#texts = new Uint8Array(buffer, align(this.#ends.byteOffset + 4 * MOST_TEXTS), TEXT_BYTES + bytes);
    this.#slots = align(this.#texts.byteOffset + this.#texts.length);
    this.#records = this.#slots + 2 * 32 * MOST_TEXTS;
    this.end = this.#records + recordBytes * MOST_TEXTS;
    this.#clear();
  }

  /** The memory it takes; undefined where a chunk might have more distinct texts than the dictionary holds. */
  static bytes(rows: number, bytes: number, recordBytes: number): number | undefined {
    return rows < MOST_TEXTS ? 4 * rows + 2 * bytes + TEXT_BYTES + (4 + 64 + recordBytes) * MOST_TEXTS + 1024 : undefined;
  }

  begin(): void {
    if (!this.#isFull) return;
    this.#isPlain = this.#rowsSeen < WORTHWHILE * this.#state[0]!;
    this.#isFull = false;
    if (!this.#isPlain) this.#clear();
  }

  extend(row: number, rows: number): number {
    if (this.#isPlain) return this.#plain.extend(row, rows);
    const { base, found, width, quote, escape } = this.#place;
    return this.#kernels.call.encodeTexts(
      base, found, rows, width, this.#position, quote, escape, this.#seed, this.#state.byteOffset, this.#slots, this.#ends.byteOffset, this.#texts.byteOffset, this.#codes.byteOffset + 4 * row,
    );
  }

  put(row: number, bytes: Buffer, start: number, end: number): void {
    if (this.#isPlain) return this.#plain.put(row, bytes, start, end);
    this.#kernels.memory.set(bytes.subarray(start, end), this.#scratch);
    this.#codes[row] = this.#kernels.call.encodeText(this.#scratch, end - start, this.#seed, this.#state.byteOffset, this.#slots, this.#ends.byteOffset, this.#texts.byteOffset);
  }

  putNull(): void {
    throw new TypeError("null in a column that cannot hold it");
  }

  take(rows: number): CellValues {
    if (this.#isPlain) return this.#plain.take(rows);
    this.#rowsSeen += rows;
    const codes = this.#codes.subarray(0, rows);
    const ends = this.#ends;
    const bytes = this.#texts;
    const size = this.#state[0]!;
    this.#isFull = MOST_TEXTS - size <= this.#codes.length || this.#texts.length - ends[size]! <= this.#chunkBytes + 16;
    const column: CodedTexts = {
      length: rows,
      codes,
      texts: { kind: "bytes", offsets: ends.subarray(0, size + 1), bytes },
      size,
      kernels: this.#kernels,
      records: this.#records,
      isLast: this.#isFull,
      epoch: this.#epoch,
      get: (row) => decodeUtf8(bytes, ends[codes[row]!]!, ends[codes[row]! + 1]!),
    };
    return column;
  }

  #clear(): void {
    this.#ends[0] = 0;
    this.#state.set([0, FIRST_SLOTS, 0]);
    this.#kernels.memory.fill(0, this.#slots, this.#slots + 32 * FIRST_SLOTS);
    this.#epoch++;
    this.#rowsSeen = 0;
  }
}

function align(address: number): number {
  return Math.ceil(address / 64) * 64 + 64;
}
