/**
 * Sharding a dataset into Arrow files is a map-only job like any other, so it is written as one: the module is
 * generated from the format and the columns, and run by the engine.
 */
import { UsageError } from "../errors.js";
import { openReader } from "../formats/open-reader.js";
import { csv, jsonl, text, tsv, records, type Input } from "../job/dataset.js";
import type { InputSpec } from "../model/job-spec.js";
import { wholeFile, type InputFile } from "../model/split.js";
import type { ShardFormat } from "./shard-format.js";

export interface ShardOptions {
  readonly format: ShardFormat;
  /** Columns such as `id:int64,name:utf8?`. Default: all columns of CSV and TSV as text; of JSON lines, what the first records show. */
  readonly schema?: string;
  readonly delimiter?: string;
  readonly header?: boolean;
  /** For `records`. */
  readonly recordBytes?: number;
}

type Columns = readonly { readonly name: string; readonly type: string }[];

const TYPES = ["utf8", "binary", "bool", "int32", "int64", "float64", "timestamp", "date", "json"];
/** Records of the first file whose members show the columns of JSON lines. */
const LOOKED_AT = 1000;

/** The source of the job module. Reads the start of the first file where columns have to be found. */
export async function shardJobSource(options: ShardOptions, files: readonly InputFile[]): Promise<string> {
  const { format, recordBytes } = options;
  if (format === "text") return jobSource("text()", "{ line: t.utf8() }", "{ line: record }");
  if (format === "records") {
    if (recordBytes === undefined) throw new UsageError("--format records needs --record-bytes");
    return jobSource(`records(${recordBytes})`, "{ record: t.binary() }", "{ record: record.slice() }");
  }
  const columns = options.schema === undefined ? await findColumns(options, files) : parseSchema(options.schema);
  const schema = `{ ${columns.map(({ name, type }) => `${JSON.stringify(name)}: ${type}`).join(", ")} }`;
  const settings = JSON.stringify({ ...(options.header === undefined ? {} : { header: options.header }), ...(options.delimiter === undefined ? {} : { delimiter: options.delimiter }) });
  return jobSource(format === "jsonl" ? `jsonl(${schema})` : `${format}(${schema}, ${settings})`, schema, "record");
}

function jobSource(input: string, schema: string, row: string): string {
  return `import { arrow, csv, defineJob, jsonl, records, t, text, tsv } from "millrace";

export default defineJob({
  name: "shard",
  input: ${input},
  map: (record, emit) => emit(${row}),
  output: arrow(${schema}),
});
`;
}

function parseSchema(text: string): Columns {
  return text.split(",").map((column) => {
    const [, name = "", type = "", nullable] = /^\s*(.+?)\s*:\s*(\w+)(\??)\s*$/.exec(column) ?? [];
    if (!TYPES.includes(type)) throw new UsageError(`--schema: ${JSON.stringify(column)} is no column; write name:type, with a type of ${TYPES.join(", ")} and ? for one that may be null`);
    return { name, type: `t.${type}()${nullable === "?" ? ".nullable()" : ""}` };
  });
}

async function findColumns(options: ShardOptions, files: readonly InputFile[]): Promise<Columns> {
  const first = files.find((file) => file.size > 0);
  if (first === undefined) throw new UsageError("The files are empty; give the columns by --schema");
  const rows = await firstRecords(inputSpec(options), first);
  if (options.format !== "jsonl") {
    const [row] = rows;
    if (row === undefined) throw new UsageError(`${first.path} has no records; give the columns by --schema`);
    const names = Array.isArray(row) ? row.map((_, i) => `column${i + 1}`) : Object.keys(row as object);
    return names.map((name) => ({ name, type: "t.utf8()" }));
  }
  const kinds = new Map<string, Set<string>>();
  for (const row of rows) {
    if (typeof row !== "object" || row === null || Array.isArray(row)) throw new UsageError(`${first.path}: the lines are no objects; shard it as --format text`);
    for (const [name, value] of Object.entries(row)) kinds.set(name, (kinds.get(name) ?? new Set()).add(kindOf(value)));
  }
  return [...kinds].map(([name, seen]) => {
    seen.delete("null");
    return { name, type: `t.${seen.size === 1 ? [...seen][0]! : "json"}().nullable()` };
  });
}

function kindOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return "utf8";
    case "number":
      return "float64";
    case "boolean":
      return "bool";
    default:
      return value === null ? "null" : "json";
  }
}

function inputSpec({ format, delimiter, header, recordBytes }: ShardOptions): InputSpec {
  const settings = { ...(delimiter === undefined ? {} : { delimiter }), ...(header === undefined ? {} : { header }) };
  const inputs: Record<ShardFormat, () => Input<unknown>> = {
    text: () => text(),
    csv: () => csv(undefined, settings),
    tsv: () => tsv(undefined, settings),
    jsonl: () => jsonl(),
    records: () => records(recordBytes ?? 1),
  };
  return inputs[format]().input;
}

async function firstRecords(spec: InputSpec, file: InputFile): Promise<unknown[]> {
  const reader = await openReader(spec, wholeFile(file), { maxRecordBytes: 64 << 20 });
  const rows: unknown[] = [];
  try {
    while (rows.length < LOOKED_AT && (await reader.advance())) while (rows.length < LOOKED_AT && reader.next()) rows.push(reader.record);
  } finally {
    reader.close();
  }
  return rows;
}
