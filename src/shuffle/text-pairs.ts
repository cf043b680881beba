/**
 * Emits of a job with an aggregator and text keys: a key goes straight into the combine table, without being
 * copied to a buffer first, and only its code and the value wait for the batch to fill. About 30 ns for a
 * word that the table knows.
 */
import { showValue } from "../model/show-value.js";
import type { ValueLayout } from "../columnar/value-layout.js";
import { ValueColumns } from "../columnar/value-columns.js";
import type { CombineTable } from "./combine-table.js";

const BATCH_ROWS = 1 << 14;
/** Long keys fill the table's memory within a batch. */
const LONG_KEY = 64;

export class TextPairs {
  readonly emit: (key: unknown, value: unknown) => void;
  readonly #values: ValueColumns;
  readonly #codes = new Int32Array(BATCH_ROWS);
  readonly #add: (rows: number) => void;
  #rows = 0;

  /** `emitPlain` takes pairs once the table has given up combining; `guarded` notes errors on the way out. */
  constructor(table: CombineTable, layout: ValueLayout, emitPlain: (key: unknown, value: unknown) => void, guarded: (action: (rows: number) => void) => (rows: number) => void) {
    this.#values = new ValueColumns(layout);
    this.#add = guarded((rows) => table.addCoded(this.#codes, this.#values.columns(), rows));
    const isNumber = layout.members === undefined && layout.type.kind === "float64" && !layout.type.nullable;
    const append = isNumber ? this.#appendNumber : this.#appendValue;
    this.emit = (key, value) => {
      if (table.bypasses) return emitPlain(key, value);
      if (typeof key !== "string") throw new TypeError(`emit: the key does not fit its type: expected utf8, got ${showValue(key)}`);
      append.call(this, value);
      this.#codes[this.#rows++] = table.code(key);
      if (this.#rows === BATCH_ROWS || (key.length > LONG_KEY && table.isFull)) this.flush();
    };
  }

  flush(): void {
    const rows = this.#rows;
    if (rows === 0) return;
    this.#rows = 0;
    this.#add(rows);
    this.#values.clear();
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
