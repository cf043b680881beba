import test from "ava";
import fc from "fast-check";
import { tableFromIPC, type Table } from "apache-arrow";
import { ByteSink } from "../columnar/byte-sink.js";
import { fieldsOf, t, type Schema } from "../job/data-type.js";
import { createArrowEncoder } from "./arrow-encoder.js";

function encode(rows: readonly unknown[], schema?: Schema): Uint8Array {
  const encoder = createArrowEncoder({ format: "arrow", ...(schema === undefined ? {} : { schema: fieldsOf(schema) }) });
  const out = new ByteSink();
  encoder.begin(out);
  for (const row of rows) encoder.encode(row, out);
  encoder.end(out);
  return out.view().slice();
}

/** A value as apache-arrow gives it, in plain JavaScript. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Symbol.iterator in value && "length" in value) return [...(value as Iterable<unknown>)].map(plain);
  return Object.fromEntries(Object.entries("toJSON" in value ? (value as { toJSON(): object }).toJSON() : value).map(([name, member]) => [name, plain(member)]));
}

function rowsOf(table: Table): unknown[] {
  return table.toArray().map(plain);
}

const everything = {
  text: t.utf8(),
  bytes: t.binary(),
  flag: t.bool(),
  small: t.int32().nullable(),
  big: t.int64(),
  safe: t.int64({ as: "number" }).nullable(),
  real: t.float64(),
  at: t.timestamp(),
  day: t.date().nullable(),
  tags: t.list(t.utf8().nullable()).nullable(),
  point: t.struct({ x: t.float64(), labels: t.list(t.int32()), name: t.utf8().nullable() }).nullable(),
  any: t.json().nullable(),
};

const text = fc.string({ unit: "grapheme", maxLength: 8 });
const orNull = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { nil: null });
const rowOf = fc.record({
  text,
  bytes: fc.uint8Array({ maxLength: 6 }),
  flag: fc.boolean(),
  small: orNull(fc.integer()),
  big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  safe: orNull(fc.maxSafeInteger()),
  real: fc.double(),
  at: fc.date({ noInvalidDate: true }),
  day: orNull(fc.integer({ min: -50_000, max: 50_000 }).map((day) => new Date(day * 86_400_000))),
  tags: orNull(fc.array(orNull(text), { maxLength: 4 })),
  point: orNull(fc.record({ x: fc.double(), labels: fc.array(fc.integer(), { maxLength: 3 }), name: orNull(text) })),
  any: orNull(fc.oneof(fc.integer(), text, fc.array(fc.boolean()))),
});

function expected(row: Record<string, unknown>): Record<string, unknown> {
  const time = (value: unknown): unknown => (value instanceof Date ? value.getTime() : value);
  return {
    ...(plain(row) as object),
    at: time(row["at"]),
    day: time(row["day"]),
    safe: row["safe"] === null ? null : BigInt(row["safe"] as number),
    any: row["any"] === null ? null : JSON.stringify(row["any"]),
  };
}

test("apache-arrow reads back rows of every type", (assert) => {
  fc.assert(
    fc.property(fc.array(rowOf, { maxLength: 30 }), (rows) => {
      const table = tableFromIPC(encode(rows, everything));
      const read = rowsOf(table).map((row) => Object.fromEntries(Object.entries(row as object).map(([name, value]) => [name, value instanceof Date ? value.getTime() : value])));
      assert.deepEqual(read, rows.map(expected));
    }),
    { numRuns: 150 },
  );
});

test("the schema says each column's type and whether it may be null", (assert) => {
  const { fields } = tableFromIPC(encode([], everything)).schema;
  assert.deepEqual(
    fields.map((field) => `${field.name}: ${field.type}${field.nullable ? "?" : ""}`),
    [
      "text: Utf8", "bytes: Binary", "flag: Bool", "small: Int32?", "big: Int64", "safe: Int64?", "real: Float64", "at: Timestamp<MILLISECOND, UTC>",
      "day: Date32<DAY>?", "tags: List<Utf8>?", "point: Struct<{x:Float64, labels:List<Int32>, name:Utf8}>?", "any: Utf8?",
    ],
  );
});

test("more rows than fit a batch make several, and the footer lists them", (assert) => {
  const rows = Array.from({ length: 150_000 }, (_, i) => ({ n: i, odd: i % 2 === 1 }));
  const table = tableFromIPC(encode(rows, { n: t.int32(), odd: t.bool().nullable() }));
  assert.deepEqual(table.batches.map((batch) => batch.numRows), [65_536, 65_536, 18_928]);
  assert.deepEqual([...(table.getChild("n") ?? [])], rows.map((row) => row.n));
  assert.deepEqual([...(table.getChild("odd") ?? [])], rows.map((row) => row.odd));
});

test("wide rows make batches of about 8 MiB", (assert) => {
  const rows = Array.from({ length: 20 }, () => ({ text: "x".repeat(1 << 20) }));
  const table = tableFromIPC(encode(rows, { text: t.utf8() }));
  assert.deepEqual(table.batches.map((batch) => batch.numRows), [8, 8, 4]);
});

test("without a schema the first values give the types, and every column may be null", (assert) => {
  const rows = [
    { key: "a", value: null, at: new Date(5), list: [], struct: { n: 1n, ok: true } },
    { key: null, value: 2.5, at: null, list: [1, null], struct: null },
    { key: "c", value: 3, at: new Date(7), list: null, struct: { n: 2n, ok: null } },
  ];
  const table = tableFromIPC(encode(rows));
  assert.deepEqual(
    table.schema.fields.map((field) => `${field.name}: ${field.type}${field.nullable ? "?" : ""}`),
    ["key: Utf8?", "value: Float64?", "at: Timestamp<MILLISECOND, UTC>?", "list: List<Float64>?", "struct: Struct<{n:Int64, ok:Bool}>?"],
  );
  assert.deepEqual(rowsOf(table), rows.map((row) => ({ ...row, at: row.at?.getTime() ?? null })));
});

test("no rows and no schema make a file without columns", (assert) => {
  const table = tableFromIPC(encode([]));
  assert.is(table.numRows, 0);
  assert.deepEqual(table.schema.fields, []);
});

test("equal rows give equal bytes", (assert) => {
  const rows = [{ key: "a", value: null }, { key: "bb", value: 1 }];
  assert.deepEqual(encode(rows), encode(rows));
});

test("a value of another type is refused by an error that names the column", (assert) => {
  const refused = (row: unknown, schema?: Schema): string => assert.throws(() => encode([{ a: 1 }, row], schema)).message;
  assert.is(refused({ a: "x" }), 'column "a": expected float64?, got "x" (string)');
  assert.is(refused({ a: 1, b: 2 }).split(";")[0], 'member "b" was not in the first row, from which the columns were taken');
  assert.is(refused({ a: 1.5 }, { a: t.int32() }), 'column "a": expected int32, got 1.5 (number)');
  assert.is(refused({}, { a: t.float64() }), 'column "a": expected float64, got undefined');
  assert.is(refused(7, { a: t.float64() }), "An Arrow row must be an object with a member for each column, got 7 (number)");
  assert.is(assert.throws(() => encode([{ a: [{ x: 1n }, { x: 2 }] }], { a: t.list(t.struct({ x: t.int64() })) })).message, 'column "a": item 1: member "x": expected int64, got 2 (number)');
});

test("a refused row leaves the rows before and behind it as they are", (assert) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(rowOf, fc.boolean()), { maxLength: 20 }), (rows) => {
      const encoder = createArrowEncoder({ format: "arrow", schema: fieldsOf(everything) });
      const out = new ByteSink();
      encoder.begin(out);
      for (const [row, bad] of rows) {
        if (bad) assert.throws(() => encoder.encode({ ...row, point: { x: 1, labels: [1, "no"], name: "n" } }, out));
        else encoder.encode(row, out);
      }
      encoder.end(out);
      assert.deepEqual(out.view().slice(), encode(rows.filter(([, bad]) => !bad).map(([row]) => row), everything));
    }),
    { numRuns: 100 },
  );
});
