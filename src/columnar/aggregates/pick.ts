import { ByteSink } from "../byte-sink.js";
import type { BytesColumn, Column, ColumnKind } from "../columns.js";
import { compareBytes } from "../kernels/compare-bytes.js";
import { columnKind } from "../value-layout.js";
import { cellReader } from "../value-reader.js";
import type { AggregateState } from "./aggregate-state.js";
import type { AggregateInput } from "./input-column.js";

export type PickRule = "min" | "max" | "first" | "last";

/** Keeps one of the values of each group: the smallest, the largest, the first or the last. */
export class Pick implements AggregateState {
  readonly kinds: readonly ColumnKind[];
  readonly #input: AggregateInput;
  readonly #rule: PickRule;
  readonly #read: (column: Column, row: number) => unknown;
  /** The value kept for each group; undefined before the first. */
  #numbers: (number | bigint | undefined)[] = [];
  #encoded: (Uint8Array | undefined)[] = [];
  #bytes = 0;

  constructor(input: AggregateInput, rule: PickRule) {
    this.#input = input;
    this.#rule = rule;
    this.kinds = [columnKind(input.type)];
    this.#read = cellReader(input.type);
  }

  get bytes(): number {
    return 16 * Math.max(this.#numbers.length, this.#encoded.length) + this.#bytes;
  }

  grow(): void {
    // Arrays grow as groups are first written.
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    this.merge(codes, [this.#input.column(values, rows)], rows);
  }

  merge(codes: Int32Array, [column]: readonly Column[], rows: number): void {
    if (column!.kind === "bytes") this.#pickBytes(codes, column!, rows);
    else this.#pickNumbers(codes, column!.values, rows);
  }

  export(groups: Int32Array, rows: number): Column[] {
    switch (this.kinds[0]!) {
      case "float64":
        return [{ kind: "float64", values: Float64Array.from({ length: rows }, (_, row) => this.#numbers[groups[row]!] as number) }];
      case "int64":
        return [{ kind: "int64", values: BigInt64Array.from({ length: rows }, (_, row) => this.#numbers[groups[row]!] as bigint) }];
      case "bytes": {
        const bytes = new ByteSink(this.#bytes);
        const offsets = new Int32Array(rows + 1);
        for (let row = 0; row < rows; row++) {
          bytes.append(this.#encoded[groups[row]!]!);
          offsets[row + 1] = bytes.length;
        }
        return [{ kind: "bytes", offsets, bytes: bytes.bytes }];
      }
    }
  }

  finish(group: number): unknown {
    return this.#read(this.export(Int32Array.of(group), 1)[0]!, 0);
  }

  clear(): void {
    this.#numbers = [];
    this.#encoded = [];
    this.#bytes = 0;
  }

  #pickNumbers(codes: Int32Array, values: Float64Array | BigInt64Array, rows: number): void {
    const kept = this.#numbers;
    for (let row = 0; row < rows; row++) {
      const group = codes[row]!;
      const old = kept[group];
      if (old === undefined || this.#replaces(compareNumbers(values[row]!, old))) kept[group] = values[row]!;
    }
  }

  #pickBytes(codes: Int32Array, { offsets, bytes }: BytesColumn, rows: number): void {
    const kept = this.#encoded;
    for (let row = 0; row < rows; row++) {
      const group = codes[row]!;
      const start = offsets[row]!;
      const end = offsets[row + 1]!;
      const old = kept[group];
      if (old !== undefined && !this.#replacesBytes(old, bytes, start, end)) continue;
      kept[group] = bytes.slice(start, end);
      this.#bytes += end - start + 64 - (old === undefined ? 0 : old.length + 64);
    }
  }

  #replacesBytes(old: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#input.type.nullable && this.#rule === "min") {
      // Null sorts first, but is the smallest only when nothing else is there.
      if (bytes[start] === 0) return false;
      if (old[0] === 0) return true;
    }
    return this.#replaces(compareBytes(bytes, start, end, old, 0, old.length));
  }

  #replaces(order: number): boolean {
    switch (this.#rule) {
      case "min":
        return order < 0;
      case "max":
        return order > 0;
      case "first":
        return false;
      case "last":
        return true;
    }
  }
}

/** NaN is the largest number and equals itself. */
function compareNumbers(left: number | bigint, right: number | bigint): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (left === right) return 0;
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
}
