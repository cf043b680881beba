/** Columns in kernel memory: kernels fill runs of rows, and single cells may be put in between. */
import { decodeUtf8 } from "../columnar/codec.js";
import type { Kernels } from "../columnar/kernels/wasm.js";
import { NumberedColumn } from "../columnar/numbered-column.js";
import type { CellValues, ColumnBuilder } from "./cell-columns.js";
import type { CellSyntax, KernelCell } from "./cell-kernel.js";
import { KernelCells } from "./kernel-cells.js";
import { NullableColumn } from "./cell-nullable-column.js";

/** What all columns share: addresses of the chunk and its separators, and how cells are written. */
export interface KernelPlace extends CellSyntax {
  readonly base: number;
  readonly found: number;
  readonly width: number;
  readonly constants: number;
}

export interface KernelColumn extends ColumnBuilder {
  /** Behind the memory it takes. */
  readonly end: number;
  /** Columns are filled from the lowest to the highest: of each window only the rows that those before it took. */
  readonly order: number;
  /** Called before the first row of a chunk. */
  begin?(): void;
  /** Fills `rows` rows from `row` on with the records at hand, less the first `skip`; returns how many, up to the first that it does not take. */
  extend(row: number, rows: number, skip?: number): number;
}

/** `most` rows of at most `bytes` bytes of text in all lie from `address` on. */
export function kernelColumn(cell: KernelCell, kernels: Kernels, place: KernelPlace, address: number, most: number, bytes: number): KernelColumn {
  const column = presentColumn(cell, kernels, place, address, most, bytes);
  return cell.type.nullable ? new NullableColumn(column, cell, kernels, place, most) : column;
}

function presentColumn(cell: KernelCell, kernels: Kernels, place: KernelPlace, address: number, most: number, bytes: number): KernelColumn {
  const { type, position } = cell;
  const { buffer } = kernels.memory;
  const { call } = kernels;
  const { base, found, width, quote, constants } = place;
  const cells = new KernelCells(kernels, place, position);
  const separators = (skip: number): number => found + 4 * width * skip;
  const integers = (kind: number, size: number): Run => (row, rows, skip) =>
    call.readIntegers(base, separators(skip), rows, width, position, quote, constants, address + row * size, kind);
  switch (type.kind) {
    case "utf8":
      return new TextColumn(kernels, place, position, address, most, bytes);
    case "int32":
      return new NumberColumn(new Int32Array(buffer, address, most), cell, cells, integers(0, 4));
    case "int64":
      if (type.as === "number") return new NumberColumn(new Float64Array(buffer, address, most), cell, cells, integers(1, 8));
      return new NumberColumn(new BigInt64Array(buffer, address, most), cell, cells, integers(2, 8));
    case "bool":
      return new NumberedCells(type.kind, new Float64Array(buffer, address, most), cell, cells, (row, rows, skip) =>
        call.readBooleans(base, separators(skip), rows, width, position, quote, address + row * 8),
      );
    case "timestamp":
    case "date":
      return new NumberedCells(type.kind, new Float64Array(buffer, address, most), cell, cells, (row, rows, skip) =>
        call.readTimes(base, separators(skip), rows, width, position, quote, address + row * 8, type.kind === "timestamp"),
      );
    default:
      return new NumberColumn(new Float64Array(buffer, address, most), cell, cells, (row, rows, skip) =>
        call.readFloats(base, separators(skip), rows, width, position, quote, constants, address + row * 8),
      );
  }
}

/** Has a kernel read `rows` cells into rows `row`..., those of the records at hand from `skip` on; returns how many it took. */
type Run = (row: number, rows: number, skip: number) => number;

class NumberColumn<Values extends Float64Array | Int32Array | BigInt64Array> implements KernelColumn {
  readonly end: number;
  readonly order = 0;
  protected readonly values: Values;
  readonly #cell: KernelCell;
  readonly #cells: KernelCells;
  readonly #run: Run;

  constructor(values: Values, cell: KernelCell, cells: KernelCells, run: Run) {
    this.values = values;
    this.#cell = cell;
    this.#cells = cells;
    this.#run = run;
    this.end = values.byteOffset + values.byteLength;
  }

  extend(row: number, rows: number, skip = 0): number {
    for (let done = 0; ; done++) {
      done += this.#run(row + done, rows - done, skip + done);
      if (done === rows || !this.#takeAlone(row + done, skip + done)) return done;
    }
  }

  put(row: number, bytes: Buffer, start: number, end: number): void {
    this.values[row] = this.numberOf(this.#cell.read(bytes, start, end));
  }

  putNull(): void {
    throw new TypeError("null in a column that cannot hold it");
  }

  take(rows: number): CellValues {
    return this.values.subarray(0, rows);
  }

  protected numberOf(value: unknown): Values[number] {
    return value as Values[number];
  }

  /** Reads a cell that the kernel did not take; false for an empty one, and one that does not fit. */
  #takeAlone(row: number, record: number): boolean {
    const cells = this.#cells;
    cells.find(record);
    const value = cells.start === cells.end ? undefined : this.#cell.parse(cells.memory, cells.start, cells.end);
    if (value !== undefined) this.values[row] = this.numberOf(value);
    return value !== undefined;
  }
}

class NumberedCells extends NumberColumn<Float64Array> {
  readonly #kind: NumberedColumn["kind"];

  constructor(kind: NumberedColumn["kind"], ...rest: ConstructorParameters<typeof NumberColumn<Float64Array>>) {
    super(...rest);
    this.#kind = kind;
  }

  override take(rows: number): NumberedColumn {
    return new NumberedColumn(this.#kind, this.values.subarray(0, rows));
  }

  protected override numberOf(value: unknown): number {
    return Number(value);
  }
}

class TextColumn implements KernelColumn {
  readonly end: number;
  readonly order = 1;
  readonly #kernels: Kernels;
  readonly #place: KernelPlace;
  readonly #position: number;
  readonly #offsets: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(kernels: Kernels, place: KernelPlace, position: number, address: number, most: number, bytes: number) {
    const { buffer } = kernels.memory;
    this.#kernels = kernels;
    this.#place = place;
    this.#position = position;
    this.#offsets = new Int32Array(buffer, address, most + 1);
    this.#bytes = new Uint8Array(buffer, address + 4 * (most + 1), bytes);
    this.end = this.#bytes.byteOffset + bytes + 16;
    this.#offsets[0] = 0;
  }

  extend(row: number, rows: number): number {
    const { base, found, width, quote, escape } = this.#place;
    return this.#kernels.call.copyTexts(base, found, rows, width, this.#position, quote, escape, this.#offsets.byteOffset + 4 * row, this.#bytes.byteOffset);
  }

  put(row: number, bytes: Buffer, start: number, end: number): void {
    const at = this.#offsets[row]!;
    this.#bytes.set(bytes.subarray(start, end), at);
    this.#offsets[row + 1] = at + end - start;
  }

  putNull(): void {
    throw new TypeError("null in a column that cannot hold it");
  }

  take(rows: number): CellValues {
    const offsets = this.#offsets.subarray(0, rows + 1);
    const bytes = this.#bytes;
    return { length: rows, offsets, bytes, get: (row) => decodeUtf8(bytes, offsets[row]!, offsets[row + 1]!) };
  }
}
