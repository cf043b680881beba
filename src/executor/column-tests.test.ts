/** Tests of columns as they lie say what the plain twin says of each value. */
import test from "ava";
import fc from "fast-check";
import type { CodedTexts } from "../columnar/coded-texts.js";
import { NullableNumbers, NullableTexts } from "../columnar/nullable-columns.js";
import { NumberedColumn } from "../columnar/numbered-column.js";
import { columnsOfRows } from "../formats/row-columns.js";
import type { Condition, Constant } from "../job/column-expressions.js";
import type { Utf8Column } from "../job/record-batch.js";
import { valueReader, type AnyColumn } from "./column-codes.js";
import { columnTest } from "./column-tests.js";
import { expressionFunctions } from "./expression-functions.js";

const comparisons = fc.constantFrom("eq", "ne", "lt", "le", "gt", "ge", "isNull", "isNotNull");
const text = fc.oneof(fc.constantFrom("", "a", "b", "ab", "\u0000", "é", "\u{1f600}", "\uffff", "\ud800", "x".repeat(50)), fc.string({ unit: "binary", maxLength: 3 }));
const double = fc.oneof(fc.constantFrom(0, -0, 1, NaN, Infinity, 0.5), fc.double());
const integer = fc.oneof(fc.constantFrom(0, 1, -1), fc.integer());
const bigint = fc.oneof(fc.constantFrom(0n, 1n), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
const date = fc.oneof(fc.constantFrom(0, 1).map((at) => new Date(at)), fc.date({ noInvalidDate: true }));

function textColumn(values: readonly string[]): Utf8Column {
  const { columns } = columnsOfRows([{ name: "s", type: { kind: "utf8", nullable: false } }], values.map((s) => ({ s })));
  return columns["s"] as unknown as Utf8Column;
}

/** Rows of a column, of which some may be null. */
function columnOf<V extends Constant>(value: fc.Arbitrary<V>, make: (values: readonly V[], nulls: Uint8Array) => AnyColumn): fc.Arbitrary<{ readonly column: AnyColumn; readonly constant: V }> {
  return fc.tuple(fc.array(fc.tuple(value, fc.boolean()), { maxLength: 20 }), value, fc.nat()).map(([rows, other, at]) => ({
    column: make(rows.map(([value]) => value), Uint8Array.from(rows, ([, isNull]) => Number(isNull))),
    // Most of the time one that is there.
    constant: rows[at % (rows.length + 1)]?.[0] ?? other,
  }));
}

const columns: readonly fc.Arbitrary<{ readonly column: AnyColumn; readonly constant: Constant }>[] = [
  columnOf(text, (values) => textColumn(values)),
  columnOf(text, (values, nulls) => new NullableTexts(textColumn(values), nulls)),
  columnOf(double, (values) => Float64Array.from(values)),
  columnOf(integer, (values) => Int32Array.from(values)),
  columnOf(bigint, (values) => BigInt64Array.from(values)),
  columnOf(double, (values, nulls) => new NullableNumbers(Float64Array.from(values), nulls)),
  columnOf(bigint, (values, nulls) => new NullableNumbers(BigInt64Array.from(values), nulls)),
  columnOf(date, (values) => new NumberedColumn("timestamp", Float64Array.from(values, Number))),
  columnOf(date, (values, nulls) => new NullableNumbers(new NumberedColumn("date", Float64Array.from(values, Number)), nulls)),
  columnOf(fc.boolean(), (values, nulls) => new NullableNumbers(new NumberedColumn("bool", Float64Array.from(values, Number)), nulls)),
  columnOf(fc.boolean(), (values) => new NumberedColumn("bool", Float64Array.from(values, Number))),
];

function same(t: { deepEqual(actual: unknown, expected: unknown): unknown }, condition: Condition, column: AnyColumn): void {
  const test = columnTest(condition, column);
  const isNullTest = condition.constant === undefined;
  t.deepEqual(test === undefined, isNullTest && !(column instanceof NullableNumbers || column instanceof NullableTexts));
  if (test === undefined) return;
  const [holds] = expressionFunctions({ derive: {}, where: [condition] }).where;
  const read = valueReader(column);
  const rows = Array.from({ length: column.length }, (_, row) => row);
  t.deepEqual(rows.map((row) => test(row)), rows.map((row) => holds!(read(row))));
}

test("a comparison where values lie says what it says of each value", (t) => {
  for (const made of columns) {
    fc.assert(
      fc.property(made, comparisons, ({ column, constant }, comparison) => same(t, comparison === "isNull" || comparison === "isNotNull" ? { column: "c", comparison } : { column: "c", comparison, constant }, column)),
      { numRuns: 400 },
    );
  }
});

test("bytes that are no UTF-8 compare as the text that they are read as", (t) => {
  const bytes = Uint8Array.of(0x61, 0xff, 0x62);
  const column = { length: 2, offsets: Int32Array.of(0, 2, 3), bytes, get: (row: number) => Buffer.from(bytes.subarray(row * 2, row + 2)).toString() };
  for (const comparison of ["eq", "ne", "lt", "ge"] as const) same(t, { column: "c", comparison, constant: "a\ufffd" }, column);
});

test("texts that a reader has numbered, and values that lie otherwise, are tested once for each", (t) => {
  const numbered: CodedTexts = { length: 1, codes: Int32Array.of(0), texts: { kind: "bytes", offsets: Int32Array.of(0, 0), bytes: new Uint8Array(0) }, size: 1, isLast: false, epoch: 1, get: () => "" };
  t.is(columnTest({ column: "c", comparison: "eq", constant: "" }, numbered), undefined);
  t.is(columnTest({ column: "c", comparison: "eq", constant: new Date(0) }, { length: 1, get: () => new Date(0) }), undefined);
  t.is(columnTest({ column: "c", comparison: "isNull" }, { length: 1, get: () => null }), undefined);
});
