/**
 * Partial results of counts, sums and extremes of numbers, merged in kernels into the records of a key table: where a key is found,
 * its accumulators are in the same cache line. The plain twin is the state whose partial results these are; it finishes them, too.
 */
import { RECORDS_AT_ONCE } from "../coded-texts.js";
import type { BytesColumn, Column, ColumnBatch, Float64Column, Int64Column } from "../columns.js";
import { concatBatches } from "../concat-batches.js";
import { noBytes } from "../gather.js";
import { PLACES, type KernelKeyTable } from "../kernel-key-table.js";
import { rowNumbers } from "../row-numbers.js";
import type { AggregateState, SummaryPart } from "./aggregate-state.js";
import { SummarisedDoubles } from "./summarised-doubles.js";
import { SummarisedIntegers } from "./summarised-integers.js";
import { SummaryRecords, type SummarisedColumn } from "./summarised-column.js";

/** What a merge needs of a state. */
export type MergeState = Omit<AggregateState, "add" | "summary">;

interface Part {
  readonly kind: SummaryPart["kind"];
  /** First cell of a record. */
  readonly cell: number;
  /** Absent for a count. */
  readonly kept?: SummarisedColumn;
}

export class MergedSummaries implements MergeState {
  readonly kinds: AggregateState["kinds"];
  readonly finishColumns?: NonNullable<AggregateState["finishColumns"]>;
  readonly #twin: AggregateState;
  readonly #table: KernelKeyTable;
  readonly #parts: readonly Part[];
  #groups = 0;

  /** Groups have the codes of `table`, whose records have `recordBytes(twin)` bytes; the twin is empty, and is left so. */
  constructor(twin: AggregateState, table: KernelKeyTable) {
    this.kinds = twin.kinds;
    this.#twin = twin;
    this.#table = table;
    this.#parts = partsOf(twin.summary!).parts;
    if (twin.finishColumns) {
      this.finishColumns = (groups) => twin.finishPartials?.(this.export(groups, groups.length), groups.length) ?? this.#finish(groups, (all) => twin.finishColumns!(all));
    }
  }

  /** Bytes of a record; 0 where states merge otherwise, or hits of keys are all there is to merge. */
  static recordBytes({ summary, timesOf }: AggregateState): number {
    return summary === undefined || timesOf !== undefined ? 0 : 8 * partsOf(summary).cells;
  }

  get bytes(): number {
    return this.#parts.reduce((sum, { kept }) => sum + (kept?.bytes ?? 0), 0);
  }

  grow(groups: number): void {
    if (groups <= this.#groups) return;
    const records = new SummaryRecords(this.#table.records());
    for (const { kept } of this.#parts) kept?.begin(records, this.#groups, groups);
    this.#groups = groups;
  }

  merge(codes: Int32Array, partials: readonly Column[], rows: number): void {
    const records = new SummaryRecords(this.#table.records());
    for (let from = 0; from < rows; from += RECORDS_AT_ONCE) {
      const placed = this.#place(codes.subarray(from, Math.min(rows, from + RECORDS_AT_ONCE)));
      let column = 0;
      for (const part of this.#parts) column += this.#mergePart(part, records, placed, partials.slice(column), from);
    }
  }

  export(groups: Int32Array, rows: number): Column[] {
    const records = new SummaryRecords(this.#table.records());
    const batches: ColumnBatch[] = [];
    for (let from = 0; from < rows; from += RECORDS_AT_ONCE) {
      const codes = this.#place(groups.subarray(from, Math.min(rows, from + RECORDS_AT_ONCE)));
      const some = { rows: codes.length, first: 0, codes };
      const values = this.#parts.flatMap(({ kind, cell, kept }) => (kind === "count" ? [records.doublesOf(cell, some)] : kept!.export(kind, records, some)));
      batches.push({ rows: codes.length, keys: noBytes(codes.length), values });
    }
    return [...(batches.length === 1 ? batches[0]! : concatBatches(batches, this.kinds)).values];
  }

  finish(group: number): unknown {
    return this.#finish(Int32Array.of(group), () => this.#twin.finish(0));
  }

  clear(): void {
    this.#groups = 0;
    for (const { kept } of this.#parts) kept?.clear();
  }

  /** Has the twin make results of these groups. */
  #finish<T>(groups: Int32Array, make: (all: Int32Array) => T): T {
    const twin = this.#twin;
    const rows = groups.length;
    const all = rowNumbers(rows);
    twin.grow(rows);
    twin.merge(all, this.export(groups, rows), rows);
    try {
      return make(all);
    } finally {
      twin.clear();
    }
  }

  /** Merges rows from `from` on of the first of the columns; returns how many of these it took. */
  #mergePart({ kind, cell, kept }: Part, records: SummaryRecords, codes: Int32Array, partials: readonly Column[], from: number): number {
    const rows = codes.length;
    const { call } = records.kernels;
    const [first, second] = partials;
    const values = this.#placeNumbers(first!, from, rows);
    if (kept === undefined) {
      call.addCounts(codes.byteOffset, PLACES.marks, rows, records.stride, records.address + 8 * cell);
      return 1;
    }
    kept.add(records, codes, values, rows, undefined);
    if (kind !== "sum") return 1;
    if (second!.kind === "float64") {
      const low = this.#placeNumbers(second!, from, rows);
      if (call.isZero(PLACES.marks, 8 * rows) === 0) kept.add(records, codes, low, rows, undefined);
    }
    const excess = kept.sumColumns - 1;
    kept.mergeExcess(codes, partials[excess] as BytesColumn, from, rows);
    return kept.sumColumns;
  }

  #place(codes: Int32Array): Int32Array {
    const placed = new Int32Array(this.#table.kernels.memory.buffer, PLACES.codes, codes.length);
    placed.set(codes);
    return placed;
  }

  /** Copies rows of a column to where kernels read them. Marks are for words alone. */
  #placeNumbers(column: Column, from: number, rows: number): Column {
    const { buffer } = this.#table.kernels.memory;
    if (column.kind === "int64") {
      const values = new BigInt64Array(buffer, PLACES.marks, rows);
      values.set((column as Int64Column).values.subarray(from, from + rows));
      return { kind: "int64", values };
    }
    const values = new Float64Array(buffer, PLACES.marks, rows);
    values.set((column as Float64Column).values.subarray(from, from + rows));
    return { kind: "float64", values };
  }
}

/** What each part of the summary keeps of its own partial results, as if these were values. */
function partsOf(summary: readonly SummaryPart[]): { parts: readonly Part[]; cells: number } {
  let cells = 0;
  const parts = summary.map((part): Part => {
    const cell = cells;
    // Counts add up, whatever they count.
    if (part.kind === "count") {
      cells++;
      return { kind: part.kind, cell };
    }
    const kept = part.of === "int64" ? new SummarisedIntegers(part) : new SummarisedDoubles(part);
    cells += kept.want(part.kind, cell);
    return { kind: part.kind, cell, kept };
  });
  return { parts, cells };
}
