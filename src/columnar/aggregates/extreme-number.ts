import type { Column, ColumnKind, Float64Column, ResultColumn } from "../columns.js";
import { cellReader } from "../value-reader.js";
import type { AggregateState } from "./aggregate-state.js";
import { grown } from "./grown.js";
import type { AggregateInput } from "./input-column.js";

/** The smallest or largest number of each group, for values that lie as doubles; NaN is the largest, and -0 is 0 (which adding 0 makes of it). About 2 ns a row. */
export class ExtremeNumber implements AggregateState {
  readonly kinds: readonly ColumnKind[] = ["float64"];
  readonly summary: AggregateState["summary"];
  readonly #input: AggregateInput;
  readonly #rule: "min" | "max";
  readonly #read: (column: Column, row: number) => unknown;
  /** Whether results are the numbers as they lie. */
  readonly #isPlain: boolean;
  #kept = new Float64Array(0);
  #groups = 0;

  constructor(input: AggregateInput, rule: "min" | "max") {
    this.#input = input;
    this.#rule = rule;
    this.summary = input.index === undefined ? undefined : [{ kind: rule, column: input.index, of: "float64" }];
    this.#read = cellReader(input.type);
    this.#isPlain = input.type.kind === "float64" || input.type.kind === "int32";
  }

  get bytes(): number {
    return 8 * this.#groups;
  }

  grow(groups: number): void {
    if (groups <= this.#groups) return;
    this.#kept = grown(this.#kept, groups);
    // What any value replaces or equals.
    this.#kept.fill(this.#rule === "min" ? NaN : -Infinity, this.#groups, groups);
    this.#groups = groups;
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    this.merge(codes, [this.#input.column(values, rows)], rows);
  }

  partialsOf = (values: readonly Column[], rows: number): Column[] => [this.#input.column(values, rows)];

  merge(codes: Int32Array, [column]: readonly Column[], rows: number): void {
    const { values } = column as Float64Column;
    if (this.#rule === "min") keepLeast(this.#kept, codes, values, rows);
    else keepGreatest(this.#kept, codes, values, rows);
  }

  export(groups: Int32Array, rows: number): Column[] {
    const values = new Float64Array(rows);
    for (let row = 0; row < rows; row++) values[row] = this.#kept[groups[row]!]!;
    return [{ kind: "float64", values }];
  }

  finish(group: number): unknown {
    return this.#read({ kind: "float64", values: this.#kept }, group);
  }

  finishColumns = (groups: Int32Array): ResultColumn[] => {
    if (this.#isPlain) return this.export(groups, groups.length);
    return [{ kind: "values", values: Array.from(groups, (group) => this.finish(group)) }];
  };

  finishPartials = ([column]: readonly Column[]): ResultColumn[] | undefined => (this.#isPlain ? [column!] : undefined);

  clear(): void {
    this.#groups = 0;
  }
}

function keepLeast(kept: Float64Array, codes: Int32Array, values: Float64Array, rows: number): void {
  for (let row = 0; row < rows; row++) {
    const group = codes[row]!;
    // False for a value that is NaN, true where NaN is kept and the value is a number.
    if (!(values[row]! >= kept[group]!) && values[row]! === values[row]!) kept[group] = values[row]! + 0;
  }
}

function keepGreatest(kept: Float64Array, codes: Int32Array, values: Float64Array, rows: number): void {
  for (let row = 0; row < rows; row++) {
    const group = codes[row]!;
    if (!(values[row]! <= kept[group]!) && kept[group]! === kept[group]!) kept[group] = values[row]! + 0;
  }
}
