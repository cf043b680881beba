import type { BytesColumn, Column, ColumnKind, Int64Column, ResultColumn } from "../columns.js";
import { hasBytes, noBytes } from "../gather.js";
import { ByteSink } from "../byte-sink.js";
import { rowNumbers } from "../row-numbers.js";
import type { AggregateState } from "./aggregate-state.js";
import { grown } from "./grown.js";
import type { AggregateInput } from "./input-column.js";

/** The exact sum of 64-bit integers. A sum may leave 64 bits on the way; at the end it must be back. */
export class SumInt64 implements AggregateState {
  readonly kinds: readonly ColumnKind[] = ["int64", "bytes"];
  readonly summary: AggregateState["summary"];
  readonly #input: AggregateInput;
  readonly #asNumber: boolean;
  readonly #excess = new Map<number, bigint>();
  #sums = new BigInt64Array(0);
  #groups = 0;

  constructor(input: AggregateInput) {
    this.#input = input;
    this.summary = input.index === undefined ? undefined : [{ kind: "sum", column: input.index, of: "int64" }];
    this.#asNumber = input.type.kind === "int64" && input.type.as === "number";
  }

  get bytes(): number {
    return 8 * this.#groups + 64 * this.#excess.size;
  }

  grow(groups: number): void {
    this.#sums = grown(this.#sums, groups);
    this.#groups = Math.max(this.#groups, groups);
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    this.#addAll(codes, (this.#input.column(values, rows) as Int64Column).values, rows);
  }

  addOnes = (times: Float64Array, groups: number): void => {
    this.#addAll(rowNumbers(groups), BigInt64Array.from(times.subarray(0, groups), BigInt), groups);
  };

  partialsOf = (values: readonly Column[], rows: number): Column[] => [this.#input.column(values, rows), noBytes(rows)];

  merge(codes: Int32Array, [sums, excess]: readonly Column[], rows: number): void {
    this.#addAll(codes, (sums as Int64Column).values, rows);
    const { offsets, bytes } = excess as BytesColumn;
    if (offsets[0] === offsets[rows]) return;
    for (let row = 0; row < rows; row++) {
      if (offsets[row + 1] === offsets[row]) continue;
      const more = BigInt(Buffer.from(bytes.subarray(offsets[row], offsets[row + 1])).toString());
      this.#excess.set(codes[row]!, (this.#excess.get(codes[row]!) ?? 0n) + more);
    }
  }

  export(groups: Int32Array, rows: number): Column[] {
    const sums = new BigInt64Array(rows);
    const offsets = new Int32Array(rows + 1);
    const bytes = new ByteSink(0);
    for (let row = 0; row < rows; row++) {
      sums[row] = this.#sums[groups[row]!]!;
      const excess = this.#excess.get(groups[row]!);
      if (excess !== undefined) bytes.utf8(String(excess));
      offsets[row + 1] = bytes.length;
    }
    return [{ kind: "int64", values: sums }, { kind: "bytes", offsets, bytes: bytes.bytes }];
  }

  /** Throws a RangeError when the sum does not fit its type. */
  finish(group: number): bigint | number {
    const sum = this.total(group);
    if (BigInt.asIntN(64, sum) !== sum) throw new RangeError(`sum: ${sum} does not fit int64; declare the value as t.float64(), or sum smaller units`);
    if (!this.#asNumber) return sum;
    if (!Number.isSafeInteger(Number(sum))) throw new RangeError(`sum: ${sum} is no safe integer; declare the value as t.int64(), which is a bigint`);
    return Number(sum);
  }

  finishColumns = (groups: Int32Array): ResultColumn[] => {
    if (this.#asNumber || this.#excess.size > 0) return [{ kind: "values", values: Array.from(groups, (group) => this.finish(group)) }];
    const values = new BigInt64Array(groups.length);
    for (let row = 0; row < values.length; row++) values[row] = this.#sums[groups[row]!]!;
    return [{ kind: "int64", values }];
  };

  finishPartials = ([sums, excess]: readonly Column[], rows: number): [Int64Column] | undefined => {
    return this.#asNumber || hasBytes(excess as BytesColumn, rows) ? undefined : [sums as Int64Column];
  };

  total(group: number): bigint {
    return this.#sums[group]! + (this.#excess.get(group) ?? 0n);
  }

  clear(): void {
    this.#sums.fill(0n, 0, this.#groups);
    this.#groups = 0;
    this.#excess.clear();
  }

  #addAll(codes: Int32Array, values: BigInt64Array, rows: number): void {
    const sums = this.#sums;
    for (let row = 0; row < rows; row++) {
      const group = codes[row]!;
      const sum = sums[group]! + values[row]!;
      if (BigInt.asIntN(64, sum) === sum) sums[group] = sum;
      else {
        this.#excess.set(group, (this.#excess.get(group) ?? 0n) + sum);
        sums[group] = 0n;
      }
    }
  }
}
