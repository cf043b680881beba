/**
 * A pair buffer is where `emit(key, value)` puts its pairs: key bytes in one arena, values in columns. A full
 * buffer is handed on as one batch. The common pair, a string and a number, has its own path: the key's
 * characters are copied by a loop (about 20 ns for a word), which costs less than any call into the runtime.
 */
import type { TypeSpec } from "../model/type-spec.js";
import { showValue } from "../model/show-value.js";
import { ByteSink } from "./byte-sink.js";
import { encoderFor } from "./codec.js";
import type { ColumnBatch } from "./columns.js";
import { ValueColumns } from "./value-columns.js";
import type { ValueLayout } from "./value-layout.js";

export type Emit = (key: unknown, value: unknown) => void;

export class PairBuffer {
  /** The user's emit. Throws a TypeError that shows the value when a key or value does not fit its type. */
  readonly emit: Emit;
  readonly #flush: (batch: ColumnBatch) => void;
  readonly #values: ValueColumns;
  readonly #keys: ByteSink;
  readonly #maxRows: number;
  readonly #maxBytes: number;
  #offsets = NO_ROWS;
  #rows = 0;
  /** Rows below this one belong to records that are done. */
  #settled = 0;
  /** Inside a record that may yet be taken back. */
  #held = false;

  /** `flush` gets each full batch, valid during the call. A batch has about `maxRows` rows and `maxBytes` bytes of keys and values at most. */
  constructor(key: TypeSpec, layout: ValueLayout, limits: { readonly maxRows: number; readonly maxBytes: number }, flush: (batch: ColumnBatch) => void) {
    this.#maxRows = limits.maxRows;
    this.#maxBytes = limits.maxBytes;
    this.#flush = flush;
    this.#values = new ValueColumns(layout);
    this.#keys = new ByteSink();
    const words = key.kind === "utf8" && !key.nullable && layout.members === undefined && layout.type.kind === "float64" && !layout.type.nullable;
    this.emit = words ? this.#emitWord.bind(this) : this.#emitAny(key);
  }

  /** From now on pairs are taken back by `takeBack` unless `settle` was called. */
  hold(): void {
    this.#held = true;
  }

  /** The current record is done: its pairs stay. */
  settle(): void {
    this.#settled = this.#rows;
    if (this.#isFull()) this.flush();
  }

  /** Takes back the pairs of the current record. False when some have been handed on already. */
  takeBack(): boolean {
    if (this.#settled < 0) return false;
    this.#rows = this.#settled;
    this.#keys.length = this.#offsets[this.#rows]!;
    this.#values.truncate(this.#rows);
    return true;
  }

  flush(): void {
    if (this.#rows > 0) {
      this.#flush({ rows: this.#rows, keys: { kind: "bytes", offsets: this.#offsets, bytes: this.#keys.bytes }, values: this.#values.columns() });
    }
    this.#keys.clear();
    this.#values.clear();
    this.#rows = 0;
    this.#settled = 0;
  }

  #emitWord(key: unknown, value: unknown): void {
    if (typeof key !== "string") throw mismatch("key", "utf8", key);
    if (typeof value !== "number") throw mismatch("value", "float64", value);
    this.#keys.utf8(key);
    this.#values.appendFloat64(value);
    this.#endPair();
  }

  #emitAny(key: TypeSpec): Emit {
    const encode = encoderFor(key);
    return (key, value) => {
      const start = this.#keys.length;
      let part = "key";
      try {
        encode(key, this.#keys);
        part = "value";
        this.#values.append(value);
      } catch (error) {
        this.#keys.length = start;
        this.#values.truncate(this.#rows);
        throw error instanceof TypeError ? new TypeError(`emit: the ${part} does not fit its type: ${error.message}`) : error;
      }
      this.#endPair();
      if (this.#values.bytes >= this.#maxBytes) this.#overflow();
    };
  }

  #endPair(): void {
    const rows = ++this.#rows;
    if (rows === this.#offsets.length) this.#growOffsets();
    this.#offsets[rows] = this.#keys.length;
    if (rows >= this.#maxRows || this.#keys.length >= this.#maxBytes) this.#overflow();
  }

  #overflow(): void {
    if (this.#held && this.#bytes() < HELD_LIMIT) return;
    this.flush();
    if (this.#held) this.#settled = HANDED_ON;
  }

  #isFull(): boolean {
    return this.#rows >= this.#maxRows || this.#bytes() >= this.#maxBytes;
  }

  #bytes(): number {
    return this.#keys.length + this.#values.bytes;
  }

  #growOffsets(): void {
    const grown = new Int32Array(Math.max(this.#offsets.length * 2, FEWEST_ROWS + 1));
    grown.set(this.#offsets);
    this.#offsets = grown;
  }
}

/** Room for so many pairs with the first one. */
const FEWEST_ROWS = 64;
/** Never written: there is no pair for it. */
const NO_ROWS = new Int32Array(1);
/** Most bytes that one record may emit and still be taken back. */
const HELD_LIMIT = 64 << 20;
const HANDED_ON = -1;

function mismatch(part: string, type: string, value: unknown): TypeError {
  return new TypeError(`emit: the ${part} does not fit its type: expected ${type}, got ${showValue(value)}`);
}
