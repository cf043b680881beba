/** Rows printed from columns are, byte for byte, the rows that the encoder writes one by one. */
import test from "ava";
import fc from "fast-check";
import { ByteSink } from "../columnar/byte-sink.js";
import type { ResultColumn } from "../columnar/columns.js";
import type { FieldSpec, TypeSpec } from "../model/type-spec.js";
import { bytesColumn } from "../testing/nasty-keys.js";
import { createCsvEncoder, type CsvOutputSpec } from "./csv-encoder.js";

const plain = (kind: "utf8" | "float64" | "int32" | "json"): TypeSpec => ({ kind, nullable: false });
const types: Record<string, TypeSpec> = { text: plain("utf8"), mark: { kind: "utf8", nullable: true }, json: plain("json"), float: plain("float64"), int: plain("int32"), wide: { kind: "int64", as: "bigint", nullable: false } };

const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 20 }), fc.constantFrom("", "\ufeff", "\ufeffa", "a\tb", "a,b", 'say "x"', "\\", "line\nbreak", "\r", "é", "ï", "a longer text that takes more than one step, all of it plain"));
const decimals = fc.tuple(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.nat(12)).map(([digits, places]) => Number(`${digits}e-${places}`));
const float = fc.oneof(fc.double(), decimals, fc.integer(), fc.constantFrom(0, -0, 1e-6, 9.99e-7, 1e-7, 0.1 + 0.2, 1e15, 999999999999999, 1e15 - 0.5, 2 ** 53, 1e21, 123456789.123456789, NaN, Infinity, -Infinity, 0.5, -2.5, 1e-9));
const int = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 9, 10, 99, 100, 2147483647, -2147483648));
const wide = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -1000n, max: 1000n }), fc.constantFrom(0n, 9999999999999999999n - 2n ** 64n, -(2n ** 63n), 2n ** 63n - 1n));

interface Row {
  readonly text: string;
  readonly float: number;
  readonly int: number;
  readonly wide: bigint;
}

const rowsOf = fc.array(fc.record({ text, float, int, wide }), { minLength: 1, maxLength: 40 });

function printed(spec: CsvOutputSpec, print: (encoder: ReturnType<typeof createCsvEncoder>, out: ByteSink) => void): string {
  const encoder = createCsvEncoder(spec);
  const out = new ByteSink();
  encoder.begin(out);
  try {
    print(encoder, out);
  } catch (error) {
    return (error as Error).message;
  }
  encoder.end(out);
  return Buffer.from(out.view()).toString();
}

/** A column of a member of each row. */
function columnOf(rows: readonly Row[], name: string): ResultColumn {
  switch (name) {
    case "text":
    case "mark":
    case "json":
      return bytesColumn(rows.map((row) => Buffer.from(row.text)), rows.length % 3);
    case "float":
      return { kind: "float64", values: Float64Array.from(rows, (row) => row.float) };
    case "int":
      return { kind: "float64", values: Float64Array.from(rows, (row) => row.int) };
    default:
      return { kind: "int64", values: BigInt64Array.from(rows, (row) => row.wide) };
  }
}

const outputs = fc.record({ format: fc.constantFrom("csv", "tsv"), header: fc.boolean(), comma: fc.constantFrom(",", ";", "0", ".") });

test("columns are printed as their rows are", (t) => {
  fc.assert(
    fc.property(rowsOf, fc.uniqueArray(fc.constantFrom(...Object.keys(types)), { minLength: 1 }), outputs, (rows, names, { format, header, comma }) => {
      const schema: FieldSpec[] = names.map((name) => ({ name, type: types[name]! }));
      const spec = { format, header, delimiter: format === "tsv" ? "\t" : comma, schema } as CsvOutputSpec;
      const asRows = printed(spec, (encoder, out) => rows.forEach((row) => encoder.encode({ ...row, mark: row.text, json: row.text }, out)));
      const asColumns = printed(spec, (encoder, out) => encoder.encodeColumns!(names.map((name) => columnOf(rows, name)), rows.length, out));
      t.is(asColumns, asRows);
    }),
    { numRuns: 500 },
  );
});

/** Doubles next to short decimals, powers of two and of ten, and of all exponents that are printed without one. */
const nearShort = fc.tuple(fc.oneof(fc.integer({ min: 0, max: 1e6 }), fc.nat(Number.MAX_SAFE_INTEGER)), fc.nat(22), fc.integer({ min: -3, max: 3 })).map(([digits, places, steps]) => nextTo(Number(`${digits}e-${places}`), steps));
const powers = fc.tuple(fc.constantFrom(2, 10), fc.integer({ min: -21, max: 54 }), fc.integer({ min: -3, max: 3 })).map(([base, exponent, steps]) => nextTo(base ** exponent, steps));
const anyBits = fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 52n - 1n }), fc.integer({ min: -22, max: 54 })).map(([bits, exponent]) => doubleOf((BigInt(1023 + exponent) << 52n) | bits));

function doubleOf(bits: bigint): number {
  return new Float64Array(BigInt64Array.of(bits).buffer)[0]!;
}

function nextTo(value: number, steps: number): number {
  const bits = new BigInt64Array(Float64Array.of(value).buffer)[0]! + BigInt(steps);
  return bits < 0n ? value : doubleOf(bits);
}

test("numbers have the digits that JavaScript gives them", (t) => {
  const spec: CsvOutputSpec = { format: "tsv", header: false, delimiter: "\t", schema: [{ name: "n", type: plain("float64") }] };
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.oneof(nearShort, powers, anyBits), fc.boolean()), { minLength: 1, maxLength: 200 }), (signed) => {
      const values = signed.map(([value, negative]) => (negative ? -value : value));
      const asColumns = printed(spec, (encoder, out) => encoder.encodeColumns!([{ kind: "float64", values: Float64Array.from(values) }], values.length, out));
      t.is(asColumns, values.map((value) => `${value}\n`).join(""));
    }),
    { numRuns: 1000 },
  );
});

test("values of any type, long texts and many rows are printed, too", (t) => {
  const schema: FieldSpec[] = [{ name: "day", type: { kind: "date", nullable: true } }, { name: "text", type: plain("utf8") }, { name: "n", type: plain("float64") }];
  const spec: CsvOutputSpec = { format: "csv", header: true, delimiter: ",", schema };
  const rows = Array.from({ length: 3000 }, (_, i) => ({ day: i % 7 === 0 ? null : new Date(86400e3 * i), text: "ab".repeat(i % 1500), n: i / 8 }));
  const asRows = printed(spec, (encoder, out) => rows.forEach((row) => encoder.encode(row, out)));
  const columns: ResultColumn[] = [{ kind: "values", values: rows.map(({ day }) => day) }, bytesColumn(rows.map((row) => Buffer.from(row.text))), { kind: "float64", values: Float64Array.from(rows, ({ n }) => n) }];
  t.is(printed(spec, (encoder, out) => encoder.encodeColumns!(columns, rows.length, out)), asRows);
});

test("numbers that do not fit their column fail as they do in rows", (t) => {
  const spec: CsvOutputSpec = { format: "tsv", header: false, delimiter: "\t", schema: [{ name: "n", type: plain("int32") }] };
  for (const n of [2147483648, -2147483649, 0.5, NaN, 1e18]) {
    const asRows = printed(spec, (encoder, out) => encoder.encode({ n }, out));
    t.regex(asRows, /expected int32/);
    t.is(printed(spec, (encoder, out) => encoder.encodeColumns!([{ kind: "float64", values: Float64Array.of(n) }], 1, out)), asRows);
  }
});

test("rows whose rewritten cells do not fit the memory of kernels are printed, too", (t) => {
  const spec: CsvOutputSpec = { format: "csv", header: false, delimiter: ",", schema: [{ name: "text", type: plain("utf8") }, { name: "json", type: plain("json") }] };
  const quotes = new Uint8Array(44 << 20).fill(34);
  const json = "x".repeat(100 << 20);
  const out = new ByteSink();
  createCsvEncoder(spec).encodeColumns!([bytesColumn([quotes]), { kind: "values", values: [json] }], 1, out);
  t.is(out.length, 2 * quotes.length + 2 + 1 + json.length + 6 + 1);
  t.true(out.view().subarray(0, 2 * quotes.length + 2).every((byte) => byte === 34));
  t.is(Buffer.from(out.view().subarray(2 * quotes.length + 2, 2 * quotes.length + 8)).toString(), ',"""xx');
});
