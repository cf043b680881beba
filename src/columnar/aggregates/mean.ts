import type { Column, ColumnKind, Float64Column, ResultColumn } from "../columns.js";
import type { AggregateState } from "./aggregate-state.js";
import { Count } from "./count.js";
import { fromUnits } from "./exact-total.js";
import { SumFloat64 } from "./sum-float64.js";
import type { SumInt64 } from "./sum-int64.js";

/** The exact sum, rounded to a double, divided by the count. Null of no values, which only an input of nullable numbers can have. */
export class Mean implements AggregateState {
  readonly kinds: readonly ColumnKind[];
  readonly summary: AggregateState["summary"];
  readonly sum: SumFloat64 | SumInt64;
  readonly count = new Count();

  constructor(sum: SumFloat64 | SumInt64) {
    this.sum = sum;
    this.kinds = [...sum.kinds, ...this.count.kinds];
    this.summary = sum.summary && [...sum.summary, ...this.count.summary];
  }

  get bytes(): number {
    return this.sum.bytes + this.count.bytes;
  }

  grow(groups: number): void {
    this.sum.grow(groups);
    this.count.grow(groups);
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    this.sum.add(codes, values, rows);
    this.count.add(codes, values, rows);
  }

  addOnes = (times: Float64Array, groups: number): void => {
    this.sum.addOnes(times, groups);
    this.count.addOnes(times, groups);
  };

  partialsOf = (values: readonly Column[], rows: number): Column[] | undefined => {
    const sums = this.sum.partialsOf(values, rows);
    return sums && [...sums, ...this.count.partialsOf(values, rows)];
  };

  merge(codes: Int32Array, partials: readonly Column[], rows: number): void {
    this.sum.merge(codes, partials, rows);
    this.count.merge(codes, partials.slice(-1), rows);
  }

  export(groups: Int32Array, rows: number): Column[] {
    return [...this.sum.export(groups, rows), ...this.count.export(groups, rows)];
  }

  finish(group: number): number | null {
    return this.count.finish(group) === 0 ? null : this.#mean(group);
  }

  #mean(group: number): number {
    const count = this.count.finish(group);
    if (!(this.sum instanceof SumFloat64)) return Number(this.sum.total(group)) / count;
    const sum = this.sum.finish(group);
    if (Number.isFinite(sum)) return sum / count;
    // The sum may lie beyond the largest double, though the mean cannot.
    const units = this.sum.units(group);
    return units === undefined ? sum / count : fromUnits(units / BigInt(count));
  }

  finishColumns = (groups: Int32Array): ResultColumn[] => {
    const values = new Float64Array(groups.length);
    for (let row = 0; row < values.length; row++) values[row] = this.#mean(groups[row]!);
    return [nullOfNothing(values, (this.count.export(groups, groups.length)[0] as Float64Column).values)];
  };

  finishPartials = (partials: readonly Column[], rows: number): ResultColumn[] | undefined => {
    const counts = (partials.at(-1) as Float64Column).values;
    const sums = this.sum.finishPartials(partials, rows)?.[0].values;
    if (sums === undefined) return undefined;
    const values = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      const sum = Number(sums[row]);
      if (!Number.isFinite(sum)) return undefined;
      values[row] = sum / counts[row]!;
    }
    return [nullOfNothing(values, counts.subarray(0, rows))];
  };

  clear(): void {
    this.sum.clear();
    this.count.clear();
  }
}

function nullOfNothing(means: Float64Array, counts: Float64Array): ResultColumn {
  if (!counts.includes(0)) return { kind: "float64", values: means };
  return { kind: "values", values: Array.from(means, (mean, row) => (counts[row] === 0 ? null : mean)) };
}
