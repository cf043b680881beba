import { ByteSink } from "../byte-sink.js";
import { RECORDS_AT_ONCE, type RecordRoom } from "../coded-texts.js";
import { decodeUtf8 } from "../codec.js";
import type { BytesColumn, Column, NumbersOrNull } from "../columns.js";
import type { Kernels } from "../kernels/wasm.js";
import { columnOfNumbers, numbersOf } from "../made-columns.js";
import type { PartOfColumn } from "./aggregate-state.js";

/** Rows of which those that are not null are taken at once: codes and values of so many fit what nobody keeps. */
const PRESENT_AT_ONCE = RECORDS_AT_ONCE / 2;

/** Up to RECORDS_AT_ONCE groups: those with these codes, which lie in kernel memory, or those from `first` on. */
export interface SomeGroups {
  readonly rows: number;
  readonly first: number;
  readonly codes?: Int32Array;
}

/** Records of cells of 8 bytes, one for each group, in kernel memory. */
export class SummaryRecords {
  readonly kernels: Kernels;
  /** Address of the first. */
  readonly address: number;
  readonly doubles: Float64Array;
  readonly integers: BigInt64Array;
  /** Bytes from one to the next. */
  readonly stride: number;
  readonly #scratch: number;

  constructor({ kernels, records, stride, scratch }: RecordRoom) {
    this.kernels = kernels;
    this.address = records;
    this.stride = stride;
    this.#scratch = scratch;
    this.doubles = new Float64Array(kernels.memory.buffer);
    this.integers = new BigInt64Array(kernels.memory.buffer);
  }

  /** Of `doubles` or `integers`. */
  indexOf(group: number, cell: number): number {
    return (this.address + group * this.stride) / 8 + cell;
  }

  doublesOf(cell: number, groups: SomeGroups): Column {
    this.#take(cell, groups);
    return { kind: "float64", values: new Float64Array(this.doubles.buffer, this.#scratch, groups.rows).slice() };
  }

  integersOf(cell: number, groups: SomeGroups): Column {
    this.#take(cell, groups);
    return { kind: "int64", values: new BigInt64Array(this.doubles.buffer, this.#scratch, groups.rows).slice() };
  }

  /** The rows from `from` on that are not null; valid until the next call. */
  present(codes: Int32Array, { numbers, nulls }: NumbersOrNull, from: number, rows: number): { readonly codes: Int32Array; readonly numbers: Column } {
    const { buffer } = this.doubles;
    const { byteOffset, BYTES_PER_ELEMENT: size, constructor } = numbersOf(numbers);
    const values = this.#scratch + 4 * PRESENT_AT_ONCE;
    const taken = this.kernels.call.presentRows(codes.byteOffset + 4 * from, byteOffset + size * from, size === 8, nulls.byteOffset + from, rows, this.#scratch, values);
    return { codes: new Int32Array(buffer, this.#scratch, taken), numbers: columnOfNumbers(new (constructor as Float64ArrayConstructor)(buffer, values, taken), numbers.kind) };
  }

  #take(cell: number, { rows, first, codes }: SomeGroups): void {
    this.kernels.call.takeCells(codes?.byteOffset ?? 0, rows, this.stride, this.address + first * this.stride + 8 * cell, this.#scratch);
  }
}

/** What is kept of one column of the values in each record: a sum, the least and the greatest, the count of what is not null, or one of these. */
export abstract class SummarisedColumn {
  readonly column: number;
  readonly isNullable: boolean;
  /** Cells of a record, where they are wanted. */
  protected sum: number | undefined;
  protected extremes: number | undefined;
  protected count: number | undefined;
  readonly #of: PartOfColumn["of"];

  constructor({ column, of, nullable = false }: PartOfColumn) {
    this.column = column;
    this.isNullable = nullable;
    this.#of = of;
  }

  /** Keeps this, too, from `cell` on; returns how many cells it takes. */
  want(kind: PartOfColumn["kind"], cell: number): number {
    const role = kind === "sum" || kind === "count" ? kind : "extremes";
    if (this[role] !== undefined) return 0;
    this[role] = cell;
    return { sum: this.sumCells, extremes: 2, count: 1 }[role];
  }

  takes(column: Column, { memory }: Kernels): boolean {
    if (column.kind === "bytes") return this.isNullable && column.source !== undefined && column.source.nulls.buffer === memory.buffer && this.#lies(column.source.numbers, memory);
    return !this.isNullable && this.#lies(column, memory);
  }

  /** Makes the records of groups [from, to), which are zeros so far. */
  begin(records: SummaryRecords, from: number, to: number): void {
    if (this.extremes === undefined) return;
    for (let group = from; group < to; group++) this.beginExtremes(records, records.indexOf(group, this.extremes));
  }

  /** Folds in a column that lies where the records are, and counts its rows at cell `count`, if that is wanted. */
  add(records: SummaryRecords, codes: Int32Array, column: Column, rows: number, count: number | undefined): void {
    const at = (cell: number | undefined): number => (cell === undefined ? 0 : records.address + 8 * cell);
    for (let row = 0; ; row++) {
      row += this.run(records, codes.byteOffset + 4 * row, column, row, rows - row, at(count), at(this.sum), at(this.extremes));
      if (row === rows) return;
      const group = codes[row]!;
      this.overflow(records, group, column, row, records.indexOf(group, this.sum!));
      this.run(records, codes.byteOffset + 4 * row, column, row, 1, at(count), 0, at(this.extremes));
    }
  }

  /** The same of a nullable column, whose nulls change nothing. */
  addPresent(records: SummaryRecords, codes: Int32Array, { source }: BytesColumn, rows: number): void {
    for (let from = 0; from < rows; from += PRESENT_AT_ONCE) {
      const present = records.present(codes, source!, from, Math.min(PRESENT_AT_ONCE, rows - from));
      this.add(records, present.codes, present.numbers, present.codes.length, this.count);
    }
  }

  /** As the state of such a part exports it. */
  export(kind: PartOfColumn["kind"], records: SummaryRecords, groups: SomeGroups): Column[] {
    if (kind === "count") return [records.doublesOf(this.count!, groups)];
    if (kind === "sum") return [...this.sums(records, this.sum!, groups), this.#excess(groups)];
    return [this.numbers(records, kind === "min" ? this.extremes! : this.extremes! + 1, groups)];
  }

  /** Adds what `export` says that groups have beside their sums. */
  mergeExcess(codes: Int32Array, { offsets, bytes }: BytesColumn, from: number, rows: number): void {
    if (offsets[from] === offsets[from + rows]) return;
    for (let row = from; row < from + rows; row++) {
      if (offsets[row + 1] !== offsets[row]) this.addExcess(codes[row - from]!, decodeUtf8(bytes, offsets[row]!, offsets[row + 1]!));
    }
  }

  /** Columns of a sum's partial results. */
  get sumColumns(): number {
    return this.sumCells + 1;
  }

  #lies(column: Exclude<Column, BytesColumn>, memory: Uint8Array): boolean {
    return column.kind === this.#of && numbersOf(column).buffer === memory.buffer;
  }

  abstract clear(): void;
  abstract readonly bytes: number;

  protected abstract readonly sumCells: number;
  /** Sets extremes, which lie at this index, to what any value replaces or equals. */
  protected abstract beginExtremes(records: SummaryRecords, index: number): void;
  /** Calls the kernel; addresses are 0 where a part is not wanted. */
  protected abstract run(records: SummaryRecords, codes: number, column: Column, row: number, rows: number, count: number, sum: number, extremes: number): number;
  /** Adds the value of a row to a sum, at this index, which cannot hold it. */
  protected abstract overflow(records: SummaryRecords, group: number, column: Column, row: number, index: number): void;
  protected abstract sums(records: SummaryRecords, cell: number, groups: SomeGroups): Column[];
  protected abstract numbers(records: SummaryRecords, cell: number, groups: SomeGroups): Column;
  /** How many groups have something beside their sums, and what, as text. */
  protected abstract readonly excessGroups: number;
  protected abstract excessOf(group: number): string;
  /** The opposite. */
  protected abstract addExcess(group: number, text: string): void;

  #excess({ rows, first, codes }: SomeGroups): Column {
    const offsets = new Int32Array(rows + 1);
    const bytes = new ByteSink(0);
    for (let row = 0; this.excessGroups > 0 && row < rows; row++) {
      bytes.utf8(this.excessOf(codes === undefined ? first + row : codes[row]!));
      offsets[row + 1] = bytes.length;
    }
    return { kind: "bytes", offsets, bytes: bytes.bytes };
  }
}
