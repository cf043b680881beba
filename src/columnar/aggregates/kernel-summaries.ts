/**
 * Counts, sums and extremes of columns of numbers by group, in kernels (kernels/assembly/add-numbers.ts): a record for each
 * group, where the codes and the columns lie. All of a group is in one or two cache lines, and no row comes to JavaScript. They
 * export what aggregate states do, whose `merge` takes it. Their plain twins are those states.
 */
import type { CodedTexts } from "../coded-texts.js";
import type { BytesColumn, Column, Float64Column } from "../columns.js";
import type { SummaryPart } from "./aggregate-state.js";
import { SummarisedDoubles } from "./summarised-doubles.js";
import { SummarisedIntegers } from "./summarised-integers.js";
import { SummaryRecords, type SummarisedColumn } from "./summarised-column.js";

/** Cell of the count, which each record has. */
const COUNT = 0;

export class KernelSummaries {
  readonly recordBytes: number;
  readonly #parts: readonly SummaryPart[];
  readonly #columns = new Map<number, SummarisedColumn>();
  #groups = 0;
  #records: SummaryRecords | undefined;

  constructor(parts: readonly SummaryPart[]) {
    let cells = COUNT + 1;
    for (const part of parts) {
      if (!("column" in part)) continue;
      const summarised = this.#columns.get(part.column) ?? (part.of === "int64" ? new SummarisedIntegers(part) : new SummarisedDoubles(part));
      this.#columns.set(part.column, summarised);
      cells += summarised.want(part.kind, cells);
    }
    this.#parts = parts;
    this.recordBytes = 8 * cells;
  }

  /** Whether codes and columns lie where the records are. */
  takes({ codes, room }: CodedTexts, values: readonly Column[]): boolean {
    if (room === undefined || codes.buffer !== room.kernels.memory.buffer) return false;
    for (const summarised of this.#columns.values()) if (!summarised.takes(values[summarised.column]!, room.kernels)) return false;
    return true;
  }

  /** Folds in rows of this column of keys, whose earlier rows it has seen since `clear`. */
  add({ codes, length, size, room }: CodedTexts, values: readonly Column[]): void {
    const records = new SummaryRecords(room!);
    this.#records = records;
    for (const summarised of this.#columns.values()) summarised.begin(records, this.#groups, size);
    this.#groups = size;
    let count: number | undefined = COUNT;
    for (const summarised of this.#columns.values()) {
      const column = values[summarised.column]!;
      if (summarised.isNullable) summarised.addPresent(records, codes, column as BytesColumn, length);
      else {
        summarised.add(records, codes, column, length, count);
        count = undefined;
      }
    }
    if (count !== undefined) room!.kernels.call.addOnes(codes.byteOffset, length, records.stride, records.address + 8 * COUNT);
  }

  /** Partial results of up to RECORDS_AT_ONCE groups from `first` on, column by column as the states of the parts export them. */
  export(first: number, rows: number): Column[] {
    const records = this.#records!;
    const groups = { first, rows };
    return this.#parts.flatMap((part) => {
      if (!("column" in part)) return [records.doublesOf(COUNT, groups)];
      return this.#columns.get(part.column)!.export(part.kind, records, groups);
    });
  }

  /** How many rows each of these groups has. */
  counts(first: number, rows: number): Float64Array {
    return (this.#records!.doublesOf(COUNT, { first, rows }) as Float64Column).values;
  }

  clear(): void {
    this.#groups = 0;
    for (const summarised of this.#columns.values()) summarised.clear();
  }
}
