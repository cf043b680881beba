/**
 * Reads JSON lines: one value a line. Blank lines are passed over and counted. Without a schema a record is
 * what JSON.parse makes of it, which rounds numbers beyond 2^53; with one it is an object of the schema's
 * members, checked and typed (json-values.ts).
 */
import { isUtf8 } from "node:buffer";
import type { RecordColumns } from "../job/record-batch.js";
import { InvalidJobError, type BadRecordError } from "../errors.js";
import type { FieldSpec } from "../model/type-spec.js";
import type { Split } from "../model/split.js";
import { badRecord } from "./bad-input.js";
import { describeJsonFault } from "./json-fault.js";
import { recordConverter, TwinNeeded, type ConvertRecord } from "./json-values.js";
import { takeColumns } from "./cell-columns.js";
import type { KernelOptions } from "./cell-kernel.js";
import { openJsonKernel, type JsonKernel } from "./json-kernel.js";
import type { ChunkOptions } from "./line-chunks.js";
import { quoteLongIntegers } from "./long-integers.js";
import type { RecordReader } from "./record-reader.js";
import { columnsOfRows } from "./row-columns.js";
import { TextReader } from "./text-reader.js";

const NEWLINE = 10;
const RETURN = 13;

export class JsonlReader implements RecordReader<unknown> {
  record: unknown = undefined;
  skipped = 0;
  private readonly lines: TextReader;
  private readonly fields: readonly FieldSpec[] | undefined;
  private readonly convert: ConvertRecord | undefined;
  /** Rows of the chunk so far, when it is read as columns. */
  private rows: Record<string, unknown>[] = [];
  /** Reads columns of chunks that lie in its memory. */
  private readonly kernel: JsonKernel | undefined;
  /** How many rows it has so far, and where in the buffer the next line begins. */
  private count = 0;
  private nextAt = 0;
  /** The line that was read between those of the kernel. */
  private line: { readonly offset: number; readonly text: string } | undefined;

  constructor(split: Split, schema: readonly FieldSpec[] | undefined, options: ChunkOptions & KernelOptions) {
    this.kernel = options.previous instanceof JsonlReader ? options.previous.kernel : openJsonKernel(schema, options);
    this.lines = new TextReader(split, { ...options, ...this.kernel?.cells.chunks });
    this.fields = schema;
    this.convert = schema && recordConverter(schema);
  }

  advance(): Promise<boolean> {
    this.rows = [];
    this.count = this.nextAt = 0;
    this.line = undefined;
    return this.lines.advance();
  }

  next(): boolean {
    while (this.lines.next()) {
      const line = this.lines.record;
      if (isBlank(line)) {
        this.skipped++;
        continue;
      }
      this.record = this.convert === undefined ? this.parse(line) : this.typed(line, this.convert);
      return true;
    }
    return false;
  }

  get offset(): number {
    return this.line?.offset ?? this.lines.offset;
  }

  get bytesRead(): number {
    return this.lines.bytesRead;
  }

  raw(): string {
    return this.line?.text ?? this.lines.raw();
  }

  /** Throws for each bad record of the chunk first; called again, it goes on behind it. */
  columns(): RecordColumns<unknown> {
    if (this.fields === undefined) throw new InvalidJobError("mapBatch over jsonl() needs a schema that names the columns: jsonl({ name: t.utf8(), ... })");
    const { buffer, start, end, offset } = this.lines.loaded();
    // Of what is no UTF-8, texts become longer, and might not fit.
    if (this.kernel?.cells.holds(buffer) && isUtf8(buffer.subarray(start, end))) return this.kernelColumns(this.kernel, this.fields, buffer.subarray(0, end), start, offset);
    while (this.next()) this.rows.push(this.record as Record<string, unknown>);
    return columnsOfRows(this.fields, this.rows);
  }

  close(): void {
    this.lines.close();
  }

  private kernelColumns({ cells, putRow }: JsonKernel, fields: readonly FieldSpec[], chunk: Buffer, start: number, offset: number): RecordColumns<unknown> {
    this.nextAt = Math.max(this.nextAt, start);
    for (;;) {
      cells.read(chunk, this.nextAt, this.count);
      this.count += cells.rows;
      this.nextAt = cells.next;
      if (this.nextAt >= chunk.length) break;
      const row = this.oneLine(chunk, offset - start);
      if (row === undefined) continue;
      putRow(this.count, row);
      this.count++;
    }
    return cells.withKeys(takeColumns(fields.map(({ name }) => name), cells.builders, this.count));
  }

  /** Takes one line that the kernel does not; undefined for a blank one. */
  private oneLine(chunk: Buffer, shift: number): Record<string, unknown> | undefined {
    const at = this.nextAt;
    const newline = chunk.indexOf(NEWLINE, at);
    const end = newline < 0 ? chunk.length : newline;
    this.nextAt = end + 1;
    const text = chunk.toString("utf8", at, newline > at && chunk[newline - 1] === RETURN ? newline - 1 : end);
    this.line = { offset: shift + at, text };
    if (!isBlank(text)) return this.typed(text, this.convert!);
    this.skipped++;
    return undefined;
  }

  private typed(line: string, convert: ConvertRecord): Record<string, unknown> {
    const value = this.parse(line);
    try {
      return convert(value);
    } catch (error) {
      if (!(error instanceof TwinNeeded)) throw this.misfit(error);
    }
    try {
      return convert(value, JSON.parse(quoteLongIntegers(line)));
    } catch (error) {
      throw this.misfit(error);
    }
  }

  private parse(line: string): unknown {
    try {
      return JSON.parse(line) as unknown;
    } catch (error) {
      // A RangeError: nested too deeply for the parser's stack.
      throw this.bad(`the line is not valid JSON: ${describeJsonFault(line, error)}. Each line must hold one JSON value`);
    }
  }

  private misfit(error: unknown): BadRecordError {
    return this.bad(`the record does not fit the schema: ${reasonOf(error)}`);
  }

  private bad(problem: string): BadRecordError {
    return badRecord(this.lines.path, this.offset, problem, this.raw());
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Only spaces, tabs and carriage returns. Whatever begins with another character, as nearly all lines do, is told at once. */
function isBlank(line: string): boolean {
  return line === "" || (line.charCodeAt(0) <= 32 && /^[ \t\r]*$/.test(line));
}
