/**
 * Reads TSV: each line is a record, cells lie between tabs, and `\t`, `\n`, `\r` and `\\` in a cell stand for
 * tab, newline, carriage return and backslash. There are no quotes, so a split needs nothing but line starts.
 */
import { isAscii } from "node:buffer";
import type { RecordColumns } from "../job/record-batch.js";
import { InvalidJobError, type BadRecordError } from "../errors.js";
import type { InputSpec } from "../model/job-spec.js";
import type { Split } from "../model/split.js";
import { badInput, badRecord } from "./bad-input.js";
import { PlainFields } from "./field-source.js";
import { LineChunks, type ChunkOptions } from "./line-chunks.js";
import type { RecordReader } from "./record-reader.js";
import { columnsOfRows } from "./row-columns.js";
import { rowShape, type RowShape } from "./row-shape.js";

type TsvSpec = Extract<InputSpec, { format: "csv" | "tsv" }>;

export async function openTsvReader(spec: TsvSpec, split: Split, options: ChunkOptions): Promise<RecordReader<unknown>> {
  if (!spec.header) return new TsvReader(spec, split, options, undefined);
  if (split.start === 0) return new TsvReader(spec, split, options, undefined);
  const first = new TsvReader(spec, { ...split, start: 0, end: 1 }, options, undefined);
  try {
    return new TsvReader(spec, split, options, await first.header());
  } finally {
    first.close();
  }
}

class TsvReader implements RecordReader<unknown> {
  record: unknown = undefined;
  skipped = 0;
  readonly #spec: TsvSpec;
  readonly #path: string;
  readonly #chunks: LineChunks;
  readonly #fields: PlainFields;
  #shape: RowShape | undefined;
  /** The chunk, one character a byte; the current line is text[at..end). */
  #text = "";
  #decode: (cell: string) => string = unescape;
  #at = 0;
  #end = 0;
  #nextAt = 0;
  #rows: Record<string, unknown>[] = [];

  constructor(spec: TsvSpec, split: Split, options: ChunkOptions, header: readonly string[] | undefined) {
    this.#spec = spec;
    this.#path = split.file.path;
    this.#chunks = new LineChunks(split, options);
    this.#fields = new PlainFields(spec.delimiter);
    if (!spec.header || header !== undefined) this.#shape = rowShape(this.#path, header, spec.schema);
  }

  async advance(): Promise<boolean> {
    this.#rows = [];
    const more = await this.#chunks.load();
    const { buffer, start, end } = this.#chunks;
    this.#text = more ? buffer.toString("latin1", start, end) : "";
    this.#decode = isAscii(buffer.subarray(start, end)) ? unescape : decodeAndUnescape;
    this.#fields.load(this.#text);
    this.#at = this.#end = this.#nextAt = 0;
    return more;
  }

  next(): boolean {
    if (this.#shape === undefined) {
      const names = this.#names();
      if (names === undefined) return false;
      this.#shape = rowShape(this.#path, names, this.#spec.schema);
    }
    if (!this.#nextLine()) return false;
    const shape = this.#shape;
    const { count } = this.#fields;
    if (shape.width !== undefined && count !== shape.width) throw this.#bad(`the record has ${count} cell${count === 1 ? "" : "s"}, expected ${shape.width}`);
    try {
      this.record = shape.make(this.#fields, this.#decode);
    } catch (error) {
      throw error instanceof TypeError ? this.#bad(error.message) : error;
    }
    return true;
  }

  /** The names in the file's first line; undefined when there is none. */
  async header(): Promise<readonly string[] | undefined> {
    while (await this.advance()) {
      const names = this.#names();
      if (names !== undefined) return names;
    }
    return undefined;
  }

  get offset(): number {
    return this.#chunks.offset + this.#at;
  }

  get bytesRead(): number {
    return this.#chunks.bytesRead;
  }

  raw(): string {
    return Buffer.from(this.#text.slice(this.#at, this.#end), "latin1").toString("utf8");
  }

  columns(): RecordColumns<unknown> {
    while (this.next()) this.#rows.push(this.record as Record<string, unknown>);
    const fields = this.#shape?.fields ?? (this.#shape === undefined ? (this.#spec.schema ?? []) : undefined);
    if (fields === undefined) throw new InvalidJobError("mapBatch over tsv() without a header needs a schema that names the columns");
    return columnsOfRows(fields, this.#rows);
  }

  close(): void {
    this.#chunks.close();
  }

  #names(): readonly string[] | undefined {
    const { overlong } = this.#chunks;
    if (overlong !== undefined) throw badInput(this.#path, `has a header line that cannot be read: ${overlong.message}`, overlong);
    if (!this.#nextLine()) return undefined;
    return Array.from({ length: this.#fields.count }, (_, i) => this.#decode(this.#fields.get(i)));
  }

  #nextLine(): boolean {
    const { overlong } = this.#chunks;
    if (overlong !== undefined) {
      this.#chunks.overlong = undefined;
      throw overlong;
    }
    const text = this.#text;
    while (this.#nextAt < text.length) {
      const at = this.#nextAt;
      const newline = text.indexOf("\n", at);
      const lineEnd = newline < 0 ? text.length : newline;
      this.#nextAt = newline < 0 ? lineEnd : newline + 1;
      const end = newline > at && text.charCodeAt(newline - 1) === 13 ? newline - 1 : lineEnd;
      this.#at = at;
      this.#end = end;
      if (end === at) {
        this.skipped++;
        continue;
      }
      this.#fields.split(at, end);
      return true;
    }
    return false;
  }

  #bad(problem: string): BadRecordError {
    return badRecord(this.#path, this.offset, problem, this.raw());
  }
}

const ESCAPES: Readonly<Record<string, string>> = { "\\t": "\t", "\\n": "\n", "\\r": "\r", "\\\\": "\\" };

/** A backslash before any other character is data. */
function unescape(cell: string): string {
  return cell.includes("\\") ? cell.replace(/\\[tnr\\]/g, (escape) => ESCAPES[escape]!) : cell;
}

function decodeAndUnescape(cell: string): string {
  return unescape(Buffer.from(cell, "latin1").toString("utf8"));
}
