/** Arrow files for tests: made by apache-arrow, read by Millrace. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as arrow from "apache-arrow";
import { TaskFailure } from "../errors.js";
import { openArrowReader } from "../formats/arrow-reader.js";
import type { RecordReader } from "../formats/record-reader.js";
import { fieldsOf, type Schema } from "../job/data-type.js";

export const folder = mkdtempSync(join(tmpdir(), "millrace-arrow-"));
export function removeFolder(): void {
  rmSync(folder, { recursive: true });
}

let files = 0;
export function store(bytes: Uint8Array): string {
  const path = join(folder, `${files++}.arrow`);
  writeFileSync(path, bytes);
  return path;
}

export interface ReadOptions {
  readonly schema?: Schema;
  readonly columns?: readonly string[];
  readonly start?: number;
  readonly end?: number;
  readonly chunkBytes?: number;
  readonly maxRecordBytes?: number;
}

export function open(path: string, { schema, columns, start = 0, end = Infinity, chunkBytes, maxRecordBytes = 1 << 20 }: ReadOptions = {}): Promise<RecordReader<unknown>> {
  const { size, mtimeNs } = statSync(path, { bigint: true });
  return openArrowReader(
    { format: "arrow", paths: [path], ...(columns === undefined ? {} : { columns }), ...(schema === undefined ? {} : { schema: fieldsOf(schema) }) },
    { file: { path, size: Number(size), mtime: String(mtimeNs), compression: "none" }, start, end },
    { maxRecordBytes, ...(chunkBytes === undefined ? {} : { chunkBytes }) },
  );
}

export async function read(path: string, options?: ReadOptions): Promise<Record<string, unknown>[]> {
  const reader = await open(path, options);
  const records: Record<string, unknown>[] = [];
  try {
    while (await reader.advance()) while (reader.next()) records.push(reader.record as Record<string, unknown>);
  } finally {
    reader.close();
  }
  return records;
}

/** Kind and message of the TaskFailure that `work` ends in. */
export async function failureOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof TaskFailure)) throw new Error(`No TaskFailure but ${String(error)}`);
  return `${error.failure.kind}: ${error.message.replaceAll(folder, "")}`;
}

export function dataOf(columns: Record<string, arrow.Vector>): arrow.Table {
  return new arrow.Table(columns);
}

const numbers = [0, 1, -1, 100, null, 127, -128];
/** Seven rows with a column of nearly every type, most with a null. */
export const table = dataOf({
  int8: arrow.vectorFromArray(numbers, new arrow.Int8()),
  uint16: arrow.vectorFromArray(numbers.map((n) => n && Math.abs(n)), new arrow.Uint16()),
  int32: arrow.vectorFromArray(numbers.map((n) => n && n * 1e6), new arrow.Int32()),
  uint32: arrow.vectorFromArray([0, 1, 2 ** 32 - 1, 5, null, 6, 7], new arrow.Uint32()),
  int64: arrow.vectorFromArray([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), null, 5n, 6n], new arrow.Int64()),
  uint64: arrow.vectorFromArray([0n, 1n, 2n ** 64n - 1n, 3n, null, 5n, 6n], new arrow.Uint64()),
  float32: arrow.vectorFromArray([0.5, -1, Infinity, NaN, null, 1e10, 2], new arrow.Float32()),
  float64: arrow.vectorFromArray([0.1, -0, Infinity, NaN, null, 5e-324, 2], new arrow.Float64()),
  float16: arrow.vectorFromArray([0.5, -1, Infinity, 65504, null, 2 ** -24, 2], new arrow.Float16()),
  bool: arrow.vectorFromArray([true, false, null, true, false, true, null], new arrow.Bool()),
  utf8: arrow.vectorFromArray(["", "a", null, "grüße", "😀", "x".repeat(100), "z"], new arrow.Utf8()),
  large: arrow.vectorFromArray(["", "a", null, "grüße", "😀", "x".repeat(100), "z"], new arrow.LargeUtf8()),
  binary: arrow.vectorFromArray([1, 2, null, 0, 4, 5, 6].map((n) => n && new Uint8Array(n).fill(n)), new arrow.Binary()),
  fixed: arrow.vectorFromArray([1, 2, null, 3, 4, 5, 6].map((n) => n && new Uint8Array(3).fill(n)), new arrow.FixedSizeBinary(3)),
  dictionary: arrow.vectorFromArray(["a", "b", null, "a", "b", "c", "a"], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8())),
  nothing: arrow.vectorFromArray([null, null, null, null, null, null, null], new arrow.Null()),
  day: arrow.vectorFromArray([0, 1, null, -1, 20_000, 3, 4].map((n) => (n === null ? null : new Date(n * 86_400_000))), new arrow.DateDay()),
  ms: arrow.vectorFromArray([0, 1, null, -1, 1.7e12, 3, 4].map((n) => (n === null ? null : new Date(n))), new arrow.TimestampMillisecond()),
  list: arrow.vectorFromArray([[1], [], null, [1, null, 3], [4], [5], [6]], new arrow.List(new arrow.Field("item", new arrow.Int32(), true))),
  fixedList: arrow.vectorFromArray([[1, 2], [3, 4], null, [5, null], [7, 8], [9, 0], [1, 2]], new arrow.FixedSizeList(2, new arrow.Field("item", new arrow.Float64(), true))),
  struct: arrow.vectorFromArray(
    [{ x: 1, s: "a" }, { x: 2, s: null }, null, { x: null, s: "c" }, { x: 4, s: "d" }, { x: 5, s: "e" }, { x: 6, s: "f" }],
    new arrow.Struct([new arrow.Field("x", new arrow.Float64(), true), new arrow.Field("s", new arrow.Utf8(), true)]),
  ),
});
