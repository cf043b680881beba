/**
 * Reads CSV records of one split. A chunk becomes one string of its bytes (latin1, so that places in it are
 * places in the file); a record without quotes is cut at its delimiters, and only the columns that are asked
 * for become strings. UTF-8 is decoded field by field, in chunks that are not plain ASCII.
 */
import { isAscii } from "node:buffer";
import { InvalidJobError, BadRecordError } from "../errors.js";
import type { RecordColumns } from "../job/record-batch.js";
import type { InputSpec } from "../model/job-spec.js";
import type { Split } from "../model/split.js";
import { badInput, badRecord } from "./bad-input.js";
import { CsvChunks, type CsvChunkOptions } from "./csv-chunks.js";
import { QuotedFields } from "./csv-quoted-fields.js";
import { PlainFields, type FieldSource } from "./field-source.js";
import type { RecordReader } from "./record-reader.js";
import { columnsOfRows } from "./row-columns.js";
import { rowShape, type RowShape } from "./row-shape.js";

type CsvSpec = Extract<InputSpec, { format: "csv" | "tsv" }>;

export async function openCsvReader(spec: CsvSpec, split: Split, options: CsvChunkOptions): Promise<RecordReader<unknown>> {
  // A split that starts its file meets the header by itself.
  const header = spec.header && split.start > 0 ? await readHeader(spec, split, options) : undefined;
  return new CsvReader(spec, split, options, header);
}

async function readHeader(spec: CsvSpec, split: Split, { csvState: _, ...options }: CsvChunkOptions): Promise<readonly string[] | undefined> {
  const reader = new CsvReader({ ...spec, header: false, schema: [] }, { ...split, start: 0, end: Math.max(1, split.start) }, options, undefined);
  try {
    return await reader.firstRecord();
  } finally {
    reader.close();
  }
}

class CsvReader implements RecordReader<unknown> {
  record: unknown = undefined;
  skipped = 0;
  readonly #spec: CsvSpec;
  readonly #chunks: CsvChunks;
  readonly #plain: PlainFields;
  readonly #quoted: QuotedFields;
  readonly #path: string;
  #shape: RowShape | undefined;
  /** The chunk, one character a byte. */
  #text = "";
  #ascii = true;
  /** The current record is text[at..nextAt). */
  #at = 0;
  #nextAt = 0;
  /** First quote at or behind `nextAt`. */
  #nextQuote = Infinity;
  #rows: Record<string, unknown>[] = [];

  constructor(spec: CsvSpec, split: Split, options: CsvChunkOptions, header: readonly string[] | undefined) {
    this.#spec = spec;
    this.#path = split.file.path;
    this.#chunks = new CsvChunks(split, spec.delimiter, options);
    this.#plain = new PlainFields(spec.delimiter);
    this.#quoted = new QuotedFields(spec.delimiter);
    if (!spec.header || header !== undefined) this.#shape = rowShape(this.#path, header, spec.schema);
  }

  async advance(): Promise<boolean> {
    this.#rows = [];
    const more = await this.#chunks.load();
    const { buffer, start, end } = this.#chunks;
    this.#ascii = isAscii(buffer.subarray(start, end));
    this.#text = more ? buffer.toString("latin1", start, end) : "";
    this.#plain.load(this.#text);
    this.#at = this.#nextAt = 0;
    this.#findQuote();
    return more;
  }

  next(): boolean {
    if (this.#shape === undefined) {
      const names = this.#header();
      if (names === undefined) return false;
      this.#shape = rowShape(this.#path, names, this.#spec.schema);
    }
    const { overlong } = this.#chunks;
    if (overlong !== undefined) {
      this.#chunks.overlong = undefined;
      throw overlong;
    }
    const fields = this.#nextFields();
    if (fields === undefined) return false;
    this.record = this.#made(this.#shape, fields);
    return true;
  }

  /** The fields of the file's first record; undefined when it has none. */
  async firstRecord(): Promise<readonly string[] | undefined> {
    while (await this.advance()) {
      const names = this.#header();
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
    return this.#decoded(this.#text.slice(this.#at, this.#nextAt)).replace(/\r?\n$/, "");
  }

  columns(): RecordColumns<unknown> {
    while (this.next()) this.#rows.push(this.record as Record<string, unknown>);
    const fields = this.#shape?.fields;
    if (fields === undefined) {
      // A chunk may hold the header and nothing else.
      if (this.#rows.length === 0 && this.#spec.header) return columnsOfRows(this.#spec.schema ?? [], []);
      throw new InvalidJobError(`mapBatch over ${this.#spec.format}() without a header needs a schema that names the columns`);
    }
    return columnsOfRows(fields, this.#rows);
  }

  close(): void {
    this.#chunks.close();
  }

  /** Cuts the next record that is not blank into fields. */
  #nextFields(): FieldSource | undefined {
    const text = this.#text;
    while (this.#nextAt < text.length) {
      const at = this.#nextAt;
      this.#at = at;
      const newline = text.indexOf("\n", at);
      const lineEnd = newline < 0 ? text.length : newline;
      if (this.#nextQuote < lineEnd) {
        this.#nextAt = this.#quoted.parse(text, at);
        this.#findQuote();
        if (this.#quoted.problem !== undefined) throw this.#bad(this.#quoted.problem);
        return this.#quoted;
      }
      this.#nextAt = newline < 0 ? lineEnd : lineEnd + 1;
      const end = newline > at && text.charCodeAt(newline - 1) === 13 ? newline - 1 : lineEnd;
      if (end === at) {
        this.skipped++;
        continue;
      }
      this.#plain.split(at, end);
      return this.#plain;
    }
    return undefined;
  }

  #findQuote(): void {
    const found = this.#text.indexOf('"', this.#nextAt);
    this.#nextQuote = found < 0 ? Infinity : found;
  }

  #made(shape: RowShape, fields: FieldSource): unknown {
    if (shape.width !== undefined && fields.count !== shape.width) throw this.#bad(`the record has ${fields.count} field${fields.count === 1 ? "" : "s"}, expected ${shape.width}`);
    try {
      return shape.make(fields, this.#ascii ? asIs : decodeLatin1);
    } catch (error) {
      throw error instanceof TypeError ? this.#bad(error.message) : error;
    }
  }

  /** The names in the next record; undefined when the chunk has none. A header that cannot be read is a fault of the file. */
  #header(): readonly string[] | undefined {
    let fields: FieldSource | undefined;
    try {
      if (this.#chunks.overlong !== undefined) throw this.#chunks.overlong;
      fields = this.#nextFields();
    } catch (error) {
      throw error instanceof BadRecordError ? badInput(this.#path, `has a header line that cannot be read: ${error.message}`, error) : error;
    }
    return fields && Array.from({ length: fields.count }, (_, i) => this.#decoded(fields.get(i)));
  }

  #decoded(text: string): string {
    return this.#ascii ? text : decodeLatin1(text);
  }

  #bad(problem: string): BadRecordError {
    return badRecord(this.#path, this.offset, problem, this.raw());
  }
}

function asIs(field: string): string {
  return field;
}

/** UTF-8 whose bytes stand as characters. */
function decodeLatin1(field: string): string {
  return /^[\x00-\x7f]*$/.test(field) ? field : Buffer.from(field, "latin1").toString("utf8");
}
