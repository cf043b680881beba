/**
 * Reads records of cells, CSV or TSV: chunks of whole records come from one part, the fields of a record from
 * another, and this turns fields into an object of the columns asked for. It works on bytes; only text that
 * is asked for becomes a string: a substring of its chunk where all is ASCII, which V8 makes without copying
 * (so a string that is kept may keep its chunk alive). Invalid UTF-8 becomes U+FFFD.
 *
 * A record with too many or too few fields, with a cell that does not fit its type, or with misplaced quotes
 * is bad; reading goes on behind it. Blank lines are passed over and counted.
 */
import { isAscii } from "node:buffer";
import { isDeepStrictEqual } from "node:util";
import type { RecordColumns } from "../job/record-batch.js";
import { InvalidJobError, type BadRecordError } from "../errors.js";
import { defineMember } from "../columnar/codec.js";
import { badRecord } from "./bad-input.js";
import { columnBuilder, takeColumns, type ColumnBuilder } from "./cell-columns.js";
import type { CellKernel } from "./cell-kernel.js";
import { CellRun } from "./cell-run.js";
import { ESCAPED, PLAIN, type CellFields } from "./cell-fields.js";
import type { CellColumn, CellSchema } from "./cell-schema.js";
import { cellReader, emptyIsValue, type ReadCell } from "./cell-values.js";
import type { RecordReader } from "./record-reader.js";

/** Whole records: chunk after chunk in buffer[start..end), where byte `start` stands at `offset` of the content. */
export interface RecordChunks {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly offset: number;
  /** Set in place of a chunk for a record that is too long. */
  readonly overlong: BadRecordError | undefined;
  readonly bytesRead: number;
  load(): Promise<boolean>;
  close(): void;
}

export interface CellLayout extends CellSchema {
  readonly format: "csv" | "tsv";
  readonly path: string;
  /** Where the records begin: behind the header. */
  readonly dataStart: number;
  /** Whether a blank line is a record of one empty field. */
  readonly blankIsRecord: boolean;
}

/** The kernel of a former reader, where it reads columns that stand alike. */
export function kernelOf(previous: RecordReader<unknown> | undefined, { columns, width }: CellSchema): CellKernel | undefined {
  if (!(previous instanceof CellReader) || previous.layout.width !== width) return undefined;
  return isDeepStrictEqual(previous.layout.columns, columns) ? previous.kernel : undefined;
}

/** A column ready for the loop over records. */
interface Cell extends CellColumn {
  readonly isText: boolean;
  readonly nullable: boolean;
  /** Whether an empty cell is null even between quotes. */
  readonly quotedNull: boolean;
  readonly read: ReadCell;
}

const NO_BYTES: Buffer = Buffer.alloc(0);

export class CellReader implements RecordReader<unknown> {
  record: unknown = undefined;
  skipped: number;
  readonly layout: CellLayout;
  private readonly chunks: RecordChunks;
  private readonly fields: CellFields;
  private readonly cells: readonly Cell[] | undefined;
  /** Ends where the chunk does. */
  private chunk = NO_BYTES;
  private at = 0;
  private nextAt = 0;
  /** The chunk as Latin-1, which its ASCII cells are cut from; made for the first record that is stepped to. */
  private text: string | undefined;
  private ascii = true;
  private textStart = 0;
  private bad: BadRecordError | undefined;
  private builders: readonly ColumnBuilder[] | undefined;
  private rows = 0;
  /** Reads columns of chunks that lie in its memory. */
  readonly kernel: CellKernel | undefined;
  /** The records that it took last, where records are asked for. */
  private readonly run: CellRun | undefined;
  /** Whether records are indexed one by one, for the kernel takes the others. */
  private single = false;

  constructor(layout: CellLayout, chunks: RecordChunks, fields: CellFields, skipped: number, kernel?: CellKernel) {
    this.kernel = kernel;
    this.layout = layout;
    this.chunks = chunks;
    this.fields = fields;
    this.skipped = skipped;
    this.cells = layout.columns?.map((column) => ({
      ...column,
      isText: column.type.kind === "utf8",
      nullable: column.type.nullable,
      quotedNull: column.type.nullable && !emptyIsValue(column.type),
      read: cellReader(column),
    }));
    this.run = kernel && this.cells && new CellRun(kernel, this.cells.map(({ name }) => name), fields);
  }

  async advance(): Promise<boolean> {
    this.bad = undefined;
    this.text = undefined;
    this.rows = 0;
    this.chunk = NO_BYTES;
    this.at = this.nextAt = 0;
    this.run?.clear();
    if (!(await this.chunks.load())) return false;
    const { buffer, start, end, offset } = this.chunks;
    this.chunk = buffer.subarray(0, end);
    this.at = this.nextAt = Math.min(Math.max(start, start + this.layout.dataStart - offset), end);
    return true;
  }

  next(): boolean {
    const { run } = this;
    if (run?.step() || (run?.read(this.chunk, this.nextAt) && run.step())) {
      this.nextAt = run.next;
      this.record = run.record();
      return true;
    }
    if (this.text === undefined) this.decode();
    if (!this.step()) return false;
    this.record = this.cells === undefined ? this.array() : this.object(this.cells);
    return true;
  }

  get offset(): number {
    const at = this.run?.isOpen ? this.run.find(this.chunk).at : this.at;
    return this.bad?.offset ?? this.chunks.offset + at - this.chunks.start;
  }

  get bytesRead(): number {
    return this.chunks.bytesRead;
  }

  raw(): string {
    if (this.bad !== undefined) return this.bad.record;
    const { at, end } = this.run?.isOpen ? this.run.find(this.chunk) : { at: this.at, end: this.nextAt };
    return this.chunk.toString("utf8", at, end).replace(/\r?\n$/, "");
  }

  /** Throws for each bad record of the chunk first; called again, it goes on behind it. */
  columns(): RecordColumns<unknown> {
    const { cells, layout } = this;
    if (cells === undefined) throw new InvalidJobError(`mapBatch over ${layout.format}() needs a header or a schema that names the columns: ${layout.format}({ name: t.utf8(), ... })`);
    this.single = this.kernel?.holds(this.chunk) ?? false;
    const builders = this.single ? this.kernel!.builders : (this.builders ??= cells.map(({ type, read }) => columnBuilder(type, read)));
    for (;;) {
      if (this.single) this.takeRun(this.kernel!);
      if (!this.step()) break;
      this.addRow(cells, builders);
      this.rows++;
    }
    const taken = takeColumns(cells.map((cell) => cell.name), builders, this.rows);
    return this.single ? this.kernel!.withKeys(taken) : taken;
  }

  close(): void {
    this.chunks.close();
  }

  /** Has the kernel take the records up to the next that needs a closer look. */
  private takeRun(kernel: CellKernel): void {
    kernel.read(this.chunk, this.nextAt, this.rows);
    this.rows += kernel.rows;
    this.nextAt = kernel.next;
  }

  /** Goes to the next record that has the right shape. */
  private step(): boolean {
    const { fields, chunk } = this;
    const { width, blankIsRecord } = this.layout;
    while (this.nextAt < chunk.length) {
      this.at = this.nextAt;
      this.nextAt = this.single ? fields.indexOne(chunk, this.at) : fields.index(chunk, this.at);
      if (fields.count === 1 && fields.blank && !blankIsRecord) this.skipped++;
      else if (fields.problem !== undefined) throw this.badRecord(fields.problem);
      else if (width !== undefined && fields.count !== width) throw this.ragged(width);
      else return true;
    }
    const { overlong } = this.chunks;
    if (overlong === undefined || this.bad !== undefined) return false;
    this.bad = overlong;
    throw overlong;
  }

  private decode(): void {
    const { chunk } = this;
    this.textStart = this.chunks.start;
    const content = chunk.subarray(this.textStart);
    this.text = content.toString("latin1");
    this.ascii = isAscii(content);
  }

  private object(cells: readonly Cell[]): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    let i = 0;
    try {
      for (; i < cells.length; i++) {
        const cell = cells[i]!;
        const value = this.value(cell);
        if (cell.name === "__proto__") defineMember(record, cell.name, value);
        else record[cell.name] = value;
      }
    } catch (error) {
      throw this.misfit(cells[i]!, error);
    }
    return record;
  }

  private value(cell: Cell): unknown {
    const { fields, chunk } = this;
    const start = fields.starts[cell.position]!;
    const end = fields.ends[cell.position]!;
    const mark = fields.marks[cell.position]!;
    if (start === end && cell.nullable && (mark === PLAIN || cell.quotedNull)) return null;
    if (mark === ESCAPED) {
      const plain = fields.unescape(chunk, start, end);
      return cell.read(plain, 0, plain.length);
    }
    return cell.isText ? this.textOf(start, end) : cell.read(chunk, start, end);
  }

  private textOf(start: number, end: number): string {
    if (!this.ascii) for (let at = start; at < end; at++) if (this.chunk[at]! >= 0x80) return this.chunk.toString("utf8", start, end);
    return this.text!.substring(start - this.textStart, end - this.textStart);
  }

  private array(): string[] {
    const { fields, chunk } = this;
    const record: string[] = [];
    for (let i = 0; i < fields.count; i++) {
      const start = fields.starts[i]!;
      const end = fields.ends[i]!;
      if (fields.marks[i] !== ESCAPED) record.push(this.textOf(start, end));
      else record.push(fields.unescape(chunk, start, end).toString());
    }
    return record;
  }

  private addRow(cells: readonly Cell[], builders: readonly ColumnBuilder[]): void {
    const { fields, chunk, rows } = this;
    let i = 0;
    try {
      for (; i < cells.length; i++) {
        const { position, nullable, quotedNull } = cells[i]!;
        const builder = builders[i]!;
        const start = fields.starts[position]!;
        const end = fields.ends[position]!;
        const mark = fields.marks[position]!;
        if (start === end && nullable && (mark === PLAIN || quotedNull)) builder.putNull(rows);
        else if (mark !== ESCAPED) builder.put(rows, chunk, start, end);
        else {
          const plain = fields.unescape(chunk, start, end);
          builder.put(rows, plain, 0, plain.length);
        }
      }
    } catch (error) {
      throw this.misfit(cells[i]!, error);
    }
  }

  private misfit(cell: Cell, error: unknown): unknown {
    if (!(error instanceof TypeError)) return error;
    return this.badRecord(`column ${JSON.stringify(cell.name)}: ${error.message}`);
  }

  private ragged(width: number): BadRecordError {
    const { count } = this.fields;
    return this.badRecord(`the record has ${count} field${count === 1 ? "" : "s"}, but the ${this.layout.source} names ${width}`);
  }

  private badRecord(problem: string): BadRecordError {
    return badRecord(this.layout.path, this.offset, problem, this.raw());
  }
}
