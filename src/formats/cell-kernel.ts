/**
 * Reads chunks of records of cells as columns, in kernels: the chunk lies in kernel memory, separators are
 * indexed for all of it, and each column is parsed or copied in a loop of its own. A number that its kernel
 * does not take (of many digits, NaN) is read alone, and the kernel goes on behind it. Records that kernels do not take (ragged, bad, with
 * misplaced quotes, escapes of TSV, the last line without a newline) are left to the caller; the columns are builders for that.
 *
 *     0   what kernels keep | constants of kernels | separators | chunk and slack | a column | a column | ...
 */
import type { KeyedColumns } from "../columnar/coded-texts.js";
import { hasKernels, newKernels, type Kernels } from "../columnar/kernels/wasm.js";
import type { RecordColumns } from "../job/record-batch.js";
import { whyCellByCell } from "../plan/cell-path.js";
import type { CellValues, ColumnBuilder } from "./cell-columns.js";
import { KeyColumn } from "./cell-key-column.js";
import { kernelColumn, type KernelColumn } from "./cell-kernel-columns.js";
import type { CellColumn, CellSchema } from "./cell-schema.js";
import type { ReaderOptions } from "./open-reader.js";
import { cellParser, cellReader, type ParseCell, type ReadCell } from "./cell-values.js";
import type { CsvChunkOptions } from "./csv-chunks.js";
import { KeyDictionary } from "./key-dictionary.js";
import type { ChunkOptions } from "./line-chunks.js";
import { NullableKeyColumn, type NullableKeyShape } from "./nullable-key-column.js";
import { StructKeyColumn, type StructKeyShape } from "./struct-key-column.js";

/** How cells are written, as bytes; -1 where there is no such character. */
export interface CellSyntax {
  readonly delimiter: number;
  readonly quote: number;
  /** Begins an escape, which only the closer look resolves. */
  readonly escape: number;
  /** What stands before an empty text; before an empty cell that is null there is something else. Absent: empty cells are null. */
  readonly opening?: number;
}

/** Finds records in another way than by separators and quotes. */
export interface RecordFinder {
  /** Fewest bytes of a record. */
  readonly least: number;
  /** Memory that it needs for a chunk of `size` bytes, and takes at `address`. */
  bytes(size: number): number;
  place(kernels: Kernels, address: number): void;
  /** Writes the separators of at most `most` records in memory [from, to), relative to `base`; returns how many it found up to the first that needs the closer look. */
  find(base: number, from: number, to: number, found: number, most: number): number;
}

export interface KernelCell extends CellColumn {
  /** Where its texts are wanted as codes: bytes of a record for each text. */
  readonly coded: number | undefined;
  /** For `put`. */
  readonly read: ReadCell;
  /** For a cell that is there, but not for the kernel. */
  readonly parse: ParseCell;
}

/** Chunk, separators and columns stay in the second-level cache. */
const KERNEL_CHUNK = 256 * 1024;
/** Behind what kernels keep for themselves. */
const CONSTANTS = 1 << 16;
const SEPARATORS = CONSTANTS + 2048;
/** Separators that are indexed at once: all of a chunk, mostly; fewer once some were found in vain, behind a record that needs the closer look. */
const MOST_WINDOW = 65536;
const CAREFUL_WINDOW = 8192;
const SLACK = 64;
/** Columns of a chunk: a record of very many text cells is read one by one. */
const MOST_MEMORY = 256 * 1024 * 1024;

export class CellKernel {
  /** Records taken by the last `read`, and where in the chunk the next one begins. */
  rows = 0;
  next = 0;
  readonly builders: readonly ColumnBuilder[];
  readonly #kernels: Kernels;
  readonly #syntax: CellSyntax;
  readonly #width: number;
  readonly #input: number;
  readonly #size: number;
  readonly #columns: readonly KernelColumn[];
  readonly #separators: Int32Array;
  readonly #finder: RecordFinder | undefined;
  readonly #madeKeys: { readonly column: StructKeyColumn | NullableKeyColumn; readonly names: readonly string[] } | undefined;
  #window = MOST_WINDOW;
  #mostWindow = MOST_WINDOW;

  /** `size` is a multiple of 64. */
  constructor(cells: readonly KernelCell[], width: number, syntax: CellSyntax, size: number, kernels: NonNullable<ReaderOptions["kernels"]>, finder?: RecordFinder, keys?: KeyShape) {
    const least = finder?.least ?? width;
    const most = rowsOf(size, least);
    this.#input = align(SEPARATORS + 4 * (MOST_WINDOW + 16)) + SLACK;
    this.#size = size;
    this.#width = width;
    this.#syntax = syntax;
    let free = align(this.#input + size) + SLACK;
    const dictionaries = cells.reduce((sum, { coded }) => sum + (coded === undefined ? 0 : KeyDictionary.bytes(most, size, coded)!), 0);
    const finding = finder?.bytes(size) ?? 0;
    const made = keys ? madeKeyBytes(keys)! + SLACK : 0;
    this.#kernels = kernels(free + columnBytes(cells, least, size) + dictionaries + finding + made);
    const { buffer } = this.#kernels.memory;
    this.#kernels.call.placeConstants(CONSTANTS);
    this.#separators = new Int32Array(buffer, SEPARATORS + 64, MOST_WINDOW);
    const place = { base: this.#input - SLACK, found: SEPARATORS + 64, width, constants: CONSTANTS, ...syntax };
    this.builders = this.#columns = cells.map((cell) => {
      let column = kernelColumn(cell, this.#kernels, place, free, most, size);
      if (cell.coded !== undefined) column = new KeyColumn(this.#kernels, place, cell.position, new KeyDictionary(this.#kernels, align(column.end) + SLACK, most, size, cell.coded), column);
      free = align(column.end) + SLACK;
      return column;
    });
    finder?.place(this.#kernels, free);
    if (keys) this.#madeKeys = { column: isNullable(keys) ? new NullableKeyColumn(this.#kernels, align(free + finding), keys) : new StructKeyColumn(this.#kernels, align(free + finding), keys), names: keys.fields.map(({ name }) => name) };
    this.#finder = finder;
    // What fails comes first, so that little is read in vain; a dictionary last, so that it holds no text of a row that another column refuses.
    this.#columns = [...this.#columns].sort((a, b) => a.order - b.order);
  }

  /** Has chunks read into this memory. */
  get chunks(): Required<Pick<CsvChunkOptions, "allocate" | "chunkBytes" | "chunkKernels">> {
    return { chunkBytes: this.#size, chunkKernels: this.#kernels, allocate: (size) => Buffer.from(this.#kernels.memory.buffer, this.#input, size) };
  }

  holds(chunk: Buffer): boolean {
    return chunk.buffer === this.#kernels.memory.buffer;
  }

  /** Takes records from `from` on into rows `row`... until one needs the closer look; sets `rows` and `next`. */
  read(chunk: Buffer, from: number, row: number): void {
    const width = this.#width;
    const input = this.#input;
    this.rows = 0;
    this.next = from;
    if (row === 0) {
      for (const column of this.#columns) column.begin?.();
      this.#madeKeys?.column.begin();
    }
    while (this.next < chunk.length) {
      const whole = this.#find(input + this.next, input + chunk.length);
      let rows = whole;
      for (const column of this.#columns) rows = column.extend(row + this.rows, rows);
      if (rows > 0) {
        this.rows += rows;
        this.next = this.#separators[rows * width - 1]! - SLACK + 1;
      }
      if (rows < whole || rows === 0) {
        // What was found in vain is found again: for a line of JSON, which costs much, one at a time at the least.
        const least = this.#finder === undefined ? 2 * width + 64 : width;
        this.#mostWindow = Math.max(CAREFUL_WINDOW, least);
        this.#window = Math.max(least, Math.min(this.#window, CAREFUL_WINDOW) >> 2);
        return;
      }
      this.#window = Math.min(this.#mostWindow, this.#window * 2);
    }
  }

  /** Columns that were taken from `builders`, with the keys that are wanted of several of them. */
  withKeys(taken: RecordColumns<Record<string, unknown>>): KeyedColumns {
    if (this.#madeKeys === undefined) return taken;
    const { column, names } = this.#madeKeys;
    const keys = column.take(names.map((name) => taken.columns[name] as unknown as CellValues), taken.length);
    return keys === undefined ? taken : { ...taken, keys };
  }

  /** Lists the separators of whole records. */
  #find(from: number, to: number): number {
    const width = this.#width;
    const base = this.#input - SLACK;
    if (this.#finder !== undefined) return this.#finder.find(base, from, to, SEPARATORS + 64, Math.floor(this.#window / width));
    const { delimiter, quote } = this.#syntax;
    return this.#kernels.call.indexRecords(base, from, to, delimiter, quote, width, SEPARATORS + 64, this.#window);
  }
}

export type KernelOptions = Pick<ChunkOptions, "chunkBytes"> & Pick<ReaderOptions, "columns" | "coded" | "kernels" | "previous">;

/** Undefined when chunks are not taken as columns, or not by kernels. */
export function openKernel({ columns, width }: CellSchema, syntax: CellSyntax, options: KernelOptions): CellKernel | undefined {
  if (width === undefined || columns === undefined || width < 2 || whyCellByCell(columns) !== undefined) return undefined;
  return newCellKernel(columns.map((column) => ({ ...column, read: cellReader(column), parse: cellParser(column.type) })), width, syntax, options);
}

/** Undefined where kernels cannot run, or records are so wide that they are better read one by one. */
export function newCellKernel(columns: readonly Omit<KernelCell, "coded">[], width: number, syntax: CellSyntax, options: KernelOptions, finder?: RecordFinder): CellKernel | undefined {
  if (!hasKernels || options.columns === undefined || 2 * width + 64 > MOST_WINDOW) return undefined;
  const size = align(options.chunkBytes ?? KERNEL_CHUNK);
  const least = finder?.least ?? width;
  if (columnBytes(columns, least, size) > MOST_MEMORY) return undefined;
  const { coded } = options;
  const codedBytes = ({ name, type }: CellColumn): number | undefined => {
    const fits = coded?.names.length === 1 && name === coded.names[0] && name === columns.at(-1)?.name && type.kind === "utf8" && !type.nullable && KeyDictionary.bytes(rowsOf(size, least), size, coded.recordBytes) !== undefined;
    return fits ? coded.recordBytes : undefined;
  };
  return new CellKernel(columns.map((column) => ({ ...column, coded: codedBytes(column) })), width, syntax, size, options.kernels ?? newKernels, finder, madeKeys(columns, options, { rows: rowsOf(size, least), bytes: size }));
}

/** Keys that are made of columns once these hold all rows: of several, or of one that may be null. */
type KeyShape = StructKeyShape | NullableKeyShape;

/** Those that are wanted, where they can be made here. */
function madeKeys(columns: readonly CellColumn[], { coded }: KernelOptions, most: Pick<StructKeyShape, "rows" | "bytes">): KeyShape | undefined {
  if (coded === undefined) return undefined;
  const isOne = coded.names.length === 1;
  const fields = coded.names.flatMap((name) => columns.find((column) => column.name === name && (isOne ? column.type.nullable : StructKeyColumn.takes(column.type))) ?? []);
  const keys = { ...most, fields: fields as [CellColumn], recordBytes: coded.recordBytes };
  return fields.length === coded.names.length && madeKeyBytes(keys) !== undefined ? keys : undefined;
}

function madeKeyBytes(keys: KeyShape): number | undefined {
  return isNullable(keys) ? NullableKeyColumn.bytes(keys) : StructKeyColumn.bytes(keys);
}

function isNullable(keys: KeyShape): keys is NullableKeyShape {
  return keys.fields.length === 1;
}

/** Most records of a chunk: each has at least its separators, `least` bytes. */
function rowsOf(size: number, least: number): number {
  return Math.floor(size / least) + 2;
}

function columnBytes(columns: readonly CellColumn[], least: number, size: number): number {
  return columns.reduce((sum, { type }) => sum + (type.kind === "utf8" ? size : 0) + (type.nullable ? 9 : 8) * (size / least + 4) + 4 * SLACK, SLACK);
}

function align(address: number): number {
  return Math.ceil(address / 64) * 64;
}
