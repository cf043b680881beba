import type { Column, ColumnKind, Float64Column, ResultColumn } from "../columns.js";
import type { AggregateState } from "./aggregate-state.js";
import { Count } from "./count.js";

/** A state of plain numbers, and null of no values: for inputs whose nulls are skipped. */
export class OrNull implements AggregateState {
  readonly kinds: readonly ColumnKind[];
  readonly summary: AggregateState["summary"];
  readonly #state: AggregateState;
  readonly #count = new Count();

  constructor(state: AggregateState) {
    this.#state = state;
    this.kinds = [...state.kinds, ...this.#count.kinds];
    this.summary = state.summary && [...state.summary, ...this.#count.summary];
  }

  get bytes(): number {
    return this.#state.bytes + this.#count.bytes;
  }

  grow(groups: number): void {
    this.#state.grow(groups);
    this.#count.grow(groups);
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    this.#state.add(codes, values, rows);
    this.#count.add(codes, values, rows);
  }

  merge(codes: Int32Array, partials: readonly Column[], rows: number): void {
    this.#state.merge(codes, partials.slice(0, -1), rows);
    this.#count.merge(codes, partials.slice(-1), rows);
  }

  export(groups: Int32Array, rows: number): Column[] {
    return [...this.#state.export(groups, rows), ...this.#count.export(groups, rows)];
  }

  finish(group: number): unknown {
    return this.#count.finish(group) === 0 ? null : this.#state.finish(group);
  }

  finishColumns = (groups: Int32Array): ResultColumn[] => {
    const [counts] = this.#count.export(groups, groups.length) as [Float64Column];
    const columns = counts.values.includes(0) ? undefined : this.#state.finishColumns?.(groups);
    return columns ?? [{ kind: "values", values: Array.from(groups, (group) => this.finish(group)) }];
  };

  finishPartials = (partials: readonly Column[], rows: number): ResultColumn[] | undefined => {
    const { values: counts } = partials.at(-1) as Float64Column;
    return counts.subarray(0, rows).includes(0) ? undefined : this.#state.finishPartials?.(partials.slice(0, -1), rows);
  };

  clear(): void {
    this.#state.clear();
    this.#count.clear();
  }
}
