import type { Column, ColumnKind, Float64Column, ResultColumn } from "../columns.js";
import type { AggregateState } from "./aggregate-state.js";
import { grown } from "./grown.js";

/** How many values. */
export class Count implements AggregateState {
  readonly kinds: readonly ColumnKind[] = ["float64"];
  readonly summary = [{ kind: "count" }] as const;
  #counts = new Float64Array(0);
  #groups = 0;

  get bytes(): number {
    return 8 * this.#groups;
  }

  grow(groups: number): void {
    this.#counts = grown(this.#counts, groups);
    this.#groups = Math.max(this.#groups, groups);
  }

  add(codes: Int32Array, _values: readonly Column[], rows: number): void {
    const counts = this.#counts;
    for (let row = 0; row < rows; row++) counts[codes[row]!]!++;
  }

  addOnes = (times: Float64Array, groups: number): void => {
    const counts = this.#counts;
    for (let group = 0; group < groups; group++) counts[group]! += times[group]!;
  };

  timesOf = ([partial]: readonly Column[]): Float64Array => (partial as Float64Column).values;

  ofTimes = (times: Float64Array): { partials: Column[]; results: ResultColumn[] } => {
    const column: Column = { kind: "float64", values: times };
    return { partials: [column], results: [column] };
  };

  partialsOf = (_values: readonly Column[], rows: number): Column[] => [{ kind: "float64", values: new Float64Array(rows).fill(1) }];

  merge(codes: Int32Array, [partial]: readonly Column[], rows: number): void {
    const counts = this.#counts;
    const { values } = partial as Float64Column;
    for (let row = 0; row < rows; row++) counts[codes[row]!]! += values[row]!;
  }

  export(groups: Int32Array, rows: number): Column[] {
    const values = new Float64Array(rows);
    for (let row = 0; row < rows; row++) values[row] = this.#counts[groups[row]!]!;
    return [{ kind: "float64", values }];
  }

  finish(group: number): number {
    return this.#counts[group]!;
  }

  finishColumns = (groups: Int32Array): ResultColumn[] => this.export(groups, groups.length);

  finishPartials = ([counts]: readonly Column[]): ResultColumn[] => [counts!];

  clear(): void {
    this.#counts.fill(0, 0, this.#groups);
    this.#groups = 0;
  }
}
