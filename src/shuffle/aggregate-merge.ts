/**
 * The reduce half of an aggregation: partial results of equal keys are merged in the order of the map tasks.
 * A hash table holds the groups; when it outgrows its budget its groups are spilled as a run in key order,
 * and in the end the runs are merged, oldest first, which keeps the order.
 */
import type { AggregateState } from "../columnar/aggregates/aggregate-state.js";
import { MergedSummaries, type MergeState } from "../columnar/aggregates/merged-summaries.js";
import type { BytesColumn, ColumnBatch, ResultColumn } from "../columnar/columns.js";
import { compareBytes } from "../columnar/kernels/compare-bytes.js";
import { keysInOrder } from "../columnar/ordered-keys.js";
import { gatherBytes } from "../columnar/gather.js";
import { rowNumbers } from "../columnar/row-numbers.js";
import { KernelKeyTable } from "../columnar/kernel-key-table.js";
import type { KeyNumbers, OrderedKeys } from "../columnar/key-numbers.js";
import type { SortedRows } from "./sorted-rows.js";

/** Some groups of the result: their encoded keys, one for each row, and their numbers in the state, of which `finish` and `finishColumns` may be called. */
export type VisitGroups = (keys: BytesColumn, groups: Int32Array, state: MergeState) => void;

/** What a key's state takes once it learns of the hits: a sum, about the largest that counts by hits. */
const BYTES_TO_COME = 24;

export class AggregateMerge {
  readonly #state: MergeState;
  /** Of rows in key order, which the table has not numbered. */
  readonly #ordered: AggregateState;
  readonly #overflow: SortedRows;
  readonly #budget: number;
  readonly #keys: KeyNumbers;
  #codes = new Int32Array(0);
  #overflowed = false;
  /** Whether all that came so far was made by values of 1: then hits of the keys are all there is to remember. */
  #byHits: boolean;
  #hits = 0;

  /** The state is to be empty, and the key table, whose records are as MergedSummaries has them. `overflow` takes partial results once `budget` bytes of groups are in memory. */
  constructor(keys: KeyNumbers, state: AggregateState, budget: number, overflow: SortedRows) {
    this.#keys = keys;
    this.#ordered = state;
    this.#state = keys instanceof KernelKeyTable && keys.recordBytes > 0 ? new MergedSummaries(state, keys) : state;
    this.#budget = budget;
    this.#overflow = overflow;
    this.#byHits = this.#canCount;
  }

  add(batch: ColumnBatch): void {
    if (!this.#addHits(batch)) this.#addRows(batch);
    const stateBytes = this.#byHits ? this.#keys.size * BYTES_TO_COME : this.#state.bytes;
    if (this.#keys.bytes + stateBytes >= this.#budget) this.#spill();
  }

  /** Counts hits instead of merging; false when that will not do. */
  #addHits({ rows, keys, values }: ColumnBatch): boolean {
    if (!this.#byHits) return false;
    const times = this.#state.timesOf!(values, rows);
    const hits = times === undefined ? NaN : this.#hits + wholeSum(times, rows);
    if (!(hits <= Number.MAX_SAFE_INTEGER)) return false;
    this.#hits = hits;
    this.#keys.encodeTimes!(keys, rows, allOnes(times!, rows) ? undefined : times);
    return true;
  }

  #addRows({ rows, keys, values }: ColumnBatch): void {
    this.#leaveHits();
    if (this.#codes.length < rows) this.#codes = new Int32Array(rows);
    this.#keys.encode(keys, rows, this.#codes);
    this.#state.grow(this.#keys.size);
    this.#state.merge(this.#codes, values, rows);
  }

  get #canCount(): boolean {
    const { addOnes, timesOf } = this.#state;
    return addOnes !== undefined && timesOf !== undefined && this.#keys.encodeTimes !== undefined;
  }

  #leaveHits(): void {
    if (!this.#byHits) return;
    this.#byHits = false;
    const groups = this.#keys.size;
    this.#state.grow(groups);
    if (groups > 0) this.#state.addOnes!(this.#keys.hits!(), groups);
  }

  /** Visits all groups in key order. The last call there is. */
  visit(visit: VisitGroups): void {
    this.#leaveHits();
    if (this.#overflowed) {
      this.#spill();
      this.#visitSpilled(visit);
      return;
    }
    for (const { keys, codes } of this.#inOrder()) visit(keys, codes, this.#state);
  }

  /** The same, with the results as columns, which `columnsOf` makes of groups in the state. */
  visitColumns(columnsOf: (groups: Int32Array, state: MergeState) => ResultColumn[], visit: (keys: BytesColumn, rows: number, results: ResultColumn[]) => void): void {
    const { ofTimes } = this.#state;
    const times = this.#byHits && !this.#overflowed && ofTimes ? this.#keys.hits!() : undefined;
    if (times === undefined) return this.visit((keys, groups, state) => visit(keys, groups.length, columnsOf(groups, state)));
    for (const { keys, codes } of this.#inOrder()) visit(keys, codes.length, ofTimes!(gatherNumbers(times, codes)).results);
  }

  #inOrder(): Iterable<OrderedKeys> {
    return this.#keys.inOrder?.() ?? keysInOrder(this.#keys.keys(), this.#keys.size);
  }

  #spill(): void {
    const rows = this.#keys.size;
    if (rows === 0) return;
    this.#overflowed = true;
    this.#leaveHits();
    const groups = rowNumbers(rows);
    const { offsets, bytes } = this.#keys.keys();
    this.#overflow.add({ rows, keys: { kind: "bytes", offsets: offsets.slice(0, rows + 1), bytes: bytes.slice(0, offsets[rows]) }, values: this.#state.export(groups, rows) });
    this.#keys.clear();
    this.#state.clear();
    this.#hits = 0;
    this.#byHits = this.#canCount;
  }

  #visitSpilled(visit: VisitGroups): void {
    const state = this.#ordered;
    // The last group of a batch may go on in the next.
    let carried: BytesColumn | undefined;
    for (const { rows, keys, values } of this.#overflow.batches()) {
      if (rows === 0) continue;
      const isMore = carried !== undefined && sameKey(carried, 0, keys, 0);
      if (carried !== undefined && !isMore) {
        visit(carried, Int32Array.of(0), state);
        state.clear();
      }
      const { codes, firstRows } = groupsOfSorted(keys, rows);
      state.grow(firstRows.length);
      state.merge(codes, values, rows);
      const last = firstRows.length - 1;
      if (last > 0) visit(gatherBytes(keys, firstRows, 0, last), rowNumbers(last), state);
      const rest = state.export(Int32Array.of(last), 1);
      state.clear();
      state.grow(1);
      state.merge(Int32Array.of(0), rest, 1);
      carried = gatherBytes(keys, firstRows, last, last + 1);
    }
    if (carried) visit(carried, Int32Array.of(0), state);
  }
}

function gatherNumbers(values: Float64Array, order: Int32Array): Float64Array {
  const gathered = new Float64Array(order.length);
  for (let i = 0; i < order.length; i++) gathered[i] = values[order[i]!]!;
  return gathered;
}

function allOnes(times: Float64Array, rows: number): boolean {
  let row = 0;
  while (row < rows && times[row] === 1) row++;
  return row === rows;
}

/** NaN where one is no whole number from 0 up. */
function wholeSum(values: Float64Array, rows: number): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += values[row]! >= 0 && Math.floor(values[row]!) === values[row]! ? values[row]! : NaN;
  return sum;
}

/** Rows numbered by their groups of equal keys, which lie together, and the first row of each. */
function groupsOfSorted(keys: BytesColumn, rows: number): { codes: Int32Array; firstRows: Int32Array } {
  const codes = new Int32Array(rows);
  const firstRows = new Int32Array(rows);
  let groups = 0;
  for (let row = 0; row < rows; row++) {
    if (row === 0 || !sameKey(keys, row - 1, keys, row)) firstRows[groups++] = row;
    codes[row] = groups - 1;
  }
  return { codes, firstRows: firstRows.subarray(0, groups) };
}

function sameKey(a: BytesColumn, aRow: number, b: BytesColumn, bRow: number): boolean {
  return compareBytes(a.bytes, a.offsets[aRow]!, a.offsets[aRow + 1]!, b.bytes, b.offsets[bRow]!, b.offsets[bRow + 1]!) === 0;
}
