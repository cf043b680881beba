/**
 * A block of text keys on their way into a kernel key table. Characters of a short key are written as UTF-8 one by one. A key of more than
 * SHORT units is late: V8 keeps it as a slice of another string, of which each character takes several ns to read, so late keys are chained to
 * one string instead, which is written as UTF-16 when the block is full, and a kernel (assembly/lay-keys.ts) puts all keys into one row. In the table's text:
 *
 *     UTF-8 of short keys | UTF-16 of late keys | all keys as UTF-8
 */
import { BLOCK_ROWS, PLACES, type KernelKeyTable } from "./kernel-key-table.js";

/** Strings of V8 that are longer may be slices. */
const SHORT = 12;
/** Keys of a block, in bytes: few enough that they are still in the cache when the kernel reads them. */
const BLOCK_BYTES = 128 << 10;
/** Most bytes of UTF-8 for one unit of a string. */
const WIDEST = 3;
/** Units of the longest key. */
export const LONGEST_KEY = 16 << 10;

const MOST_BYTES = BLOCK_BYTES + LONGEST_KEY * WIDEST + 64;
const UNITS = PLACES.text + MOST_BYTES;
const LAID = UNITS + MOST_BYTES;

export class KeyBlock {
  rows = 0;
  readonly #table: KernelKeyTable;
  #text!: Buffer;
  /** starts[row + 1] is where key `row` ends. */
  #starts!: Int32Array;
  /** Row and length of each late key. */
  #late!: Int32Array;
  #lateRows = 0;
  #lateBytes = 0;
  #chain = "";

  constructor(table: KernelKeyTable) {
    this.#table = table;
    this.clear();
  }

  get isFull(): boolean {
    return this.rows === BLOCK_ROWS || this.#starts[this.rows]! + this.#lateBytes >= BLOCK_BYTES;
  }

  /** Adds a key of up to LONGEST_KEY units to a block that is not full. */
  add(key: string): void {
    const size = key.length;
    if (size > SHORT) return this.#addLate(key);
    const text = this.#text;
    const starts = this.#starts;
    const start = starts[this.rows]!;
    for (let i = 0; i < size; i++) {
      const code = key.charCodeAt(i);
      if (code >= 0x80) return this.#addWide(key, i, start + i);
      text[start + i] = code;
    }
    starts[++this.rows] = start + size;
  }

  /** Has the table number the keys; the block is to be cleared then. */
  encode(wantsCodes: boolean): void {
    this.#table.encodePlaced(this.rows, wantsCodes, this.#lateRows > 0 ? this.#lay() : PLACES.text);
  }

  /** Empties the block. To be called, too, when anybody else may have made the table grow. */
  clear(): void {
    this.rows = this.#lateRows = this.#lateBytes = 0;
    this.#chain = "";
    ({ text: this.#text, starts: this.#starts, late: this.#late } = this.#table.views());
    this.#starts[0] = 0;
  }

  /** A key of which the first `from` characters, all ASCII, are there up to `end`. */
  #addWide(key: string, from: number, end: number): void {
    const text = this.#text;
    for (let i = from; i < key.length; i++) {
      const code = key.charCodeAt(i);
      if (code < 0x80) text[end++] = code;
      else if (code < 0x800) {
        text[end++] = 0xc0 | (code >> 6);
        text[end++] = 0x80 | (code & 63);
      } else if (code < 0xd800 || code >= 0xe000) {
        text[end++] = 0xe0 | (code >> 12);
        text[end++] = 0x80 | ((code >> 6) & 63);
        text[end++] = 0x80 | (code & 63);
      } else return this.#addLate(key);
    }
    this.#starts[++this.rows] = end;
  }

  #addLate(key: string): void {
    const at = 2 * this.#lateRows++;
    this.#late[at] = this.rows;
    this.#late[at + 1] = key.length;
    this.#lateBytes += key.length * WIDEST;
    this.#chain += key;
    const starts = this.#starts;
    starts[this.rows + 1] = starts[this.rows]!;
    this.rows++;
  }

  #lay(): number {
    this.#text.write(this.#chain, UNITS - PLACES.text, "utf16le");
    this.#table.kernels.call.layKeys(PLACES.text, PLACES.starts, this.rows, UNITS, PLACES.late, this.#lateRows, LAID);
    return LAID;
  }
}
