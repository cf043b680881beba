/**
 * Opens TSV splits for reading: a line is a record, a tab parts its fields, nothing is quoted, and `\t`, `\n`,
 * `\r` and `\\` stand for those characters. A blank line is no record, but in a file of one column, where
 * it is an empty field. Without a header and without a schema a record is the array of its fields.
 */
import type { RecordReader } from "./record-reader.js";
import { InvalidJobError } from "../errors.js";
import type { Split } from "../model/split.js";
import { readHeader } from "./cell-header.js";
import { openKernel, type KernelOptions } from "./cell-kernel.js";
import { CellReader, kernelOf } from "./cell-reader.js";
import { chosenColumns, resolveColumns } from "./cell-schema.js";
import type { CsvInputSpec } from "./csv-reader.js";
import { LineChunks, type ChunkOptions } from "./line-chunks.js";
import { BACKSLASH, TAB, TsvFields } from "./tsv-fields.js";

/** Few headers are longer, and all of it is looked through. */
const HEADER_CHUNK = 4 * 1024;

export async function openTsvReader(spec: CsvInputSpec, split: Split, options: ChunkOptions & KernelOptions): Promise<RecordReader<unknown>> {
  mustBeTab(spec.delimiter);
  const { file } = split;
  const openHeader = () => {
    const whole = { file, start: 0, end: file.size };
    return readHeader(file.path, new LineChunks(whole, { maxRecordBytes: options.maxRecordBytes, chunkBytes: HEADER_CHUNK }), new TsvFields(Infinity));
  };
  const header = spec.header ? await openHeader() : undefined;
  const columns = chosenColumns(file.path, resolveColumns(file.path, spec.schema, header?.names), options.columns);
  const layout = { format: "tsv" as const, path: file.path, dataStart: header?.end ?? 0, blankIsRecord: columns.width === 1, ...columns };
  const kernel = kernelOf(options.previous, layout) ?? openKernel(layout, { delimiter: TAB, quote: -1, escape: BACKSLASH }, options);
  const chunks = new LineChunks(split, { ...options, ...kernel?.chunks });
  return new CellReader(layout, chunks, new TsvFields(columns.width ?? Infinity), split.start === 0 ? (header?.skipped ?? 0) : 0, kernel);
}

export function mustBeTab(delimiter: string): void {
  if (delimiter !== "\t") throw new InvalidJobError(`tsv: the delimiter is always a tab; for ${JSON.stringify(delimiter)} use csv() with that delimiter`);
}
