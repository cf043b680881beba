/**
 * Emits of a job with an aggregator and text keys: the characters of a key are copied to where the kernel's key table
 * reads them, about 20 ns for a word, and a full block of keys is given codes at once. Values of 1, which
 * is how things are counted, are not even written down as long as no other comes.
 */
import { showValue } from "../model/show-value.js";
import { BLOCK_ROWS, TEXT_BYTES, type KernelKeyTable } from "../columnar/kernel-key-table.js";
import type { ValueLayout } from "../columnar/value-layout.js";
import { ValueColumns } from "../columnar/value-columns.js";
import type { CombineTable } from "./combine-table.js";

/** Keys of a block: few enough that they are still in the cache when the kernel reads them. */
const BLOCK_BYTES = 128 << 10;
/** Longer keys are written by the runtime. */
const SHORT = 64;
/** Most bytes of UTF-8 for one unit of a string. */
const WIDEST = 3;

const encoder = new TextEncoder();

export class TextPairs {
  readonly emit: (key: unknown, value: unknown) => void;
  readonly #values: ValueColumns;
  readonly #keys: KernelKeyTable;
  readonly #add: (rows: number) => void;
  readonly #mayCount: () => boolean;
  #text: Uint8Array;
  /** starts[row + 1] is where key `row` ends. */
  #starts: Int32Array;
  #rows = 0;
  /** Whether all values of the block are 1, and none is written down. */
  #allOnes: boolean;

  /** `emitPlain` takes pairs once the table has given up combining; `guarded` notes errors on the way out. */
  constructor(table: CombineTable, keys: KernelKeyTable, layout: ValueLayout, emitPlain: (key: unknown, value: unknown) => void, guarded: (action: (rows: number) => void) => (rows: number) => void) {
    this.#values = new ValueColumns(layout);
    this.#keys = keys;
    this.#text = keys.text();
    this.#starts = keys.starts();
    this.#starts[0] = 0;
    const isNumber = layout.members === undefined && layout.type.kind === "float64" && !layout.type.nullable;
    this.#mayCount = () => isNumber && table.countsByHits;
    this.#allOnes = this.#mayCount();
    this.#add = guarded((rows) => {
      if (this.#allOnes) {
        keys.encodePlaced(rows, false);
        return table.addOnes(rows);
      }
      table.leaveHits();
      keys.encodePlaced(rows);
      table.addCoded(keys.codes(rows), this.#values.columns(), rows);
    });
    const append = isNumber ? this.#appendNumber : this.#appendValue;
    this.emit = (key, value) => {
      if (table.bypasses) return emitPlain(key, value);
      if (typeof key !== "string") throw new TypeError(`emit: the key does not fit its type: expected utf8, got ${showValue(key)}`);
      // A key that may not fit what is left of the text waits for an empty one, or goes by the way of all others.
      if (key.length > SHORT && !this.#hasRoom(key)) return emitPlain(key, value);
      if (!this.#allOnes) append.call(this, value);
      else if (value !== 1) {
        this.#writeOnes();
        append.call(this, value);
      }
      this.#copy(key);
      if (this.#rows === BLOCK_ROWS || this.#starts[this.#rows]! >= BLOCK_BYTES) this.flush();
    };
  }

  flush(): void {
    const rows = this.#rows;
    if (rows === 0) return;
    this.#rows = 0;
    try {
      this.#add(rows);
    } finally {
      this.#values.clear();
      this.#allOnes = this.#mayCount();
      // The memory may have grown.
      this.#text = this.#keys.text();
      this.#starts = this.#keys.starts();
      this.#starts[0] = 0;
    }
  }

  #writeOnes(): void {
    this.#allOnes = false;
    for (let row = 0; row < this.#rows; row++) this.#values.appendFloat64(1);
  }

  #hasRoom(key: string): boolean {
    if (this.#starts[this.#rows]! + key.length * WIDEST > TEXT_BYTES) this.flush();
    return key.length * WIDEST <= TEXT_BYTES && this.#rows < BLOCK_ROWS;
  }

  #copy(key: string): void {
    const text = this.#text;
    const starts = this.#starts;
    const start = starts[this.#rows]!;
    const size = key.length;
    let end = start + size;
    let seen = 0;
    if (size <= SHORT) {
      for (let i = 0; i < size; i++) {
        const code = key.charCodeAt(i);
        seen |= code;
        text[start + i] = code;
      }
    }
    if (size > SHORT || seen >= 0x80) end = start + encoder.encodeInto(key, text.subarray(start)).written;
    starts[++this.#rows] = end;
  }

  #appendNumber(value: unknown): void {
    if (typeof value !== "number") throw new TypeError(`emit: the value does not fit its type: expected float64, got ${showValue(value)}`);
    this.#values.appendFloat64(value);
  }

  #appendValue(value: unknown): void {
    try {
      this.#values.append(value);
    } catch (error) {
      this.#values.truncate(this.#rows);
      throw error instanceof TypeError ? new TypeError(`emit: the value does not fit its type: ${error.message}`) : error;
    }
  }
}
