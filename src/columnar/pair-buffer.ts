/**
 * A pair buffer is where `emit(key, value)` puts its pairs: keys in one column, values in others. A full
 * buffer is handed on as one batch. The common pair, a string and a number, has its own path.
 */
import type { TypeSpec } from "../model/type-spec.js";
import { showValue } from "../model/show-value.js";
import type { ColumnBatch } from "./columns.js";
import { bytesCells, ValueColumns } from "./value-columns.js";
import type { ValueLayout } from "./value-layout.js";

export type Emit = (key: unknown, value: unknown) => void;

export class PairBuffer {
  /** The user's emit. Throws a TypeError that shows the value when a key or value does not fit its type. */
  readonly emit: Emit;
  readonly #flush: (batch: ColumnBatch) => void;
  readonly #values: ValueColumns;
  readonly #keys: ReturnType<typeof bytesCells>;
  readonly #maxRows: number;
  readonly #maxBytes: number;
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
    this.#keys = bytesCells(key);
    const words = key.kind === "utf8" && !key.nullable && layout.members === undefined && layout.type.kind === "float64" && !layout.type.nullable;
    this.emit = words ? this.#emitWord.bind(this) : this.#emitAny.bind(this);
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
    this.#keys.truncate(this.#rows);
    this.#values.truncate(this.#rows);
    return true;
  }

  flush(): void {
    if (this.#rows > 0) {
      this.#flush({ rows: this.#rows, keys: this.#keys.column(), values: this.#values.columns() });
    }
    this.#keys.truncate(0);
    this.#values.clear();
    this.#rows = 0;
    this.#settled = 0;
  }

  #emitWord(key: unknown, value: unknown): void {
    if (typeof key !== "string") throw mismatch("key", "utf8", key);
    if (typeof value !== "number") throw mismatch("value", "float64", value);
    this.#keys.append(key);
    this.#values.appendFloat64(value);
    this.#endPair();
  }

  #emitAny(key: unknown, value: unknown): void {
    let part = "key";
    try {
      this.#keys.append(key);
      part = "value";
      this.#values.append(value);
    } catch (error) {
      this.#keys.truncate(this.#rows);
      this.#values.truncate(this.#rows);
      throw error instanceof TypeError ? new TypeError(`emit: the ${part} does not fit its type: ${error.message}`) : error;
    }
    this.#endPair();
    if (this.#values.bytes >= this.#maxBytes) this.#overflow();
  }

  #endPair(): void {
    if (++this.#rows >= this.#maxRows || this.#keys.bytes >= this.#maxBytes) this.#overflow();
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
    return this.#keys.bytes + this.#values.bytes;
  }
}

/** Most bytes that one record may emit and still be taken back. */
const HELD_LIMIT = 64 << 20;
const HANDED_ON = -1;

function mismatch(part: string, type: string, value: unknown): TypeError {
  return new TypeError(`emit: the ${part} does not fit its type: expected ${type}, got ${showValue(value)}`);
}
