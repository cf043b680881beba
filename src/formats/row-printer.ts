/**
 * Prints rows that lie in columns as CSV or TSV, in kernels (kernels/assembly/print-rows.ts): no string and no call for a cell
 * that stands as it is. Other cells, of other types or with quotes, escapes or exponents, are written by `writeCell` as in the plain twin,
 * which takes over for a chunk that is too large.
 */
import { ByteSink } from "../columnar/byte-sink.js";
import type { ResultColumn } from "../columnar/columns.js";
import { KernelLayout } from "../columnar/kernels/kernel-layout.js";
import { hasKernels, newKernels, type Kernels } from "../columnar/kernels/wasm.js";
import type { TypeSpec } from "../model/type-spec.js";

export interface PrintRules {
  readonly delimiter: number;
  /** Bytes for which a cell has to be rewritten: four. */
  readonly special: readonly number[];
  readonly columns: readonly { readonly type: TypeSpec["kind"]; readonly emptyCounts: boolean }[];
  /** Appends the text of one cell. */
  readonly writeCell: (column: number, from: ResultColumn, row: number, out: ByteSink) => void;
}

/** Of columns that are placed, and of cells that kernels skip: all of them, and the rows that they make, have room in `MOST_MEMORY`. */
const MOST_BYTES = 1 << 26;
const MOST_MEMORY = 5 * MOST_BYTES;
const NUMBER_BYTES = 32;
const SLACK = 16;
/** Behind what kernels keep for themselves. */
const FIRST = 1 << 16;

/** One for each thread: who prints uses it up before the next does. */
let kernels: Kernels | undefined;

export class RowPrinter {
  readonly #rules: PrintRules;
  readonly #special: number;
  /** Whether no digit, point or sign is special. */
  readonly #printsNumbers: boolean;
  /** Cells that kernels skip. */
  readonly #odd = new ByteSink();
  readonly #oddCells: { readonly cell: number; readonly start: number; readonly end: number }[] = [];

  constructor(rules: PrintRules) {
    this.#rules = rules;
    this.#special = rules.special.reduce((packed, byte, i) => packed | (byte << (8 * i)), 0);
    this.#printsNumbers = !rules.special.some((byte) => "0123456789.-".includes(String.fromCharCode(byte)));
  }

  print(columns: readonly ResultColumn[], rows: number, out: ByteSink): void {
    if (!this.#printInKernel(columns, rows, out)) this.#printPlainly(columns, rows, out);
  }

  #printPlainly(columns: readonly ResultColumn[], rows: number, out: ByteSink): void {
    const { delimiter, writeCell } = this.#rules;
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < columns.length; i++) {
        if (i > 0) out.byte(delimiter);
        writeCell(i, columns[i]!, row, out);
      }
      out.byte(10);
    }
  }

  #printInKernel(columns: readonly ResultColumn[], rows: number, out: ByteSink): boolean {
    if (!hasKernels) return false;
    const layout = new KernelLayout(FIRST);
    const stride = 8 * rows;
    const skipped = layout.take(4 * rows);
    const cells = layout.take(stride * columns.length);
    const places = columns.map((column) => ({ source: layout.take(sourceBytes(column, rows)), texts: layout.take(textBytes(column, rows) + SLACK) }));
    if (layout.end > MOST_BYTES) return false;
    const { call } = room(layout.end);
    this.#odd.clear();
    this.#oddCells.length = 0;
    for (const [i, column] of columns.entries()) {
      const { source, texts } = places[i]!;
      const count = this.#place(column, i, rows, source, texts, cells + stride * i, skipped);
      for (let k = 0; k < count; k++) {
        const row = column.kind === "values" ? k : new Int32Array(kernels!.memory.buffer, skipped, count)[k]!;
        const start = this.#odd.length;
        this.#rules.writeCell(i, column, row, this.#odd);
        if (this.#odd.length > MOST_BYTES) return false;
        this.#oddCells.push({ cell: cells + stride * i + 8 * row, start, end: this.#odd.length });
      }
    }
    const odd = layout.take(this.#odd.length + SLACK);
    const printed = layout.end;
    const most = columns.reduce((sum, column) => sum + textBytes(column, rows) + rows, this.#odd.length);
    const { memory } = room(printed + most + SLACK);
    memory.set(this.#odd.view(), odd);
    const ends = new Int32Array(memory.buffer, 0, printed >> 2);
    for (const { cell, start, end } of this.#oddCells) {
      ends[cell >> 2] = odd + start;
      ends[(cell >> 2) + 1] = odd + end;
    }
    const end = call.joinRows(cells, rows, columns.length, stride, this.#rules.delimiter, printed);
    out.append(memory.subarray(printed, end));
    return true;
  }

  /** Places the cells of a column; returns how many were skipped. */
  #place(column: ResultColumn, index: number, rows: number, source: number, texts: number, cells: number, skipped: number): number {
    const { call, memory } = kernels!;
    const { type, emptyCounts } = this.#rules.columns[index]!;
    switch (column.kind) {
      case "bytes": {
        const first = column.offsets[0]!;
        new Int32Array(memory.buffer, source, rows + 1).set(column.offsets.subarray(0, rows + 1));
        memory.set(column.bytes.subarray(first, column.offsets[rows]), texts);
        if (type !== "utf8") return everyRow(memory, skipped, rows);
        return call.placeTexts(source, texts - first, rows, this.#special, Number(emptyCounts), cells, skipped);
      }
      case "float64":
        new Float64Array(memory.buffer, source, rows).set(column.values.subarray(0, rows));
        if (!this.#printsNumbers || (type !== "float64" && type !== "int32")) return everyRow(memory, skipped, rows);
        return call.printFloats(source, rows, Number(type === "int32"), texts, cells, skipped);
      case "int64":
        new BigInt64Array(memory.buffer, source, rows).set(column.values.subarray(0, rows));
        if (!this.#printsNumbers || type !== "int64") return everyRow(memory, skipped, rows);
        call.printIntegers(source, rows, texts, cells);
        return 0;
      case "values":
        return rows;
    }
  }
}

function room(bytes: number): Kernels {
  kernels ??= newKernels(bytes, MOST_MEMORY);
  kernels.grow(bytes);
  return kernels;
}

function everyRow({ buffer }: Uint8Array, skipped: number, rows: number): number {
  const list = new Int32Array(buffer, skipped, rows);
  for (let row = 0; row < rows; row++) list[row] = row;
  return rows;
}

function sourceBytes(column: ResultColumn, rows: number): number {
  return column.kind === "values" ? 0 : column.kind === "bytes" ? 4 * (rows + 1) : 8 * rows;
}

function textBytes(column: ResultColumn, rows: number): number {
  if (column.kind === "values") return 0;
  return column.kind === "bytes" ? column.offsets[rows]! - column.offsets[0]! : NUMBER_BYTES * rows;
}
