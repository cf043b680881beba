/**
 * Writes CSV and TSV. With a schema the columns are its own; without one the members of the first row name
 * them, and later rows must have the same. What is written reads back as the same values.
 */
import type { ByteSink } from "../columnar/byte-sink.js";
import { showValue } from "../model/show-value.js";
import type { OutputSpec } from "../model/job-spec.js";
import type { FieldSpec } from "../model/type-spec.js";
import { cellPrinter, printAnyCell, type PrintCell } from "./cell-text.js";
import type { RowEncoder } from "./row-encoder.js";

type SeparatedSpec = Extract<OutputSpec, { format: "csv" | "tsv" }>;

export function createCsvEncoder(spec: SeparatedSpec): RowEncoder {
  const dialect = spec.format === "csv" ? csvDialect(spec.delimiter) : tsvDialect;
  return spec.schema === undefined ? new OpenEncoding(spec, dialect) : new TypedEncoding(spec, spec.schema, dialect);
}

/** Turns the text of a cell into what stands in the file; `isNull` tells null from an empty string. */
type Dialect = (text: string, isNull: boolean, nullable: boolean) => string;

function csvDialect(delimiter: string): Dialect {
  const special = new RegExp(`[${delimiter.replace(/[\\\]^-]/g, "\\$&")}"\\n\\r]|^\\ufeff`);
  return (text, isNull, nullable) => {
    if (text === "") return nullable && !isNull ? '""' : "";
    return special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
}

const tsvDialect: Dialect = (text) => (/[\t\n\r\\]/.test(text) ? text.replace(/[\t\n\r\\]/g, (character) => TSV_ESCAPES[character]!) : text);
const TSV_ESCAPES: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\" };

/** A line that would be blank is passed over by readers: a lone empty cell is quoted. */
function line(cells: readonly string[], { format, delimiter }: SeparatedSpec): string {
  const text = cells.join(delimiter);
  return text === "" && format === "csv" ? '""\n' : `${text}\n`;
}

class TypedEncoding implements RowEncoder {
  readonly extension: string;
  readonly #spec: SeparatedSpec;
  readonly #dialect: Dialect;
  readonly #columns: readonly { readonly name: string; readonly nullable: boolean; readonly print: PrintCell }[];
  #isFirst = true;

  constructor(spec: SeparatedSpec, schema: readonly FieldSpec[], dialect: Dialect) {
    this.#spec = spec;
    this.extension = spec.format;
    this.#dialect = dialect;
    this.#columns = schema.map(({ name, type }) => ({ name, nullable: type.nullable, print: cellPrinter(type) }));
  }

  begin(out: ByteSink): void {
    if (this.#spec.header) this.#write(line(this.#columns.map(({ name }) => this.#dialect(name, false, false)), this.#spec), out);
  }

  encode(row: unknown, out: ByteSink): void {
    if (typeof row !== "object" || row === null) throw new TypeError(`expected a row with the columns ${this.#columns.map(({ name }) => name).join(", ")}, got ${showValue(row)}`);
    let text = "";
    for (let i = 0; i < this.#columns.length; i++) {
      const { name, nullable, print } = this.#columns[i]!;
      const value = (row as Record<string, unknown>)[name];
      const isNull = value === null || value === undefined;
      if (i > 0) text += this.#spec.delimiter;
      try {
        text += isNull && nullable ? "" : this.#dialect(print(value), false, nullable);
      } catch (error) {
        throw error instanceof TypeError ? new TypeError(`column "${name}": ${error.message}`) : error;
      }
    }
    this.#write(text === "" && this.#spec.format === "csv" ? '""\n' : `${text}\n`, out);
  }

  end(): void {}

  /** Readers drop a byte order mark at the start of a file: one that is data gets another before it. */
  #write(text: string, out: ByteSink): void {
    out.utf8(this.#isFirst && text.startsWith("\ufeff") ? `\ufeff${text}` : text);
    this.#isFirst = false;
  }
}

class OpenEncoding implements RowEncoder {
  readonly extension: string;
  readonly #spec: SeparatedSpec;
  readonly #dialect: Dialect;
  #names: readonly string[] | undefined;
  #width: number | undefined;

  constructor(spec: SeparatedSpec, dialect: Dialect) {
    this.#spec = spec;
    this.extension = spec.format;
    this.#dialect = dialect;
  }

  /** The header waits for the first row, which names the columns. */
  begin(): void {}

  encode(row: unknown, out: ByteSink): void {
    const values = this.#valuesOf(row, out);
    const cells = values.map((value) => this.#dialect(printAnyCell(value), value === null || value === undefined, false));
    out.utf8(line(cells, this.#spec));
  }

  end(): void {}

  #valuesOf(row: unknown, out: ByteSink): readonly unknown[] {
    if (Array.isArray(row)) {
      this.#width ??= row.length;
      if (row.length !== this.#width) throw new TypeError(`the row has ${row.length} values, but the first one had ${this.#width}`);
      return row as unknown[];
    }
    if (typeof row !== "object" || row === null) throw new TypeError(`expected a row as an object or an array, got ${showValue(row)}`);
    const names = this.#names ?? this.#begin(Object.keys(row), out);
    const own = Object.keys(row);
    const other = own.find((name) => !names.includes(name)) ?? names.find((name) => !Object.hasOwn(row, name));
    if (other !== undefined) throw new TypeError(`the row differs from the first one in the member "${other}"; give ${this.#spec.format}() a schema`);
    return names.map((name) => (row as Record<string, unknown>)[name]);
  }

  #begin(names: readonly string[], out: ByteSink): readonly string[] {
    this.#names = names;
    if (this.#spec.header) out.utf8(line(names.map((name) => this.#dialect(name, false, false)), this.#spec));
    return names;
  }
}
