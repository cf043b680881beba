import type { BytesColumn, Column, ColumnKind, ResultColumn } from "../columns.js";
import type { AggregateState } from "./aggregate-state.js";
import { GroupedWords, KEPT_BYTES, wordsOf } from "./grouped-words.js";
import type { AggregateInput } from "./input-column.js";
import { wordsOfColumn } from "./words-of-column.js";

/** The value below which a share `q` of the values of a group lies, linear between neighbours; null of no values. Values that are no doubles are rounded to such. */
export class Quantile implements AggregateState {
  readonly kinds: readonly ColumnKind[] = ["bytes"];
  readonly #input: AggregateInput;
  readonly #q: number;
  readonly #words = new GroupedWords();

  /** Of numbers that are not null. */
  constructor(input: AggregateInput, q: number) {
    this.#input = input;
    this.#q = q;
  }

  get bytes(): number {
    return KEPT_BYTES * this.#words.size;
  }

  grow(): void {
    // A group begins with its first value.
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    this.#words.add(codes, wordsOfColumn(asDoubles(this.#input.column(values, rows)), rows), rows);
  }

  merge(codes: Int32Array, [partial]: readonly Column[], rows: number): void {
    const { groups, halves, size } = wordsOf(codes, partial as BytesColumn, rows);
    this.#words.add(groups, halves, size);
  }

  export(groups: Int32Array, rows: number): Column[] {
    return [this.#words.export(groups, rows)];
  }

  finish(group: number): number | null {
    const { buffer, byteOffset, length } = this.#words.of(group);
    return length === 0 ? null : quantileOf(new Float64Array(buffer, byteOffset, length / 2), this.#q);
  }

  finishColumns = (groups: Int32Array): ResultColumn[] => {
    const values = Array.from(groups, (group) => this.finish(group));
    return [values.includes(null) ? { kind: "values", values } : { kind: "float64", values: Float64Array.from(values as number[]) }];
  };

  clear(): void {
    this.#words.clear();
  }
}

function asDoubles(column: Column): Column {
  return column.kind === "int64" ? { kind: "float64", values: Float64Array.from(column.source ?? (column.values as unknown as Float64Array), Number) } : column;
}

/** Sorts the values. */
function quantileOf(values: Float64Array, q: number): number {
  values.sort();
  const place = (values.length - 1) * q;
  const below = values[Math.floor(place)]!;
  const above = values[Math.ceil(place)]!;
  const share = place - Math.floor(place);
  return share === 0 ? below : below * (1 - share) + above * share;
}
