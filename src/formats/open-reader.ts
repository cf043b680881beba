import type { Kernels } from "../columnar/kernels/wasm.js";
import { assertNever } from "../model/assert-never.js";
import type { InputSpec } from "../model/job-spec.js";
import type { Split } from "../model/split.js";
import type { FieldSpec } from "../model/type-spec.js";
import type { CsvStart } from "../model/task.js";
import { FilesReader } from "./files-reader.js";
import type { KeptFile } from "./kept-file.js";
import { JsonlReader } from "./jsonl-reader.js";
import type { RecordReader } from "./record-reader.js";
import { RecordsReader } from "./records-reader.js";
import { TextReader } from "./text-reader.js";

export interface ReaderOptions {
  /** Longest record, in bytes; a longer one is a bad record. */
  readonly maxRecordBytes: number;
  /** Bytes to load at once. Default 120 KiB. */
  readonly chunkBytes?: number;
  /** State of the CSV scan where the split begins. */
  readonly csvState?: CsvStart;
  /** Chunks will be taken as columns: all of them, or those with these names (by the formats that can tell them apart). */
  readonly columns?: "all" | readonly string[];
  /** The last of these, a text column, is wanted as codes (CodedTexts) where the reader can do that; or keys of several of them (KeyedColumns). */
  readonly coded?: { readonly names: readonly string[]; readonly recordBytes: number };
  /** What the reader before has left open, and takes this one's file, where the format has lines or cells. */
  readonly keptFile?: KeptFile;
  /** A reader of the same input, opened with the same options and closed since: what it keeps in memory of kernels may be taken over as it is, with its dictionary. */
  readonly previous?: RecordReader<unknown> | undefined;
  /** Gives an instance with so many bytes of memory or more, of any content, for as long as the reader is open. Default: a new one. */
  readonly kernels?: (bytes: number) => Kernels;
}

export const DEFAULT_MAX_RECORD_BYTES = 64 * 1024 * 1024;

type Opened = RecordReader<unknown> | Promise<RecordReader<unknown>>;

/** Opens the reader of one split. Readers that not every job needs are loaded when one does. */
export function openReader(spec: InputSpec, split: Split, options: ReaderOptions): Opened {
  switch (spec.format) {
    case "text":
      return new TextReader(split, options);
    case "jsonl":
      return new JsonlReader(split, chosen(spec.schema, options.columns), options);
    case "records":
      return new RecordsReader(split, spec.bytes, options.chunkBytes);
    case "files":
      return new FilesReader(split, options.maxRecordBytes);
    case "csv":
      return import("./csv-reader.js").then(({ openCsvReader }) => openCsvReader(spec, split, options));
    case "tsv":
      return import("./tsv-reader.js").then(({ openTsvReader }) => openTsvReader(spec, split, options));
    case "arrow":
      return import("./arrow-reader.js").then(({ openArrowReader }) => openArrowReader(spec.schema && options.columns ? { ...spec, schema: chosen(spec.schema, options.columns)! } : spec, split, options));
    default:
      return assertNever(spec);
  }
}

/** In the order in which they are asked for. */
function chosen(schema: readonly FieldSpec[] | undefined, columns: ReaderOptions["columns"]): readonly FieldSpec[] | undefined {
  return columns === undefined || columns === "all" ? schema : schema && columns.flatMap((name) => schema.find((field) => field.name === name) ?? []);
}
