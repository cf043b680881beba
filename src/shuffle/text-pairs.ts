/**
 * Emits of a job with an aggregator and text keys: keys are gathered in a block, about 20 ns for a word, and a full
 * block is given codes at once. Values of 1, which is how things are counted, are not even written down as long as no other comes.
 */
import { showValue } from "../model/show-value.js";
import { KeyBlock, LONGEST_KEY } from "../columnar/key-block.js";
import type { KernelKeyTable } from "../columnar/kernel-key-table.js";
import type { Emit } from "../columnar/pair-buffer.js";
import type { ValueLayout } from "../columnar/value-layout.js";
import { ValueColumns } from "../columnar/value-columns.js";
import type { CombineTable } from "./combine-table.js";

export class TextPairs {
  readonly emit: (key: unknown, value: unknown) => void;
  readonly #values: ValueColumns;
  readonly #block: KeyBlock;
  readonly #add: (rows: number) => void;
  readonly #mayCount: () => boolean;
  /** Whether all values of the block are 1, and none is written down. */
  #allOnes: boolean;

  /** `openPlain` gives what takes pairs once the table has given up combining; `guarded` notes errors on the way out. */
  constructor(table: CombineTable, keys: KernelKeyTable, layout: ValueLayout, openPlain: () => Emit, guarded: (action: (rows: number) => void) => (rows: number) => void) {
    this.#values = new ValueColumns(layout);
    const block = new KeyBlock(keys);
    this.#block = block;
    const isNumber = layout.members === undefined && layout.type.kind === "float64" && !layout.type.nullable;
    this.#mayCount = () => isNumber && table.countsByHits;
    this.#allOnes = this.#mayCount();
    this.#add = guarded((rows) => {
      if (this.#allOnes) {
        block.encode(false);
        return table.addOnes(rows);
      }
      table.leaveHits();
      block.encode(true);
      table.addCoded(keys.codes(rows), this.#values.columns(), rows);
    });
    const append = isNumber ? this.#appendNumber : this.#appendValue;
    let opened: Emit | undefined;
    const plain = (): Emit => (opened ??= openPlain());
    this.emit = (key, value) => {
      if (table.bypasses) return plain()(key, value);
      if (typeof key !== "string") throw new TypeError(`emit: the key does not fit its type: expected utf8, got ${showValue(key)}`);
      if (key.length > LONGEST_KEY) return this.#emitLongest(key, value, plain());
      if (!this.#allOnes) append.call(this, value);
      else if (value !== 1) {
        this.#writeOnes();
        append.call(this, value);
      }
      block.add(key);
      if (block.isFull) this.flush();
    };
  }

  flush(): void {
    const { rows } = this.#block;
    if (rows === 0) return;
    try {
      this.#add(rows);
    } finally {
      this.#begin();
    }
  }

  #begin(): void {
    this.#block.clear();
    this.#values.clear();
    this.#allOnes = this.#mayCount();
  }

  /** By the way of all other keys, which may move the table's memory, and have it learn of its hits. */
  #emitLongest(key: string, value: unknown, emitPlain: Emit): void {
    this.flush();
    emitPlain(key, value);
    this.#begin();
  }

  #writeOnes(): void {
    this.#allOnes = false;
    for (let row = 0; row < this.#block.rows; row++) this.#values.appendFloat64(1);
  }

  #appendNumber(value: unknown): void {
    if (typeof value !== "number") throw new TypeError(`emit: the value does not fit its type: expected float64, got ${showValue(value)}`);
    this.#values.appendFloat64(value);
  }

  #appendValue(value: unknown): void {
    try {
      this.#values.append(value);
    } catch (error) {
      this.#values.truncate(this.#block.rows);
      throw error instanceof TypeError ? new TypeError(`emit: the value does not fit its type: ${error.message}`) : error;
    }
  }
}
