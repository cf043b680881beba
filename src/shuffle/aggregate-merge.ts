/**
 * The reduce half of an aggregation: partial results of equal keys are merged in the order of the map tasks.
 * A hash table holds the groups; when it outgrows its budget its groups are spilled as a run in key order,
 * and in the end the runs are merged, oldest first, which keeps the order.
 */
import type { AggregateState } from "../columnar/aggregates/aggregate-state.js";
import type { BytesColumn, ColumnBatch } from "../columnar/columns.js";
import { compareBytes } from "../columnar/kernels/compare-bytes.js";
import { sortKeys } from "../columnar/kernels/sort-keys.js";
import { rowNumbers } from "../columnar/row-numbers.js";
import type { KeyNumbers } from "../columnar/key-numbers.js";
import type { SortedRows } from "./sorted-rows.js";

/** One group of the result: its encoded key, and its number in the state. */
export type VisitGroup = (keys: BytesColumn, row: number, group: number) => void;

export class AggregateMerge {
  readonly #state: AggregateState;
  readonly #overflow: SortedRows;
  readonly #budget: number;
  readonly #keys: KeyNumbers;
  #codes = new Int32Array(0);
  #overflowed = false;

  /** `overflow` takes partial results once `budget` bytes of groups are in memory. */
  constructor(keys: KeyNumbers, state: AggregateState, budget: number, overflow: SortedRows) {
    this.#keys = keys;
    this.#state = state;
    this.#budget = budget;
    this.#overflow = overflow;
  }

  add({ rows, keys, values }: ColumnBatch): void {
    if (this.#codes.length < rows) this.#codes = new Int32Array(rows);
    this.#keys.encode(keys, rows, this.#codes);
    this.#state.grow(this.#keys.size);
    this.#state.merge(this.#codes, values, rows);
    if (this.#keys.bytes + this.#state.bytes >= this.#budget) this.#spill();
  }

  /** Visits every group in key order; `state.finish(group)` is its result during the visit. */
  visit(visit: VisitGroup): void {
    if (this.#overflowed) {
      this.#spill();
      this.#visitSpilled(visit);
      return;
    }
    const sorted = this.#keys.sorted?.();
    const keys = this.#keys.keys();
    const order = sorted ?? sortKeys(keys, this.#keys.size);
    for (const group of order) visit(keys, group, group);
  }

  #spill(): void {
    const rows = this.#keys.size;
    if (rows === 0) return;
    this.#overflowed = true;
    const groups = rowNumbers(rows);
    const { offsets, bytes } = this.#keys.keys();
    this.#overflow.add({ rows, keys: { kind: "bytes", offsets: offsets.slice(0, rows + 1), bytes: bytes.slice(0, offsets[rows]) }, values: this.#state.export(groups, rows) });
    this.#keys.clear();
    this.#state.clear();
  }

  #visitSpilled(visit: VisitGroup): void {
    const state = this.#state;
    let carried: { keys: BytesColumn; row: number } | undefined;
    for (const { rows, keys, values } of this.#overflow.batches()) {
      const codes = new Int32Array(rows);
      const firstRows: { keys: BytesColumn; row: number }[] = carried ? [carried] : [];
      for (let row = 0; row < rows; row++) {
        const group = firstRows.at(-1);
        if (group === undefined || !sameKey(group.keys, group.row, keys, row)) firstRows.push({ keys, row });
        codes[row] = firstRows.length - 1;
      }
      state.grow(firstRows.length);
      state.merge(codes, values, rows);
      // The last group may go on in the next batch.
      const last = firstRows.length - 1;
      firstRows.slice(0, last).forEach((group, code) => visit(group.keys, group.row, code));
      const rest = state.export(Int32Array.of(last), 1);
      state.clear();
      state.grow(1);
      state.merge(Int32Array.of(0), rest, 1);
      carried = firstRows[last] && copied(firstRows[last]);
    }
    if (carried) visit(carried.keys, carried.row, 0);
  }
}

/** A key that outlives its batch. */
function copied({ keys: { offsets, bytes }, row }: { keys: BytesColumn; row: number }): { keys: BytesColumn; row: number } {
  const key = bytes.slice(offsets[row], offsets[row + 1]);
  return { keys: { kind: "bytes", offsets: Int32Array.of(0, key.length), bytes: key }, row: 0 };
}

function sameKey(a: BytesColumn, aRow: number, b: BytesColumn, bRow: number): boolean {
  return compareBytes(a.bytes, a.offsets[aRow]!, a.offsets[aRow + 1]!, b.bytes, b.offsets[bRow]!, b.offsets[bRow + 1]!) === 0;
}
