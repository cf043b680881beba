/**
 * A combine table folds pairs of equal keys into one row before they are written: the map-side half of an
 * aggregation. When keys hardly ever repeat, looking them up is wasted work; the table notices at its first
 * spill and from then on turns each pair into a partial result of its own.
 */
import type { AggregateState } from "../columnar/aggregates/aggregate-state.js";
import type { BytesColumn, Column, ColumnBatch } from "../columnar/columns.js";
import { KeyTable } from "../columnar/key-table.js";

/** Above this share of new keys among the pairs seen, combining stops. */
const MOSTLY_NEW = 0.8;

export class CombineTable {
  readonly #keys: KeyTable;
  readonly #state: AggregateState;
  readonly #budget: number;
  readonly #spill: (batch: ColumnBatch) => void;
  #codes = new Int32Array(0);
  #pairs = 0;
  #bypass = false;
  /** How often all keys were forgotten; codes hold in between. */
  flushes = 0;

  /** `spill` gets keys with partial results (`state.kinds` columns), valid during the call, whenever `budget` bytes are in use. */
  constructor(state: AggregateState, hashSeed: number, budget: number, spill: (batch: ColumnBatch) => void) {
    this.#keys = new KeyTable(hashSeed);
    this.#state = state;
    this.#budget = budget;
    this.#spill = spill;
  }

  /** Combining has stopped: keys are not worth looking up. */
  get bypasses(): boolean {
    return this.#bypass;
  }

  get isFull(): boolean {
    return this.#keys.bytes + this.#state.bytes >= this.#budget;
  }

  add(batch: ColumnBatch): void {
    const { rows } = batch;
    if (this.#bypass) return this.#passThrough(batch);
    if (this.#codes.length < rows) this.#codes = new Int32Array(rows);
    this.#keys.encode(batch.keys, rows, this.#codes);
    this.addCoded(this.#codes, batch.values, rows);
  }

  /** The code of a key, for `addCoded`; holds until then. */
  code(key: string): number {
    return this.#keys.encodeText(key);
  }

  /** The same for a column of keys. */
  encode(keys: BytesColumn, rows: number, codes: Int32Array): void {
    this.#keys.encode(keys, rows, codes);
  }

  /** Adds pairs whose keys have been given codes. */
  addCoded(codes: Int32Array, values: readonly Column[], rows: number): void {
    this.#state.grow(this.#keys.size);
    this.#state.add(codes, values, rows);
    this.#pairs += rows;
    if (!this.isFull) return;
    this.#bypass = this.#keys.size > this.#pairs * MOSTLY_NEW;
    this.flush();
  }

  flush(): void {
    const rows = this.#keys.size;
    if (rows > 0) this.#spill({ rows, keys: this.#keys.keys(), values: this.#state.export(upTo(rows), rows) });
    this.#keys.clear();
    this.flushes++;
    this.#state.clear();
    this.#pairs = 0;
  }

  #passThrough({ rows, keys, values }: ColumnBatch): void {
    const groups = upTo(rows);
    this.#state.grow(rows);
    this.#state.add(groups, values, rows);
    this.#spill({ rows, keys, values: this.#state.export(groups, rows) });
    this.#state.clear();
  }
}

function upTo(rows: number): Int32Array {
  const numbers = new Int32Array(rows);
  for (let i = 0; i < rows; i++) numbers[i] = i;
  return numbers;
}
