/**
 * Opens CSV splits for reading. What a record is, is said in csv-machine.ts; a blank line is none, also in a
 * file of one column. Every task reads the header itself, from the start of the file. Without a header and
 * without a schema a record is the array of its fields, however many they are.
 */
import type { InputSpec } from "../model/job-spec.js";
import type { Split } from "../model/split.js";
import { readHeader } from "./cell-header.js";
import { openKernel, type KernelOptions } from "./cell-kernel.js";
import { CellReader, kernelOf } from "./cell-reader.js";
import { chosenColumns, resolveColumns } from "./cell-schema.js";
import { CsvChunks, type CsvChunkOptions } from "./csv-chunks.js";
import { CsvFields } from "./csv-fields.js";
import { QUOTE } from "./csv-machine.js";
import type { RecordReader } from "./record-reader.js";

export type CsvInputSpec = Extract<InputSpec, { readonly format: "csv" | "tsv" }>;

/** Few headers are longer, and all of it is looked through. */
const HEADER_CHUNK = 4 * 1024;

export async function openCsvReader(spec: CsvInputSpec, split: Split, options: CsvChunkOptions & KernelOptions): Promise<RecordReader<unknown>> {
  const { file } = split;
  const { delimiter, schema } = spec;
  const openHeader = async () => {
    const whole = { file, start: 0, end: file.size };
    const chunks = await CsvChunks.open(whole, delimiter, { maxRecordBytes: options.maxRecordBytes, chunkBytes: HEADER_CHUNK });
    return readHeader(file.path, chunks, new CsvFields(delimiter, Infinity));
  };
  const header = spec.header ? await openHeader() : undefined;
  const layout = {
    format: "csv" as const,
    path: file.path,
    dataStart: header?.end ?? 0,
    blankIsRecord: false,
    ...chosenColumns(file.path, resolveColumns(file.path, schema, header?.names), options.columns),
  };
  const kernel = kernelOf(options.previous, layout) ?? openKernel(layout, { delimiter: delimiter.charCodeAt(0), quote: QUOTE, escape: -1 }, options);
  const chunks = await CsvChunks.open(split, delimiter, { ...options, ...kernel?.chunks });
  return new CellReader(layout, chunks, new CsvFields(delimiter, layout.width ?? Infinity), split.start === 0 ? (header?.skipped ?? 0) : 0, kernel);
}
