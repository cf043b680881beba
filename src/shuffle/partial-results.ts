/**
 * Hands out the partial results of many groups by the chunk, in the order of the groups: what is made of a chunk stays in the
 * cache until it has been copied to its partitions, and the collector gets no columns of millions of rows.
 */
import type { AggregateState } from "../columnar/aggregates/aggregate-state.js";
import type { BytesColumn, Column, ColumnBatch } from "../columnar/columns.js";
import { rowNumbers } from "../columnar/row-numbers.js";

/** Takes keys with partial results (`state.kinds` columns), valid during the call. */
export type Spill = (batch: ColumnBatch) => void;

const CHUNK = 4096;

/** All groups of a state. */
export function spillGroups(state: AggregateState, keys: BytesColumn, rows: number, spill: Spill): void {
  const groups = rowNumbers(rows);
  for (let from = 0; from < rows; from += CHUNK) {
    const to = Math.min(rows, from + CHUNK);
    spill({ rows: to - from, keys: slice(keys, from, to), values: state.export(groups.subarray(from, to), to - from) });
  }
}

/** Groups of which each had the value 1 so many times; the state is empty, before and afterwards. */
export function spillOnes(state: AggregateState, keys: BytesColumn, times: Float64Array, rows: number, spill: Spill): void {
  for (let from = 0; from < rows; from += CHUNK) {
    const to = Math.min(rows, from + CHUNK);
    spill({ rows: to - from, keys: slice(keys, from, to), values: partialsOf(state, times.subarray(from, to)) });
  }
}

function partialsOf(state: AggregateState, times: Float64Array): readonly Column[] {
  const partials = state.ofTimes?.(times).partials;
  if (partials !== undefined) return partials;
  state.grow(times.length);
  state.addOnes!(times, times.length);
  const exported = state.export(rowNumbers(times.length), times.length);
  state.clear();
  return exported;
}

function slice({ offsets, bytes }: BytesColumn, from: number, to: number): BytesColumn {
  return { kind: "bytes", offsets: offsets.subarray(from, to + 1), bytes };
}
