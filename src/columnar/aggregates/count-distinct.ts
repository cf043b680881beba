/** How many different values each group has, exactly. */
import type { BytesColumn, Column, ColumnKind, Float64Column, Int64Column, ResultColumn } from "../columns.js";
import { wordsOfColumn } from "../number-words.js";
import { columnKind } from "../value-layout.js";
import type { AggregateState } from "./aggregate-state.js";
import { DistinctCells } from "./distinct-cells.js";
import { DistinctWords } from "./distinct-words.js";
import { spreadGroups, wordsOf } from "./grouped-words.js";
import type { AggregateInput } from "./input-column.js";
import { skipNulls } from "./skip-nulls.js";
import { presentCells } from "./present-cells.js";

/** Of a cell's length. */
const LENGTH_BYTES = 4;

export function countDistinct(input: AggregateInput): AggregateState {
  const liesAsNumber = columnKind({ ...input.type, nullable: false }) !== "bytes";
  return liesAsNumber ? skipNulls(input, (numbers) => new DistinctNumbers(numbers)) : new DistinctTexts(input);
}

abstract class Distinct implements AggregateState {
  abstract readonly kinds: readonly ColumnKind[];
  protected abstract readonly distinct: DistinctWords | DistinctCells;
  protected readonly input: AggregateInput;

  constructor(input: AggregateInput) {
    this.input = input;
  }

  get bytes(): number {
    return this.distinct.bytes;
  }

  grow(): void {
    // A group begins with its first value.
  }

  abstract add(codes: Int32Array, values: readonly Column[], rows: number): void;
  abstract merge(codes: Int32Array, partials: readonly Column[], rows: number): void;
  abstract export(groups: Int32Array, rows: number): Column[];

  finish(group: number): number {
    return this.distinct.count(group);
  }

  finishColumns = (groups: Int32Array): ResultColumn[] => [{ kind: "float64", values: Float64Array.from(groups, (group) => this.distinct.count(group)) }];

  clear(): void {
    this.distinct.clear();
  }
}

/** Of values that lie as numbers. A partial result is the words of a group. */
class DistinctNumbers extends Distinct {
  readonly kinds: readonly ColumnKind[] = ["bytes"];
  protected readonly distinct = new DistinctWords();

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    this.distinct.addLoosely(codes, wordsOfColumn(this.input.column(values, rows) as Float64Column | Int64Column, rows), rows);
  }

  merge(codes: Int32Array, [partial]: readonly Column[], rows: number): void {
    const { groups, halves, size } = wordsOf(codes, partial!, rows);
    this.distinct.add(groups, halves, size);
  }

  export(groups: Int32Array, rows: number): Column[] {
    return [this.distinct.words.export(groups, rows)];
  }
}

/** Of values that lie as encoded bytes. A partial result is a group's cells, one after the other, and their lengths (uint32, little-endian). */
class DistinctTexts extends Distinct {
  readonly kinds: readonly ColumnKind[] = ["bytes", "bytes"];
  protected readonly distinct = new DistinctCells();

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    const cells = this.input.column(values, rows) as BytesColumn;
    if (!this.input.type.nullable) return this.distinct.addLoosely(codes, cells, rows);
    const present = presentCells(codes, cells, rows);
    this.distinct.addLoosely(present.codes, present.cells, present.codes.length);
  }

  merge(codes: Int32Array, [cells, lengths]: readonly Column[], rows: number): void {
    const { offsets, bytes } = lengths as BytesColumn;
    // A copy, for they may lie anywhere.
    const sizes = new Int32Array(bytes.slice(offsets[0], offsets[rows]).buffer);
    const ends = new Int32Array(sizes.length + 1);
    ends[0] = (cells as BytesColumn).offsets[0]!;
    for (let cell = 0; cell < sizes.length; cell++) ends[cell + 1] = ends[cell]! + sizes[cell]!;
    this.distinct.add(spreadGroups(codes, offsets, LENGTH_BYTES, rows), { kind: "bytes", offsets: ends, bytes: (cells as BytesColumn).bytes }, sizes.length);
  }

  export(groups: Int32Array, rows: number): Column[] {
    const { cells, starts } = this.distinct.export(groups, rows);
    const lengths = new Int32Array(starts[rows]!);
    for (let cell = 0; cell < lengths.length; cell++) lengths[cell] = cells.offsets[cell + 1]! - cells.offsets[cell]!;
    return [
      { kind: "bytes", offsets: starts.map((cell) => cells.offsets[cell]!), bytes: cells.bytes },
      { kind: "bytes", offsets: starts.map((cell) => cell * LENGTH_BYTES), bytes: new Uint8Array(lengths.buffer) },
    ];
  }
}
