/**
 * Counts, sums and extremes of columns of doubles by group, in a kernel (kernels/assembly/add-numbers.ts): a record for each
 * group, where the codes and the columns lie. All of a group is in one or two cache lines, and no row comes to JavaScript. They
 * export what aggregate states do, whose `merge` takes it. Their plain twins are those states.
 */
import type { CodedTexts } from "../coded-texts.js";
import type { Column } from "../columns.js";
import { ByteSink } from "../byte-sink.js";
import type { SummaryPart } from "./aggregate-state.js";
import { ExcessSums } from "./excess-sums.js";

interface Summarised {
  readonly column: number;
  /** Places in a record, in doubles. */
  sum?: number;
  extremes?: number;
  readonly excess: ExcessSums;
}

/** Place of the count, which each record has. */
const COUNT = 0;

export class KernelSummaries {
  readonly recordBytes: number;
  readonly #parts: readonly SummaryPart[];
  readonly #columns: readonly Summarised[];
  #groups = 0;
  #cells: Float64Array = new Float64Array(0);
  #first = 0;

  constructor(parts: readonly SummaryPart[]) {
    const columns = new Map<number, Summarised>();
    let size = COUNT + 1;
    for (const part of parts) {
      if (part.kind === "count") continue;
      const summarised = columns.get(part.column) ?? { column: part.column, excess: new ExcessSums() };
      columns.set(part.column, summarised);
      const role = part.kind === "sum" ? "sum" : "extremes";
      if (summarised[role] !== undefined) continue;
      summarised[role] = size;
      size += 2;
    }
    this.#parts = parts;
    this.#columns = [...columns.values()];
    this.recordBytes = 8 * size;
  }

  /** Whether codes and columns lie where the records are. */
  takes({ codes, room }: CodedTexts, values: readonly Column[]): boolean {
    const buffer = room?.kernels.memory.buffer;
    return codes.buffer === buffer && this.#columns.every(({ column }) => isAt(values[column]!, buffer));
  }

  /** Folds in rows of this column of keys, whose earlier rows it has seen since `clear`. */
  add({ codes, length, size, room }: CodedTexts, values: readonly Column[]): void {
    const { kernels, records } = room!;
    this.#cells = new Float64Array(kernels.memory.buffer);
    this.#first = records / 8;
    this.#begin(size);
    const { recordBytes } = this;
    const columns = this.#columns.length === 0 ? [undefined] : this.#columns;
    columns.forEach((summarised, i) => {
      const numbers = summarised && (values[summarised.column] as { values: Float64Array }).values;
      const at = (place: number | undefined): number => (place === undefined ? 0 : records + 8 * place);
      const counts = i === 0 ? at(COUNT) : 0;
      const add = (row: number, rows: number, sums: number): number =>
        kernels.call.addNumbers(codes.byteOffset + 4 * row, numbers === undefined ? 0 : numbers.byteOffset + 8 * row, rows, recordBytes, counts, sums, at(summarised?.extremes));
      for (let row = 0; ; row++) {
        row += add(row, length - row, at(summarised?.sum));
        if (row === length) return;
        const group = codes[row]!;
        summarised!.excess.overflow(group, numbers![row]!, this.#cells, this.#place(group) + summarised!.sum!);
        add(row, 1, 0);
      }
    });
  }

  /** Partial results of all groups, column by column as the states of the parts export them. */
  export(): Column[] {
    return this.#parts.flatMap((part) => {
      if (part.kind === "count") return [this.#numbers(COUNT)];
      const { sum, extremes, excess } = this.#columns.find(({ column }) => column === part.column)!;
      if (part.kind === "sum") return [this.#numbers(sum!), this.#numbers(sum! + 1), this.#texts(excess)];
      return [this.#numbers(part.kind === "min" ? extremes! : extremes! + 1)];
    });
  }

  clear(): void {
    this.#groups = 0;
    for (const { excess } of this.#columns) excess.clear();
  }

  /** Makes the records of new groups. */
  #begin(groups: number): void {
    this.#cells.fill(0, this.#place(this.#groups), this.#place(groups));
    for (const { extremes } of this.#columns) {
      if (extremes === undefined) continue;
      for (let group = this.#groups; group < groups; group++) {
        // What any value replaces or equals.
        this.#cells[this.#place(group) + extremes] = NaN;
        this.#cells[this.#place(group) + extremes + 1] = -Infinity;
      }
    }
    this.#groups = groups;
  }

  #place(group: number): number {
    return this.#first + (group * this.recordBytes) / 8;
  }

  #numbers(place: number): Column {
    const values = new Float64Array(this.#groups);
    const step = this.recordBytes / 8;
    for (let group = 0, at = this.#first + place; group < values.length; group++, at += step) values[group] = this.#cells[at]!;
    return { kind: "float64", values };
  }

  #texts(excess: ExcessSums): Column {
    const offsets = new Int32Array(this.#groups + 1);
    const bytes = new ByteSink(0);
    if (excess.size > 0) {
      for (let group = 0; group < this.#groups; group++) {
        bytes.utf8(excess.textOf(group));
        offsets[group + 1] = bytes.length;
      }
    }
    return { kind: "bytes", offsets, bytes: bytes.bytes };
  }
}

function isAt(column: Column, buffer: ArrayBufferLike): boolean {
  return column.kind === "float64" && column.values.buffer === buffer;
}
