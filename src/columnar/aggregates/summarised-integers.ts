import type { Column, Int64Column } from "../columns.js";
import { numbersOf } from "../made-columns.js";
import { SummarisedColumn, type SomeGroups, type SummaryRecords } from "./summarised-column.js";

const LEAST = -(2n ** 63n);
const GREATEST = 2n ** 63n - 1n;

/** Integers of 64 bits. Its plain twins are SumInt64 and Pick. */
export class SummarisedIntegers extends SummarisedColumn {
  protected readonly sumCells = 1;
  /** Of sums that left 64 bits. */
  readonly #excess = new Map<number, bigint>();

  clear(): void {
    this.#excess.clear();
  }

  protected beginExtremes({ integers }: SummaryRecords, index: number): void {
    integers[index] = GREATEST;
    integers[index + 1] = LEAST;
  }

  protected run({ kernels, stride }: SummaryRecords, codes: number, column: Column, row: number, rows: number, count: number, sum: number, extremes: number): number {
    const numbers = numbersOf(column as Int64Column);
    return kernels.call.addIntegers(codes, numbers.byteOffset + 8 * row, numbers instanceof Float64Array, rows, stride, count, sum, extremes);
  }

  protected overflow({ integers }: SummaryRecords, group: number, column: Column, row: number, index: number): void {
    this.#addTo(group, integers[index]! + BigInt(numbersOf(column as Int64Column)[row]!));
    integers[index] = 0n;
  }

  protected sums(records: SummaryRecords, cell: number, groups: SomeGroups): Column[] {
    return [records.integersOf(cell, groups)];
  }

  protected numbers(records: SummaryRecords, cell: number, groups: SomeGroups): Column {
    return records.integersOf(cell, groups);
  }

  protected get excessGroups(): number {
    return this.#excess.size;
  }

  protected excessOf(group: number): string {
    return String(this.#excess.get(group) ?? "");
  }

  protected addExcess(group: number, text: string): void {
    this.#addTo(group, BigInt(text));
  }

  get bytes(): number {
    return 64 * this.#excess.size;
  }

  #addTo(group: number, more: bigint): void {
    this.#excess.set(group, (this.#excess.get(group) ?? 0n) + more);
  }
}
