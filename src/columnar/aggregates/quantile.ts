import type { BytesColumn, Column, ColumnKind, Float64Column, Int64Column, ResultColumn } from "../columns.js";
import { numbersOf } from "../made-columns.js";
import { wordsOfDoubles } from "../number-words.js";
import type { AggregateState } from "./aggregate-state.js";
import { GroupedWords, KEPT_BYTES, wordsOf } from "./grouped-words.js";
import type { AggregateInput } from "./input-column.js";
import { kthAndNext } from "./kth-number.js";

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
    const numbers = numbersOf(this.#input.column(values, rows) as Float64Column | Int64Column);
    this.#words.add(codes, wordsOfDoubles(numbers instanceof BigInt64Array ? Float64Array.from(numbers, Number) : numbers, rows), rows);
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

/** Rearranges the values. */
function quantileOf(values: Float64Array, q: number): number {
  const place = (values.length - 1) * q;
  const share = place - Math.floor(place);
  const { kth, next } = kthAndNext(values, Math.floor(place));
  return share === 0 ? kth : kth * (1 - share) + next * share;
}
