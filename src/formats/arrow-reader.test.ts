import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync, appendFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import * as arrow from "apache-arrow";
import fc from "fast-check";
import { ByteSink } from "../columnar/byte-sink.js";
import { BadRecordError, InputError, TaskFailure } from "../errors.js";
import { fieldsOf, t, type Schema } from "../job/data-type.js";
import { createArrowEncoder } from "./arrow-encoder.js";
import { arrowBatchBytes } from "./arrow-batches.js";
import { openArrowReader } from "./arrow-reader.js";
import type { RecordReader } from "./record-reader.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-arrow-"));
test.after.always(() => rmSync(folder, { recursive: true }));

let files = 0;
function store(bytes: Uint8Array): string {
  const path = join(folder, `${files++}.arrow`);
  writeFileSync(path, bytes);
  return path;
}

interface Options {
  readonly schema?: Schema;
  readonly columns?: readonly string[];
  readonly start?: number;
  readonly end?: number;
  readonly chunkBytes?: number;
  readonly maxRecordBytes?: number;
}

function open(path: string, { schema, columns, start = 0, end = Infinity, chunkBytes, maxRecordBytes = 1 << 20 }: Options = {}): Promise<RecordReader<unknown>> {
  const { size, mtimeNs } = statSync(path, { bigint: true });
  return openArrowReader(
    { format: "arrow", paths: [path], ...(columns === undefined ? {} : { columns }), ...(schema === undefined ? {} : { schema: fieldsOf(schema) }) },
    { file: { path, size: Number(size), mtime: String(mtimeNs), compression: "none" }, start, end },
    { maxRecordBytes, ...(chunkBytes === undefined ? {} : { chunkBytes }) },
  );
}

async function read(path: string, options?: Options): Promise<Record<string, unknown>[]> {
  const reader = await open(path, options);
  const records: Record<string, unknown>[] = [];
  try {
    while (await reader.advance()) while (reader.next()) records.push(reader.record as Record<string, unknown>);
  } finally {
    reader.close();
  }
  return records;
}

const forms = ["file", "stream"] as const;

function dataOf(columns: Record<string, arrow.Vector>): arrow.Table {
  return new arrow.Table(columns);
}

const numbers = [0, 1, -1, 100, null, 127, -128];
const table = dataOf({
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

/** What apache-arrow reads, in the form that records have. */
function expected(from: arrow.Table): Record<string, unknown>[] {
  return from.toArray().map((row) => Object.fromEntries(from.schema.fields.map(({ name, type }) => [name, plain(row[name], type)])));
}

function plain(value: unknown, type: arrow.DataType): unknown {
  if (value === null) return null;
  if (arrow.DataType.isDate(type) || arrow.DataType.isTimestamp(type)) return new Date(value as number);
  if (arrow.DataType.isList(type) || arrow.DataType.isFixedSizeList(type)) return [...(value as Iterable<unknown>)].map((item) => plain(item, type.children[0]!.type));
  if (arrow.DataType.isStruct(type)) return (value as { toJSON(): unknown }).toJSON();
  return value;
}

for (const form of forms) {
  test(`every type that apache-arrow writes to a ${form} is read as apache-arrow reads it`, async (assert) => {
    assert.deepEqual(await read(store(arrow.tableToIPC(table, form))), expected(table));
  });

  test(`slices, several batches and small windows of a ${form} give each row once and in order`, async (assert) => {
    const whole = table.slice(1, 6).concat(table.slice(0, 2), table.slice(6, 7), table);
    const path = store(arrow.tableToIPC(whole, form));
    const rows = expected(whole);
    assert.deepEqual(await read(path), rows);
    assert.deepEqual(await read(path, { chunkBytes: 1 }), rows);
    const splits = await Promise.all(whole.batches.map((_, i) => read(path, { start: i, end: i + 1 })));
    assert.deepEqual(splits.flat(), rows);
    assert.deepEqual(splits.map((split) => split.length), [5, 2, 1, 7]);
    assert.is((await arrowBatchBytes(path)).length, 4);
  });
}

test("a column that is asked for by name comes alone", async (assert) => {
  const path = store(arrow.tableToIPC(table, "file"));
  assert.deepEqual(await read(path, { columns: ["utf8", "int8"] }), expected(table.select(["utf8", "int8"])));
});

test("dictionaries that grow or change between the batches of a stream hold from there on", async (assert) => {
  const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), 7);
  const batch = (values: string[]): arrow.RecordBatch => dataOf({ d: arrow.vectorFromArray(values, type) }).batches[0]!;
  const parts = [["a", "b"], ["c", "a"], ["x", "y", "z"]];
  const writer = new arrow.RecordBatchStreamWriter();
  for (const part of parts) writer.write(batch(part));
  writer.finish();
  const path = store(await writer.toUint8Array());
  assert.deepEqual((await read(path)).map((row) => row["d"]), parts.flat());
  assert.deepEqual((await read(path, { start: 2 })).map((row) => row["d"]), parts[2]);
});

test("times of all units become Dates, rounded down to the millisecond", async (assert) => {
  const seconds = [0, 1_700_000_000, -1];
  const last = "1999-12-31T23:59:59.999Z";
  const nanos = BigInt(Date.parse(last)) * 1_000_000n + 999_999n;
  const raw = (values: bigint[], type: arrow.DataType): arrow.Vector => arrow.makeVector(arrow.makeData({ type, data: BigInt64Array.from(values), length: 3 } as never));
  const path = store(
    arrow.tableToIPC(
      dataOf({
        s: raw(seconds.map(BigInt), new arrow.TimestampSecond()),
        us: raw([0n, 1500n, -1n], new arrow.TimestampMicrosecond("UTC")),
        ns: raw([nanos, 0n, -1n], new arrow.TimestampNanosecond()),
        time: raw([1500n, 0n, 1n], new arrow.TimeMicrosecond()),
        length: raw([2n, 0n, -1n], new arrow.DurationSecond()),
      }),
    ),
  );
  const rows = await read(path);
  assert.deepEqual(rows.map((row) => row["s"]), seconds.map((each) => new Date(each * 1000)));
  assert.deepEqual(rows.map((row) => row["us"]), [new Date(0), new Date(1), new Date(-1)]);
  assert.deepEqual(rows.map((row) => row["ns"]), [new Date(last), new Date(0), new Date(-1)]);
  assert.deepEqual(rows.map((row) => row["time"]), [1.5, 0, 0.001]);
  assert.deepEqual(rows.map((row) => row["length"]), [2000, 0, -1000]);
});

test("string views, maps and half-known columns are read or passed over", async (assert) => {
  // A view is the length, then up to 12 bytes, or 4 bytes and the place of all of them.
  const views = Buffer.alloc(48);
  views.writeInt32LE(2, 0);
  views.write("hi", 4);
  views.writeInt32LE(20, 16);
  views.write("0123", 20);
  views.writeInt32LE(3, 28);
  const long = "01234567890123456789";
  const view = arrow.makeData({ type: new arrow.Utf8View(), length: 3, nullCount: 0, views: new Uint8Array(views), variadicBuffers: [Buffer.from(`abc${long}zz`)] });
  const entry = new arrow.Struct<{ key: arrow.Utf8; value: arrow.Int32 }>([new arrow.Field("key", new arrow.Utf8(), false), new arrow.Field("value", new arrow.Int32(), true)]);
  const map = arrow.vectorFromArray([new Map([["a", 1], ["b", 2]]), new Map(), null], new arrow.Map_<arrow.Utf8, arrow.Int32>(new arrow.Field("entries", entry, false)));
  const interval = arrow.makeData({ type: new arrow.IntervalYearMonth(), length: 3, nullCount: 0, data: Int32Array.of(1, 2, 3) });
  const path = store(arrow.tableToIPC(dataOf({ interval: arrow.makeVector(interval), view: arrow.makeVector(view), map }), "file"));
  assert.deepEqual(await read(path, { columns: ["view", "map"] }), [
    { view: "hi", map: [{ key: "a", value: 1 }, { key: "b", value: 2 }] },
    { view: long, map: [] },
    { view: "", map: null },
  ]);
  assert.regex(await failureOf(read(path)), /column "interval" is of Arrow's type interval, which Millrace does not read; leave it out/);
});

test("decimals become their digits, or doubles when the schema says float64", async (assert) => {
  const words = (value: bigint): number[] => [0n, 32n, 64n, 96n].map((shift) => Number(BigInt.asUintN(32, value >> shift)));
  const values = [12345n, -5n, 10n ** 30n];
  const data = arrow.makeData({ type: new arrow.Decimal(2, 38, 128), data: Uint32Array.from(values.flatMap(words)), length: 3 });
  const path = store(arrow.tableToIPC(dataOf({ price: arrow.makeVector(data) })));
  assert.deepEqual((await read(path)).map((row) => row["price"]), ["123.45", "-0.05", "10000000000000000000000000000.00"]);
  assert.deepEqual((await read(path, { schema: { price: t.float64() } })).map((row) => row["price"]), [123.45, -0.05, 1e28]);
});

test("a schema types the columns", async (assert) => {
  const path = store(arrow.tableToIPC(table.slice(0, 2), "file"));
  const schema = { int8: t.int32(), uint16: t.float64(), int32: t.int64(), uint64: t.int64({ as: "number" }), day: t.timestamp().nullable(), struct: t.struct({ s: t.utf8().nullable() }), list: t.list(t.int64({ as: "number" })), dictionary: t.utf8() };
  assert.deepEqual(await read(path, { schema }), [
    { int8: 0, uint16: 0, int32: 0n, uint64: 0, day: new Date(0), struct: { s: "a" }, list: [1], dictionary: "a" },
    { int8: 1, uint16: 1, int32: 1_000_000n, uint64: 1, day: new Date(86_400_000), struct: { s: null }, list: [], dictionary: "b" },
  ]);
});

test("what the encoder writes, the reader gives back", async (assert) => {
  const schema = { s: t.utf8(), j: t.json().nullable(), n: t.int64({ as: "number" }), d: t.date(), l: t.list(t.struct({ b: t.binary() })) };
  const rows = Array.from({ length: 70_000 }, (_, i) => ({ s: `row ${i}`, j: i % 3 === 0 ? null : { i }, n: i - 5, d: new Date(i * 86_400_000), l: i % 2 === 0 ? [] : [{ b: Uint8Array.of(i & 255) }] }));
  const encoder = createArrowEncoder({ format: "arrow", schema: fieldsOf(schema) });
  const out = new ByteSink();
  encoder.begin(out);
  for (const row of rows) encoder.encode(row, out);
  encoder.end(out);
  assert.deepEqual(await read(store(out.view()), { schema }), rows);
});

async function failureOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof TaskFailure)) throw new Error(`No TaskFailure but ${String(error)}`);
  return `${error.failure.kind}: ${error.message.replaceAll(folder, "")}`;
}

test("a column that is missing or of another type fails by its name and both types", async (assert) => {
  const path = store(arrow.tableToIPC(table.select(["int64", "utf8", "list"]), "file"));
  const name = path.slice(folder.length);
  assert.is(await failureOf(read(path, { columns: ["none"] })), `bad-input: ${name}: column "none" is not there; the file has int64: int64, utf8: utf8, list: list<int32>`);
  assert.is(await failureOf(read(path, { schema: { int64: t.float64() } })), `bad-input: ${name}: column "int64" is int64 in the file, which cannot be read as float64`);
  assert.is(await failureOf(read(path, { schema: { list: t.list(t.utf8()) } })), `bad-input: ${name}: column "list[]" is int32 in the file, which cannot be read as utf8`);
});

test("a null or an inexact number that the schema rules out is a bad record, and reading goes on behind it", async (assert) => {
  const path = store(arrow.tableToIPC(table.concat(table), "file"));
  const reader = await open(path, { schema: { int64: t.int64({ as: "number" }) }, start: 1 });
  const seen: unknown[] = [];
  while (await reader.advance()) {
    for (;;) {
      try {
        if (!reader.next()) break;
        seen.push(reader.record, reader.offset);
      } catch (error) {
        assert.true(error instanceof BadRecordError);
        seen.push([(error as BadRecordError).message.replace(path, "file"), (error as BadRecordError).offset]);
      }
    }
  }
  reader.close();
  assert.deepEqual(seen, [
    { int64: 0 }, 7, { int64: -1 }, 8,
    [`file: column "int64" of row 9 is 9223372036854775807, which a number cannot hold exactly; use t.int64() without { as: "number" }`, 9],
    [`file: column "int64" of row 10 is -9223372036854775808, which a number cannot hold exactly; use t.int64() without { as: "number" }`, 10],
    ['file: column "int64" of row 11 is null; make the type in the schema .nullable()', 11],
    { int64: 5 }, 12, { int64: 6 }, 13,
  ]);
});

test("a value longer than a record may be is a bad record", async (assert) => {
  const path = store(arrow.tableToIPC(table.select(["utf8"]), "file"));
  await assert.throwsAsync(read(path, { maxRecordBytes: 99 }), { instanceOf: BadRecordError, message: /row 5 has 100 bytes, more than the 99/ });
});

test("columns without nulls are the file's own arrays; others give values one by one", async (assert) => {
  const full = dataOf({
    f: arrow.vectorFromArray([0.5, 1.5, 2.5], new arrow.Float64()),
    i: arrow.vectorFromArray([1, 2, 3], new arrow.Int32()),
    b: arrow.vectorFromArray([1n, 2n, 3n], new arrow.Int64()),
    u: arrow.vectorFromArray([1, 2, 2 ** 32 - 1], new arrow.Uint32()),
    s: arrow.vectorFromArray(["a", "bc", "ü"], new arrow.Utf8()),
    d: arrow.vectorFromArray(["x", "y", "x"], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())),
    n: arrow.vectorFromArray([1, null, 3], new arrow.Float64()),
  });
  const reader = await open(store(arrow.tableToIPC(full, "file")));
  assert.true(await reader.advance());
  const { length, columns } = reader.columns() as unknown as { length: number; columns: Record<string, never> };
  reader.close();
  assert.is(length, 3);
  assert.deepEqual(columns["f"], Float64Array.of(0.5, 1.5, 2.5) as never);
  assert.deepEqual(columns["i"], Int32Array.of(1, 2, 3) as never);
  assert.deepEqual(columns["b"], BigInt64Array.of(1n, 2n, 3n) as never);
  assert.deepEqual(columns["u"], Float64Array.of(1, 2, 2 ** 32 - 1) as never);
  for (const [name, values] of Object.entries({ s: ["a", "bc", "ü"], d: ["x", "y", "x"], n: [1, null, 3] })) {
    const column = columns[name] as unknown as { length: number; get(i: number): unknown; offsets?: Int32Array; bytes: Uint8Array };
    assert.deepEqual([0, 1, 2].map((i) => column.get(i)), values);
    if (name === "n") continue;
    assert.deepEqual([0, 1, 2].map((i) => Buffer.from(column.bytes.subarray(column.offsets![i], column.offsets![i + 1])).toString()), values as string[]);
  }
});

test("a record as text is JSON", async (assert) => {
  const reader = await open(store(arrow.tableToIPC(table.select(["int64", "utf8", "binary"]), "file")));
  await reader.advance();
  reader.next();
  assert.is(reader.raw(), '{"int64":"0","utf8":"","binary":"AQ=="}');
  reader.close();
});

test("progress reaches the stored bytes of the batches", async (assert) => {
  const path = store(arrow.tableToIPC(table.concat(table, table), "file"));
  const stored = await arrowBatchBytes(path);
  const reader = await open(path, { start: 1, end: 3 });
  while (await reader.advance()) while (reader.next());
  assert.is(reader.bytesRead, stored[1]! + stored[2]!);
  reader.close();
});

/** Looks like a zstd frame, which is all that apache-arrow asks of an encoder. */
function zstdFrame(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0), bytes]);
}

test("files that are no Arrow, cut off, compressed or changed fail by name", async (assert) => {
  const whole = arrow.tableToIPC(table, "file");
  const stream = arrow.tableToIPC(table, "stream");
  const why = async (bytes: Uint8Array): Promise<string> => (await failureOf(read(store(bytes)))).replace(/\/\d+\.arrow/, "F");
  assert.is(await why(new Uint8Array(0)), "bad-input: F cannot be read as Arrow: it is empty; even without rows it would hold a schema");
  assert.is(await why(Buffer.from("a,b\n1,2\n3,4\n")), "bad-input: F cannot be read as Arrow: no message begins where one should");
  assert.is(await why(Buffer.from("PAR1....PAR1")), "bad-input: F cannot be read as Arrow: it is a Parquet file");
  assert.is(await why(whole.subarray(0, -1)), "bad-input: F cannot be read as Arrow: it does not end with ARROW1: it is cut off");
  assert.is(await why(stream.subarray(0, -8)), "bad-input: F cannot be read as Arrow: its end-of-stream marker is missing: it is cut off, or its writer was not closed");
  assert.regex(await why(stream.subarray(0, -9)), /goes beyond the end: the file is cut off or damaged$/);
  const huge = whole.slice();
  new DataView(huge.buffer).setInt32(huge.length - 10, 0x7fffffff, true);
  assert.is(await why(huge), "bad-input: F cannot be read as Arrow: its footer claims 2147483647 bytes");

  const compressed = new arrow.RecordBatchStreamWriter({ compressionType: arrow.CompressionType.ZSTD });
  arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, { encode: zstdFrame, decode: (bytes) => bytes });
  compressed.writeAll(table.select(["float64"]));
  assert.is(await why(await compressed.toUint8Array()), "bad-input: F cannot be read as Arrow: record batch 0: its record batches are compressed (zstd); write it without compression");

  const path = store(whole);
  const planned = { path, size: whole.length, mtime: "1", compression: "none" } as const;
  assert.regex(await failureOf(openArrowReader({ format: "arrow", paths: [] }, { file: planned, start: 0, end: 1 }, { maxRecordBytes: 1 })), /^input-changed: .* changed since/);
  assert.regex(await failureOf(openArrowReader({ format: "arrow", paths: [] }, { file: { ...planned, path: `${path}.none` }, start: 0, end: 1 }, { maxRecordBytes: 1 })), /^bad-input: .*ENOENT/);
  await assert.throwsAsync(arrowBatchBytes(store(Buffer.from("{}"))), { instanceOf: InputError, message: /cannot be read as Arrow/ });
});

test("a file that changes while it is read fails", async (assert) => {
  const path = store(arrow.tableToIPC(table, "file"));
  const reader = await open(path);
  await reader.advance();
  appendFileSync(path, "more");
  utimesSync(path, 1, 1);
  assert.regex(await failureOf(reader.advance()), /^input-changed/);
  reader.close();
});

for (const form of forms) {
  test(`a damaged ${form} gives records or a typed error`, async (assert) => {
    const whole = arrow.tableToIPC(table.concat(table.slice(2, 5)), form);
    const change = fc.record({ at: fc.nat(whole.length - 1), value: fc.oneof(fc.nat(255), fc.constantFrom(0, 127, 128, 255)), width: fc.constantFrom(1, 2, 4, 8, 64) });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), fc.option(fc.nat(whole.length), { freq: 5 }), async (changes, cut) => {
        const damaged = whole.slice(0, cut ?? whole.length);
        for (const { at, value, width } of changes) damaged.fill(value, at, at + width);
        const path = store(damaged);
        try {
          assert.true((await read(path)).length < 10_000_000);
        } catch (error) {
          assert.true(error instanceof TaskFailure || error instanceof BadRecordError, (error as Error).stack);
          refused++;
        } finally {
          rmSync(path);
        }
      }),
      { numRuns: 1500 },
    );
    assert.true(refused > 100);
  });
}
