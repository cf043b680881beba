import { isDeepStrictEqual } from "node:util";
import test from "ava";
import * as arrow from "apache-arrow";
import { ByteSink } from "../columnar/byte-sink.js";
import { BadRecordError } from "../errors.js";
import { fieldsOf, t } from "../job/data-type.js";
import { dataOf, failureOf, folder, open, read, removeFolder, store, table } from "../testing/arrow-files.js";
import { arrowBatchBytes } from "./arrow-batches.js";
import { createArrowEncoder } from "./arrow-encoder.js";

test.after.always(removeFolder);

const forms = ["file", "stream"] as const;

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
  assert.true(isDeepStrictEqual(await read(store(out.view()), { schema }), rows));
});

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
