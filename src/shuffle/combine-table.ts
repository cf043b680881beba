/**
 * A combine table folds pairs of equal keys into one row before they are written: the map-side half of an
 * aggregation. When keys hardly ever repeat, looking them up is wasted work; the table notices once it has many that came in
 * batches, or at its first spill, and from then on turns each pair into a partial result of its own.
 *
 * As long as all values are 1, which is how things are counted, the key table's hits are all there is to remember: the state
 * learns of them when another value comes, or at the end.
 */
import type { AggregateState } from "../columnar/aggregates/aggregate-state.js";
import type { BytesColumn, Column, ColumnBatch } from "../columnar/columns.js";
import { rowNumbers } from "../columnar/row-numbers.js";
import type { KeyNumbers } from "../columnar/key-numbers.js";
import { spillGroups, spillOnes, type Spill } from "./partial-results.js";

/** Above this share of new keys among the pairs seen, combining stops at a spill. */
const MOSTLY_NEW = 0.8;
/** So many keys show whether there is any use in it, and above this share of new ones there is none. Pairs that are emitted one by one are cheaper to look up than to pass on. */
const MANY_KEYS = 1 << 16;
const NEARLY_ALL_NEW = 0.95;
/** What a key's state takes once it learns of the hits: a sum, about the largest that counts by hits. */
const BYTES_TO_COME = 24;
const NO_CODES = new Int32Array(0);

export class CombineTable {
  readonly #keys: KeyNumbers;
  readonly #state: AggregateState;
  readonly #budget: number;
  readonly #spill: Spill;
  #codes = NO_CODES;
  #pairs = 0;
  #bypass = false;
  #byHits: boolean;
  /** How often all keys were forgotten; codes hold in between. */
  flushes = 0;

  /** `keys` are the table's own while it is in use. `spill` gets keys with partial results whenever `budget` bytes are in use. */
  constructor(keys: KeyNumbers, state: AggregateState, budget: number, spill: Spill) {
    this.#keys = keys;
    this.#state = state;
    this.#budget = budget;
    this.#spill = spill;
    this.#byHits = this.#canCount;
  }

  /** Whether all pairs since the last flush were of value 1, so that `addOnes` will do for more of them. */
  get countsByHits(): boolean {
    return this.#byHits;
  }

  /** Combining has stopped: keys are not worth looking up. */
  get bypasses(): boolean {
    return this.#bypass;
  }

  get isFull(): boolean {
    const stateBytes = this.#byHits ? this.#keys.size * BYTES_TO_COME : this.#state.bytes;
    return this.#keys.bytes + stateBytes >= this.#budget;
  }

  add(batch: ColumnBatch): void {
    const { rows } = batch;
    if (this.#bypass) return this.#passThrough(batch);
    if (this.#codes.length < rows) this.#codes = new Int32Array(rows);
    this.encode(batch.keys, rows, this.#codes);
    this.addCoded(this.#codes, batch.values, rows);
    const { size } = this.#keys;
    if (size < MANY_KEYS || size <= this.#pairs * NEARLY_ALL_NEW) return;
    this.#bypass = true;
    this.flush();
  }

  /** The codes of a column of keys, for `addCoded`; they hold until the next flush. */
  encode(keys: BytesColumn, rows: number, codes: Int32Array): void {
    this.leaveHits();
    this.#keys.encode(keys, rows, codes);
  }

  /** Adds pairs whose keys have been given codes by the table's keys since the last flush. */
  addCoded(codes: Int32Array, values: readonly Column[], rows: number): void {
    this.#state.grow(this.#keys.size);
    this.#state.add(codes, values, rows);
    this.#counted(rows);
  }

  /** Adds partial results of `pairs` pairs, which another state of the same kind exported. `isLast` says that the next call is `flush`. */
  addPartials(batch: ColumnBatch, pairs: number, isLast: boolean): void {
    if (this.#bypass || (isLast && this.#keys.size === 0)) return this.#spill(batch);
    const { rows, keys, values } = batch;
    if (this.#codes.length < rows) this.#codes = new Int32Array(rows);
    this.encode(keys, rows, this.#codes);
    this.#state.grow(this.#keys.size);
    this.#state.merge(this.#codes, values, rows);
    this.#counted(pairs);
  }

  /** Adds pairs of value 1 whose keys have been looked up in the table's keys, which counted them. */
  addOnes(rows: number): void {
    this.#counted(rows);
  }

  /** To be called before keys are looked up whose values are not 1. */
  leaveHits(): void {
    if (!this.#byHits) return;
    this.#byHits = false;
    const groups = this.#keys.size;
    this.#state.grow(groups);
    if (groups > 0) this.#state.addOnes!(this.#keys.hits!(), groups);
  }

  flush(): void {
    const rows = this.#keys.size;
    if (rows > 0) this.#spillAll(rows);
    this.flushes++;
    this.#state.clear();
    this.#pairs = 0;
    this.#byHits = this.#canCount;
  }

  #spillAll(rows: number): void {
    if (this.#byHits) spillOnes(this.#state, this.#keys.keys(), this.#keys.hits!(), rows, this.#spill);
    else spillGroups(this.#state, this.#keys.keys(), rows, this.#spill);
    this.#keys.clear();
  }

  get #canCount(): boolean {
    return this.#state.addOnes !== undefined && this.#keys.hits !== undefined;
  }

  #counted(rows: number): void {
    this.#pairs += rows;
    if (!this.isFull) return;
    this.#bypass = this.#keys.size > this.#pairs * MOSTLY_NEW;
    this.flush();
  }

  #passThrough({ rows, keys, values }: ColumnBatch): void {
    this.#spill({ rows, keys, values: this.#state.partialsOf?.(values, rows) ?? this.#partialsByState(values, rows) });
  }

  #partialsByState(values: readonly Column[], rows: number): Column[] {
    const groups = rowNumbers(rows);
    this.#state.grow(rows);
    this.#state.add(groups, values, rows);
    const partials = this.#state.export(groups, rows);
    this.#state.clear();
    return partials;
  }
}
