import { ByteSink } from "../byte-sink.js";
import { decoderFor } from "../codec.js";
import type { BytesColumn, Column, ColumnKind } from "../columns.js";
import { compareBytes } from "../kernels/compare-bytes.js";
import { columnKind } from "../value-layout.js";
import { cellReader } from "../value-reader.js";
import type { AggregateState } from "./aggregate-state.js";
import type { AggregateInput } from "./input-column.js";
import { KeptCells } from "./kept-cells.js";

export type PickRule = "min" | "max" | "first" | "last";

/** Keeps one of the values of each group: the smallest, the largest, the first or the last. */
export function pick(input: AggregateInput, rule: PickRule): AggregateState {
  return columnKind(input.type) === "bytes" ? new PickCells(input, rule) : new PickNumbers(input, rule);
}

/** Of values that lie as encoded bytes. */
class PickCells implements AggregateState {
  readonly kinds: readonly ColumnKind[] = ["bytes"];
  readonly #input: AggregateInput;
  readonly #rule: PickRule;
  readonly #decode: (bytes: Uint8Array, start: number, end: number) => unknown;
  readonly #kept = new KeptCells();

  constructor(input: AggregateInput, rule: PickRule) {
    this.#input = input;
    this.#rule = rule;
    this.#decode = decoderFor(input.type);
  }

  get bytes(): number {
    return this.#kept.memory;
  }

  grow(groups: number): void {
    this.#kept.grow(groups);
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    this.merge(codes, [this.#input.column(values, rows)], rows);
  }

  merge(codes: Int32Array, [column]: readonly Column[], rows: number): void {
    const { offsets, bytes } = column as BytesColumn;
    const kept = this.#kept;
    for (let row = 0; row < rows; row++) {
      const group = codes[row]!;
      if (!kept.has(group) || this.#replaces(group, bytes, offsets[row]!, offsets[row + 1]!)) kept.keep(group, bytes, offsets[row]!, offsets[row + 1]!);
    }
  }

  export(groups: Int32Array, rows: number): Column[] {
    const kept = this.#kept;
    const bytes = new ByteSink(kept.memory);
    const offsets = new Int32Array(rows + 1);
    for (let row = 0; row < rows; row++) {
      bytes.copy(kept.bytes, kept.start(groups[row]!), kept.end(groups[row]!));
      offsets[row + 1] = bytes.length;
    }
    return [{ kind: "bytes", offsets, bytes: bytes.bytes }];
  }

  finish(group: number): unknown {
    return this.#decode(this.#kept.bytes, this.#kept.start(group), this.#kept.end(group));
  }

  clear(): void {
    this.#kept.clear();
  }

  #replaces(group: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#rule === "first") return false;
    if (this.#rule === "last") return true;
    const kept = this.#kept;
    if (this.#input.type.nullable && this.#rule === "min") {
      // Null sorts first, but is the smallest only when nothing else is there.
      if (bytes[start] === 0) return false;
      if (kept.bytes[kept.start(group)] === 0) return true;
    }
    const order = compareBytes(bytes, start, end, kept.bytes, kept.start(group), kept.end(group));
    return this.#rule === "min" ? order < 0 : order > 0;
  }
}

/** Of values that lie as numbers; for extremes of int64, while extreme-number.ts finds those of doubles. */
class PickNumbers implements AggregateState {
  readonly kinds: readonly ColumnKind[];
  readonly summary: AggregateState["summary"];
  readonly #input: AggregateInput;
  readonly #rule: PickRule;
  readonly #read: (column: Column, row: number) => unknown;
  /** The value kept for each group; undefined before the first. */
  #kept: (number | bigint | undefined)[] = [];
  /** A group may have none where nulls are skipped, which is for integers alone: what any value replaces or equals. */
  readonly #ofNone: bigint;

  constructor(input: AggregateInput, rule: PickRule) {
    this.#input = input;
    this.#rule = rule;
    const kind = columnKind(input.type);
    this.kinds = [kind];
    this.#ofNone = rule === "min" ? 2n ** 63n - 1n : -(2n ** 63n);
    if (input.index !== undefined && kind === "int64" && (rule === "min" || rule === "max")) this.summary = [{ kind: rule, column: input.index, of: kind }];
    this.#read = cellReader(input.type);
  }

  get bytes(): number {
    return 16 * this.#kept.length;
  }

  grow(): void {
    // The array grows as groups are first written.
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    this.merge(codes, [this.#input.column(values, rows)], rows);
  }

  merge(codes: Int32Array, [column]: readonly Column[], rows: number): void {
    const { values } = column as Exclude<Column, BytesColumn>;
    const kept = this.#kept;
    for (let row = 0; row < rows; row++) {
      const group = codes[row]!;
      const old = kept[group];
      if (old === undefined || this.#replaces(values[row]!, old)) kept[group] = values[row]!;
    }
  }

  export(groups: Int32Array, rows: number): Column[] {
    const at = (_: unknown, row: number): number | bigint => this.#kept[groups[row]!] ?? this.#ofNone;
    if (this.kinds[0] === "int64") return [{ kind: "int64", values: BigInt64Array.from({ length: rows }, at as () => bigint) }];
    return [{ kind: "float64", values: Float64Array.from({ length: rows }, at as () => number) }];
  }

  finish(group: number): unknown {
    return this.#read(this.export(Int32Array.of(group), 1)[0]!, 0);
  }

  clear(): void {
    this.#kept = [];
  }

  #replaces(value: number | bigint, old: number | bigint): boolean {
    switch (this.#rule) {
      case "min":
        return value < old;
      case "max":
        return value > old;
      case "first":
        return false;
      case "last":
        return true;
    }
  }
}
