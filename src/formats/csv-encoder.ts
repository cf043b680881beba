/**
 * Writes rows as CSV or TSV. With a schema each row is an object with its columns, each checked against its
 * type, and the header stands also in an empty part. Without one the first row fixes the columns: the names
 * of its members, or its length when rows are arrays; all later rows must have the same. A column that may be
 * null writes null as an empty cell and an empty string as `""`.
 */
import type { ByteSink } from "../columnar/byte-sink.js";
import { decodeUtf8 } from "../columnar/codec.js";
import type { OutputSpec } from "../model/job-spec.js";
import { showValue } from "../model/show-value.js";
import { emptyIsValue } from "./cell-values.js";
import { beginsWithMark, csvGuard, TSV_SPECIAL, tsvGuard, type GuardCell } from "./cell-guard.js";
import { cellWriter, writeAnyCell, type WriteCell } from "./cell-text.js";
import { NEWLINE, QUOTE, RETURN } from "./csv-machine.js";
import type { RowEncoder } from "./row-encoder.js";
import { RowPrinter } from "./row-printer.js";
import { mustBeTab } from "./tsv-reader.js";

export type CsvOutputSpec = Extract<OutputSpec, { readonly format: "csv" | "tsv" }>;

export function createCsvEncoder(spec: CsvOutputSpec): RowEncoder {
  if (spec.format === "tsv") mustBeTab(spec.delimiter);
  return new CellEncoder(spec);
}

interface Column {
  /** Absent when rows are arrays. */
  readonly name: string | undefined;
  readonly label: string;
  readonly inherited: boolean;
  readonly write: WriteCell;
  readonly nullable: boolean;
  readonly emptyCounts: boolean;
}

class CellEncoder implements RowEncoder {
  readonly extension: "csv" | "tsv";
  readonly encodeColumns?: NonNullable<RowEncoder["encodeColumns"]>;
  private readonly spec: CsvOutputSpec;
  private readonly delimiter: number;
  private readonly guard: GuardCell;
  private columns: readonly Column[] | undefined;
  private started = false;

  constructor(spec: CsvOutputSpec) {
    this.extension = spec.format;
    this.spec = spec;
    this.delimiter = spec.delimiter.charCodeAt(0);
    this.guard = spec.format === "csv" ? csvGuard(spec.delimiter) : tsvGuard;
    this.columns = spec.schema?.map((field) => ({
      name: field.name,
      label: labelOf(field.name),
      inherited: field.name in Object.prototype,
      write: cellWriter(field),
      nullable: field.type.nullable,
      emptyCounts: emptyIsValue(field.type) && (field.type.nullable || this.loneCsv(spec.schema?.length)),
    }));
    const { columns } = this;
    if (columns !== undefined) {
      const printer = this.printerOf(columns);
      this.encodeColumns = (given, rows, out) => {
        const start = out.length;
        printer.print(given, rows, out);
        if (!this.started && rows > 0) this.startFile(start, out);
      };
    }
  }

  begin(out: ByteSink): void {
    if (this.columns !== undefined) this.writeHeader(this.columns, out);
  }

  encode(row: unknown, out: ByteSink): void {
    if (typeof row !== "object" || row === null) {
      const shape = this.spec.schema === undefined ? "an object or an array" : "an object with the columns of the schema";
      throw new TypeError(`a row of ${this.extension}() must be ${shape}, got ${showValue(row)}`);
    }
    if (this.columns === undefined) {
      this.columns = this.columnsOf(row);
      this.writeHeader(this.columns, out);
    }
    const start = out.length;
    try {
      if (this.spec.schema === undefined) this.encodeAny(this.columns, row, out);
      else this.encodeTyped(this.columns, row, out);
    } catch (error) {
      out.length = start;
      if (error instanceof RangeError) throw new TypeError(`a row of ${this.extension}() holds itself or is nested too deeply to be written`, { cause: error });
      throw error;
    }
    if (!this.started) this.startFile(start, out);
  }

  end(_out: ByteSink): void {}

  private printerOf(columns: readonly Column[]): RowPrinter {
    const { spec, delimiter } = this;
    return new RowPrinter({
      delimiter,
      special: spec.format === "csv" ? [delimiter, QUOTE, NEWLINE, RETURN] : TSV_SPECIAL,
      columns: columns.map(({ emptyCounts }, i) => ({ type: spec.schema![i]!.type.kind, emptyCounts })),
      writeCell: (column, from, row, out) => {
        this.writeCell(columns[column]!, from.kind === "bytes" ? decodeUtf8(from.bytes, from.offsets[row]!, from.offsets[row + 1]!) : from.values[row], out);
      },
    });
  }

  private encodeTyped(columns: readonly Column[], row: object, out: ByteSink): void {
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      if (i > 0) out.byte(this.delimiter);
      // A class may have getters for columns, but what every object inherits is no column.
      const absent = column.inherited && !Object.hasOwn(row, column.name!);
      this.writeCell(column, absent ? undefined : (row as Record<string, unknown>)[column.name!], out);
    }
    out.byte(10);
  }

  private encodeAny(columns: readonly Column[], row: object, out: ByteSink): void {
    this.checkNames(columns, row);
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      if (i > 0) out.byte(this.delimiter);
      this.writeCell(column, (row as Record<string, unknown>)[column.name ?? i], out);
    }
    out.byte(10);
  }

  /** The columns that the first row fixes. */
  private columnsOf(row: object): Column[] {
    const names = Array.isArray(row) ? row.map(() => undefined) : Object.keys(row);
    if (Array.isArray(row) && this.spec.header) {
      throw new TypeError(`a row of ${this.extension}() is an array, which names no columns for the header: emit objects, give a schema, or set header: false`);
    }
    if (names.length === 0) throw new TypeError(`a row of ${this.extension}() has no columns`);
    const emptyCounts = this.loneCsv(names.length);
    return names.map((name, i) => ({ name, label: name === undefined ? `field ${i + 1}` : labelOf(name), inherited: false, write: writeAnyCell, nullable: true, emptyCounts }));
  }

  private checkNames(columns: readonly Column[], row: object): void {
    const names = Array.isArray(row) ? undefined : Object.keys(row);
    const size = names?.length ?? (row as unknown[]).length;
    const named = columns[0]!.name !== undefined;
    if (size === columns.length && named === (names !== undefined) && columns.every(({ name }, i) => name === names?.[i] || Object.hasOwn(row, name!))) return;
    const expected = named ? `the columns of the first row (${columns.map(({ name }) => JSON.stringify(name)).join(", ")})` : `${columns.length} fields, as the first row`;
    throw new TypeError(`a row of ${this.extension}() must have ${expected}, got ${showValue(row)}. Give the output a schema to allow missing ones`);
  }

  private writeCell(column: Column, value: unknown, out: ByteSink): void {
    try {
      if ((value === null || value === undefined) && column.nullable) return this.writeNull();
      const start = out.length;
      column.write(value, out);
      this.guard(out, start, column.emptyCounts);
    } catch (error) {
      throw error instanceof TypeError ? new TypeError(`${column.label}: ${error.message}`, { cause: error }) : error;
    }
  }

  /** Writes nothing, but where that would make a blank line, which is no record. */
  private writeNull(): void {
    if (this.loneCsv(this.columns?.length)) throw new TypeError("null in the only column of a CSV would be a blank line, which is no record: add a column, or use jsonl()");
  }

  private writeHeader(columns: readonly Column[], out: ByteSink): void {
    if (!this.spec.header) return;
    const start = out.length;
    for (const [i, { name }] of columns.entries()) {
      if (i > 0) out.byte(this.delimiter);
      const cell = out.length;
      out.utf8(name ?? "");
      this.guard(out, cell, this.loneCsv(columns.length));
    }
    out.byte(10);
    this.startFile(start, out);
  }

  /** A reader drops a byte order mark at the start of a file. TSV cannot quote one that is content, so another goes before it. */
  private startFile(start: number, out: ByteSink): void {
    this.started = true;
    if (!beginsWithMark(out, start)) return;
    out.reserve(3);
    out.bytes.copyWithin(start + 3, start, out.length);
    out.length += 3;
  }

  /** One column of CSV: an empty cell must not make a blank line. */
  private loneCsv(width: number | undefined): boolean {
    return this.spec.format === "csv" && width === 1;
  }
}

function labelOf(name: string): string {
  return `column ${JSON.stringify(name)}`;
}
