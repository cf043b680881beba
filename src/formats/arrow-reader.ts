/**
 * Reads the records of a range of record batches of an Arrow file or stream. A batch's columns are read when
 * it is reached, only those that are asked for; records are made from the raw buffers, a window of about one
 * chunk at a time.
 */
import { ArrowFormatError } from "../columnar/arrow-format-error.js";
import { defineMember } from "../columnar/codec.js";
import { BadRecordError, TaskFailure } from "../errors.js";
import type { RecordColumns } from "../job/record-batch.js";
import type { FailureKind } from "../model/failure.js";
import type { Split } from "../model/split.js";
import { Dictionaries, loadArray } from "./arrow-arrays.js";
import { unreadable } from "./bad-input.js";
import { columnsWanted, type ArrowInput, type WantedColumn } from "./arrow-columns-wanted.js";
import { readArrowFile, readHeader, type ArrowFile } from "./arrow-file.js";
import { layOutBatch } from "./arrow-layout.js";
import { flatColumn, type FlatColumn } from "./arrow-record-columns.js";
import { TypeMismatch, ValueError, type Values } from "./arrow-values.js";
import { PositionedFile } from "./positioned-file.js";
import { pathOnDisk } from "./remote-copy.js";
import { recordMaker, type RecordMaker } from "./record-maker.js";
import type { RecordReader } from "./record-reader.js";

export interface ArrowReaderOptions {
  /** Most bytes of one string or binary value. */
  readonly maxRecordBytes: number;
  /** Stored bytes that `advance` makes ready at a time. Default 1 MiB. */
  readonly chunkBytes?: number;
}

/** Throws TaskFailure: `bad-input` for files that are no Arrow or lack a column, `input-changed` when the file is not the one that was planned. */
export async function openArrowReader(spec: ArrowInput, split: Split, options: ArrowReaderOptions): Promise<RecordReader<unknown>> {
  const { path, size, mtime, compression } = split.file;
  if (compression !== "none") throw failure("bad-input", path, `${path} is compressed with ${compression}; Arrow is read uncompressed only, so decompress it first`);
  const place = await pathOnDisk(split.file);
  let file: PositionedFile;
  try {
    file = new PositionedFile(path, place);
  } catch (error) {
    throw unreadable(path, "cannot be read", error);
  }
  try {
    if (file.size !== size || (place === path && file.mtime !== mtime)) throw changed(path);
    const content = readArrowFile(file);
    return new ArrowReader(file, content, columnsWanted(spec, content.fields), split, options);
  } catch (error) {
    const cause = explain(error, file, "");
    file.close();
    throw cause;
  }
}

class ArrowReader implements RecordReader<unknown> {
  record: unknown = undefined;
  readonly skipped = 0;
  private readonly file: PositionedFile;
  private readonly content: ArrowFile;
  private readonly columnsWanted: readonly WantedColumn[];
  private readonly maker: RecordMaker;
  private readonly dictionaries: Dictionaries;
  private readonly options: ArrowReaderOptions;
  private readonly start: number;
  private readonly end: number;
  /** Number of the loaded batch, and its columns. */
  private batch: number;
  private values: readonly Values[] = [];
  private recordAt: (row: number) => unknown = () => undefined;
  private rows = 0;
  private windowRows = 1;
  /** Rows of the loaded batch: `row` is current, the window ends before `to`. */
  private row = -1;
  private from = 0;
  private to = 0;
  private bytesBefore = 0;
  /** Rows of the file before the loaded batch, once someone asked. */
  private rowsBefore: { readonly batch: number; readonly rows: number } = { batch: 0, rows: 0 };

  constructor(file: PositionedFile, content: ArrowFile, columns: readonly WantedColumn[], split: Split, options: ArrowReaderOptions) {
    this.file = file;
    this.content = content;
    this.columnsWanted = columns;
    this.maker = recordMaker(columns.map((column) => column.name));
    this.dictionaries = new Dictionaries(file, content.dictionaries, columns.map((column) => column.field));
    this.options = options;
    this.start = split.start;
    this.batch = split.start - 1;
    this.end = Math.min(split.end, content.batches.length);
  }

  async advance(): Promise<boolean> {
    try {
      while (this.to === this.rows) {
        if (this.batch + 1 >= this.end) return this.finish();
        this.loadNextBatch();
      }
      this.from = this.to;
      this.to = Math.min(this.rows, this.from + this.windowRows);
      this.row = this.from - 1;
      for (const values of this.values) values.prepare?.(this.from, this.to);
      return true;
    } catch (error) {
      throw explain(error, this.file, `record batch ${this.batch}: `);
    }
  }

  next(): boolean {
    if (this.row + 1 >= this.to) {
      this.row = this.to;
      return false;
    }
    const row = ++this.row;
    try {
      this.record = this.recordAt(row);
    } catch {
      throw this.explainRow(row);
    }
    return true;
  }

  get offset(): number {
    return this.rowsBeforeBatch() + Math.max(0, this.row);
  }

  get bytesRead(): number {
    if (this.rows === 0) return this.bytesBefore;
    const done = Math.min(this.rows, Math.max(0, this.row + 1)) / this.rows;
    return this.bytesBefore + Math.round(done * this.storedBytes());
  }

  raw(): string {
    return this.rawRow(this.row);
  }

  columns(): RecordColumns<unknown> {
    const columns: Record<string, FlatColumn> = {};
    this.columnsWanted.forEach(({ name, nullable }, i) => {
      const values = this.values[i]!;
      const get = (row: number): unknown => {
        try {
          return values.get(row);
        } catch (error) {
          throw this.explainValue(error, name, row);
        }
      };
      defineMember(columns, name, flatColumn(values, nullable, get, this.from, this.to));
    });
    return { length: this.to - this.from, columns: columns as RecordColumns<unknown>["columns"] };
  }

  close(): void {
    this.file.close();
  }

  private finish(): false {
    // What was read is only good if nobody wrote to the file meanwhile.
    if (!this.file.unchanged()) throw changed(this.file.path);
    return false;
  }

  private loadNextBatch(): void {
    if (this.batch >= this.start) this.bytesBefore += this.storedBytes();
    this.rows = this.from = this.to = 0;
    this.row = -1;
    this.batch++;
    this.dictionaries.advanceTo(this.batch);
    const place = this.content.batches[this.batch]!;
    const { header, bodyLength } = readHeader(this.file, place, "batch");
    const layout = layOutBatch(this.content.fields, header, bodyLength);
    const context = { dictionary: (id: number) => this.dictionaries.get(id), maxBytes: this.options.maxRecordBytes };
    const body = place.offset + place.headLength;
    this.values = this.columnsWanted.map(({ decoder, index }) => decoder(loadArray(this.file, body, layout.columns[index]!), context));
    this.recordAt = this.maker(this.values.map((values) => values.get));
    this.rows = layout.rows;
    const chunk = this.options.chunkBytes ?? 1 << 20;
    this.windowRows = Math.max(1, Math.min(layout.rows, Math.floor((layout.rows * chunk) / this.storedBytes())));
  }

  private storedBytes(): number {
    const place = this.content.batches[this.batch];
    return place === undefined ? 0 : place.headLength + place.bodyLength;
  }

  /** Reads the headers of earlier batches, which only errors need. */
  private rowsBeforeBatch(): number {
    let { batch, rows } = this.rowsBefore;
    for (; batch < this.batch; batch++) rows += readHeader(this.file, this.content.batches[batch]!, "batch").header.int64(0);
    this.rowsBefore = { batch, rows };
    return rows;
  }

  /** Making the record of this row failed; finds the column by asking each again. */
  private explainRow(row: number): Error {
    for (const [i, { name }] of this.columnsWanted.entries()) {
      try {
        this.values[i]!.get(row);
      } catch (error) {
        return this.explainValue(error, name, row);
      }
    }
    return new Error(`Row ${row} of record batch ${this.batch} of ${this.file.path} failed once and then did not`);
  }

  private explainValue(error: unknown, column: string, row: number): Error {
    if (!(error instanceof ValueError)) return explain(error, this.file, `record batch ${this.batch}: `);
    const number = this.rowsBeforeBatch() + row;
    return new BadRecordError(`${this.file.path}: column "${column}" of row ${number} ${error.message}`, number, this.rawRow(row));
  }

  private rawRow(row: number): string {
    const record: Record<string, unknown> = {};
    this.columnsWanted.forEach(({ name }, i) => {
      try {
        defineMember(record, name, this.values[i]?.get(row));
      } catch (error) {
        defineMember(record, name, `(${(error as Error).message})`);
      }
    });
    return JSON.stringify(record, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value));
  }
}

function explain(error: unknown, file: PositionedFile, place: string): Error {
  if (error instanceof TaskFailure) return error;
  if (error instanceof ArrowFormatError && !file.unchanged()) return changed(file.path);
  if (error instanceof ArrowFormatError) return failure("bad-input", file.path, `${file.path} cannot be read as Arrow: ${place}${error.message}`, error);
  if (error instanceof TypeMismatch) return failure("bad-input", file.path, `${file.path}: ${error.message}`, error);
  if (error instanceof Error && "syscall" in error) return unreadable(file.path, "cannot be read", error);
  return error as Error;
}

function changed(path: string): TaskFailure {
  return failure("input-changed", path, `${path} changed since the job was planned; run the job again`);
}

function failure(kind: FailureKind, file: string, message: string, cause?: unknown): TaskFailure {
  return new TaskFailure({ kind, message, file }, cause === undefined ? undefined : { cause });
}
