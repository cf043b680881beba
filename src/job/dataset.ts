/**
 * Dataset formats as a job names them. One declaration serves at both ends: as an input it says what a
 * record is, as an output what a row is. They are plain descriptions; formats/ reads and writes them.
 */
import type { InputSpec, OutputSpec } from "../model/job-spec.js";
import { fieldsOf, type RowOf, type Schema } from "./data-type.js";
import { InvalidJobError } from "../errors.js";

declare const recordOf: unique symbol;
declare const rowOf: unique symbol;

/** A source of records of type `R`. */
export interface Input<R> {
  readonly input: InputSpec;
  readonly [recordOf]?: R;
}

/** A destination for rows of type `W`. */
export interface Output<W> {
  readonly output: OutputSpec;
  readonly [rowOf]?: (row: W) => void;
}

export type Dataset<R, W> = Input<R> & Output<W>;

export type Paths = string | readonly string[];

export interface PathOptions {
  /** Files, folders (their visible regular files) or globs; relative ones start at the working directory. `--input` replaces them. */
  readonly paths?: Paths;
}

export interface CsvOptions extends PathOptions {
  /** Whether the first record names the columns, in and out. Default: true for CSV, false for TSV. */
  readonly header?: boolean;
  /** One ASCII character. Default `,` for CSV; TSV is always tab. */
  readonly delimiter?: string;
}
type Headless = { readonly header: false };
type Headed = { readonly header: true };

/** The row that an aggregator writes when the output has no schema. */
export interface KeyValueRow {
  readonly key: unknown;
  readonly value: unknown;
}

/** One file as a record; `text` and `bytes` are read on first use. */
export interface WholeFile {
  readonly path: string;
  /** The content as UTF-8, without a byte order mark. */
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** What `JSON.parse` returns; a schema or `jsonl<T>()` gives it a type. */
type Json = ReturnType<typeof JSON.parse>;

/** Lines. Only `\n` ends a line, and a `\r` before it belongs to the ending; a byte order mark at the start is dropped. */
export function text(paths?: Paths | PathOptions): Dataset<string, string> {
  return { input: { format: "text", paths: pathsOf(paths) }, output: { format: "text" } };
}

/** Whole files: one record and one task for each. */
export function files(paths?: Paths | PathOptions): Input<WholeFile> {
  return { input: { format: "files", paths: pathsOf(paths) } };
}

/** Fixed-size binary records of `bytes` bytes; the view given to `map` is valid during the call only. */
export function records(bytes: number, paths?: Paths | PathOptions): Dataset<Uint8Array, Uint8Array> {
  if (!Number.isInteger(bytes) || bytes < 1) throw new InvalidJobError(`records(${bytes}): the record size must be a whole number of bytes, at least 1`);
  return { input: { format: "records", bytes, paths: pathsOf(paths) }, output: { format: "records", bytes } };
}

/**
 * Comma-separated values with RFC 4180 quoting. With a schema, records are typed objects whose columns are
 * found by header name (by position with `header: false`); without one they are `{ [header]: string }`,
 * or `string[]` with `header: false`.
 */
export function csv<S extends Schema>(schema: S, options?: CsvOptions): Dataset<RowOf<S>, RowOf<S>>;
export function csv(schema: undefined, options: CsvOptions & Headless): Dataset<string[], KeyValueRow>;
export function csv(options: CsvOptions & Headless): Dataset<string[], KeyValueRow>;
export function csv(first?: Paths | CsvOptions | undefined, options?: CsvOptions): Dataset<Record<string, string>, KeyValueRow>;
export function csv(first?: Schema | Paths | CsvOptions, second?: CsvOptions): Dataset<Json, Json> {
  return separated("csv", first, second);
}

/** Tab-separated values: `\t`, `\n`, `\r` and `\\` are escaped by a backslash; no header line unless `header: true`. */
export function tsv<S extends Schema>(schema: S, options?: CsvOptions): Dataset<RowOf<S>, RowOf<S>>;
export function tsv(schema: undefined, options: CsvOptions & Headed): Dataset<Record<string, string>, KeyValueRow>;
export function tsv(options: CsvOptions & Headed): Dataset<Record<string, string>, KeyValueRow>;
export function tsv(first?: Paths | CsvOptions | undefined, options?: CsvOptions): Dataset<string[], KeyValueRow>;
export function tsv(first?: Schema | Paths | CsvOptions, second?: CsvOptions): Dataset<Json, Json> {
  return separated("tsv", first, second);
}

/** One JSON value a line. A blank line is skipped and counted. With a schema the listed members are checked and typed. */
export function jsonl<S extends Schema>(schema: S, options?: PathOptions): Dataset<RowOf<S>, RowOf<S>>;
export function jsonl<T = Json>(paths?: Paths | PathOptions): Dataset<T, unknown>;
export function jsonl(first?: Schema | Paths | PathOptions, second?: PathOptions): Dataset<Json, Json> {
  const { schema, options } = split<PathOptions>(first, second);
  const fields = schema === undefined ? {} : { schema: fieldsOf(schema) };
  return { input: { format: "jsonl", paths: pathsOf(options), ...fields }, output: { format: "jsonl", ...fields } };
}

/** Arrow IPC files and streams. A schema types the columns asked for; a list of names takes them as they are. */
export function arrow<S extends Schema>(schema: S, options?: PathOptions): Dataset<RowOf<S>, RowOf<S>>;
export function arrow<const Names extends readonly string[]>(columns: Names, options?: PathOptions): Dataset<{ [Name in Names[number]]: Json }, KeyValueRow>;
export function arrow(options?: PathOptions): Dataset<Record<string, Json>, KeyValueRow>;
export function arrow(first?: Schema | readonly string[] | PathOptions, second?: PathOptions): Dataset<Json, Json> {
  if (Array.isArray(first)) {
    return { input: { format: "arrow", paths: pathsOf(second), columns: first as readonly string[] }, output: { format: "arrow" } };
  }
  const { schema, options } = split<PathOptions>(first as Schema | PathOptions, second);
  if (schema === undefined) return { input: { format: "arrow", paths: pathsOf(options) }, output: { format: "arrow" } };
  const fields = fieldsOf(schema);
  return { input: { format: "arrow", paths: pathsOf(options), schema: fields }, output: { format: "arrow", schema: fields } };
}

function separated(format: "csv" | "tsv", first: Schema | Paths | CsvOptions | undefined, second: CsvOptions | undefined): Dataset<Json, Json> {
  const { schema, options } = split<CsvOptions>(first, second);
  const { header = format === "csv", delimiter = format === "csv" ? "," : "\t" } = typeof options === "object" && !Array.isArray(options) ? (options as CsvOptions) : {};
  if (!/^[\x01-\x7f]$/.test(delimiter) || '"\r\n'.includes(delimiter)) {
    throw new InvalidJobError(`${format}: the delimiter must be one ASCII character other than a quote or a line break, not ${JSON.stringify(delimiter)}`);
  }
  const shape = { delimiter, header, ...(schema === undefined ? {} : { schema: fieldsOf(schema) }) };
  return { input: { format, paths: pathsOf(options), ...shape }, output: { format, ...shape } };
}

/** Tells a schema (every member is a data type) from paths and options. */
function split<Options extends PathOptions>(first: Schema | Paths | Options | undefined, second: Options | undefined): { schema?: Schema; options: Paths | Options | undefined } {
  if (typeof first !== "object" || Array.isArray(first)) return { options: (first as Paths | undefined) ?? second };
  const members = Object.values(first);
  const isSchema = members.length > 0 && members.every((member) => typeof member === "object" && member !== null && "type" in member && "nullable" in member);
  return isSchema ? { schema: first as Schema, options: second } : { options: first as Options };
}

function pathsOf(given: Paths | PathOptions | undefined): readonly string[] {
  if (given === undefined) return [];
  if (typeof given === "string") return [given];
  if (Array.isArray(given)) return given as readonly string[];
  const { paths = [] } = given as PathOptions;
  return typeof paths === "string" ? [paths] : paths;
}
