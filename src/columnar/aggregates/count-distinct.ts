/** How many different values each group has, exactly. */
import { randomInt } from "node:crypto";
import type { BytesColumn, Column, ColumnKind, ResultColumn } from "../columns.js";
import { gatherBytes } from "../gather.js";
import { KeyTable } from "../key-table.js";
import { rowNumbers } from "../row-numbers.js";
import { columnKind } from "../value-layout.js";
import type { AggregateState } from "./aggregate-state.js";
import { DistinctWords } from "./distinct-words.js";
import { spreadGroups, WORD_BYTES, wordsOf } from "./grouped-words.js";
import type { AggregateInput } from "./input-column.js";
import { isNumeric } from "./plan-aggregate.js";
import { skipNulls } from "./skip-nulls.js";
import { wordsOfColumn } from "./words-of-column.js";

/** Of a cell's length. */
const LENGTH_BYTES = 4;

export function countDistinct(input: AggregateInput): AggregateState {
  if (isNumeric(input.type)) return skipNulls(input, (numbers) => new DistinctNumbers(numbers));
  return columnKind(input.type) === "bytes" ? new DistinctCells(input) : new DistinctNumbers(input);
}

abstract class Distinct implements AggregateState {
  abstract readonly kinds: readonly ColumnKind[];
  protected readonly input: AggregateInput;
  protected readonly distinct = new DistinctWords();

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

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    this.distinct.add(codes, wordsOfColumn(this.input.column(values, rows), rows), rows);
  }

  merge(codes: Int32Array, [partial]: readonly Column[], rows: number): void {
    const { groups, halves, size } = wordsOf(codes, partial!, rows);
    this.distinct.add(groups, halves, size);
  }

  export(groups: Int32Array, rows: number): Column[] {
    return [this.distinct.words.export(groups, rows)];
  }
}

/**
 * Of values that lie as encoded bytes: words are their codes in a table of all different ones. A partial result is a group's cells, one
 * after the other, and their lengths, each in a word.
 */
class DistinctCells extends Distinct {
  readonly kinds: readonly ColumnKind[] = ["bytes", "bytes"];
  readonly #cells = new KeyTable(randomInt(2 ** 31));

  override get bytes(): number {
    return super.bytes + this.#cells.bytes;
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    const cells = this.input.column(values, rows) as BytesColumn;
    const numbers = this.#numbersOf(cells, rows);
    if (!this.input.type.nullable) return this.#addNumbers(codes, numbers);
    const isThere = rowNumbers(rows).filter((row) => cells.bytes[cells.offsets[row]!] !== 0);
    this.#addNumbers(isThere.map((row) => codes[row]!), isThere.map((row) => numbers[row]!));
  }

  merge(codes: Int32Array, [cells, lengths]: readonly Column[], rows: number): void {
    const { offsets, bytes } = lengths as BytesColumn;
    // A copy, for they may lie anywhere.
    const sizes = new Int32Array(bytes.slice(offsets[0], offsets[rows]).buffer);
    const ends = new Int32Array(sizes.length + 1);
    ends[0] = (cells as BytesColumn).offsets[0]!;
    for (let cell = 0; cell < sizes.length; cell++) ends[cell + 1] = ends[cell]! + sizes[cell]!;
    const numbers = this.#numbersOf({ kind: "bytes", offsets: ends, bytes: (cells as BytesColumn).bytes }, sizes.length);
    this.#addNumbers(spreadGroups(codes, offsets, LENGTH_BYTES, rows), numbers);
  }

  export(groups: Int32Array, rows: number): Column[] {
    const words = this.distinct.words.export(groups, rows);
    const numbers = new Int32Array(words.bytes.buffer).filter((_, half) => half % 2 === 0);
    const { offsets, bytes } = gatherBytes(this.#cells.keys(), numbers, 0, numbers.length);
    const lengths = numbers.map((_, cell) => offsets[cell + 1]! - offsets[cell]!);
    const firstOf = words.offsets.map((offset) => offset / WORD_BYTES);
    return [
      { kind: "bytes", offsets: firstOf.map((cell) => offsets[cell]!), bytes },
      { kind: "bytes", offsets: firstOf.map((cell) => cell * LENGTH_BYTES), bytes: new Uint8Array(lengths.buffer) },
    ];
  }

  override clear(): void {
    super.clear();
    this.#cells.clear();
  }

  #numbersOf(cells: BytesColumn, rows: number): Int32Array {
    const numbers = new Int32Array(rows);
    this.#cells.encode(cells, rows, numbers);
    return numbers;
  }

  #addNumbers(groups: Int32Array, numbers: Int32Array): void {
    const halves = new Int32Array(2 * numbers.length);
    for (let i = 0; i < numbers.length; i++) halves[2 * i] = numbers[i]!;
    this.distinct.add(groups, halves, numbers.length);
  }
}
