import type { Column, Float64Column } from "../columns.js";
import { ExcessSums } from "./excess-sums.js";
import { numbersOf } from "../made-columns.js";
import { SummarisedColumn, type SomeGroups, type SummaryRecords } from "./summarised-column.js";

/** Numbers that are summed as doubles. Its plain twins are SumFloat64 and ExtremeNumber. */
export class SummarisedDoubles extends SummarisedColumn {
  protected readonly sumCells = 2;
  readonly #excess = new ExcessSums();

  clear(): void {
    this.#excess.clear();
  }

  protected beginExtremes({ doubles }: SummaryRecords, index: number): void {
    doubles[index] = NaN;
    doubles[index + 1] = -Infinity;
  }

  protected run({ kernels, stride }: SummaryRecords, codes: number, column: Column, row: number, rows: number, count: number, sum: number, extremes: number): number {
    const numbers = numbersOf(column as Float64Column);
    return kernels.call.addNumbers(codes, numbers.byteOffset + row * numbers.BYTES_PER_ELEMENT, numbers instanceof Int32Array, rows, stride, count, sum, extremes);
  }

  protected overflow({ doubles }: SummaryRecords, group: number, column: Column, row: number, index: number): void {
    this.#excess.overflow(group, Number(numbersOf(column as Float64Column)[row]), doubles, index);
  }

  protected sums(records: SummaryRecords, cell: number, groups: SomeGroups): Column[] {
    return [records.doublesOf(cell, groups), records.doublesOf(cell + 1, groups)];
  }

  protected numbers(records: SummaryRecords, cell: number, groups: SomeGroups): Column {
    return records.doublesOf(cell, groups);
  }

  protected get excessGroups(): number {
    return this.#excess.size;
  }

  protected excessOf(group: number): string {
    return this.#excess.textOf(group);
  }

  protected addExcess(group: number, text: string): void {
    this.#excess.add(group, text);
  }

  get bytes(): number {
    return 256 * this.#excess.size;
  }
}
