/** Keys of columns of numbers are what the codec makes of each value. */
import test from "ava";
import fc from "fast-check";
import { ByteSink } from "../columnar/byte-sink.js";
import { encoderFor } from "../columnar/codec.js";
import { NumberedColumn } from "../columnar/numbered-column.js";
import type { TypeSpec } from "../model/type-spec.js";
import type { AnyColumn } from "./column-codes.js";
import { numberKeys } from "./number-keys.js";

const doubles = fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 5e-324));

function same(t: { deepEqual(actual: unknown, expected: unknown): unknown }, type: TypeSpec, column: AnyColumn, values: readonly unknown[]): void {
  const encode = encoderFor(type);
  const sink = new ByteSink();
  const ends = [0];
  for (const value of values) {
    encode(value, sink);
    ends.push(sink.length);
  }
  const { offsets, bytes } = numberKeys(column, type.kind)!;
  t.deepEqual([...offsets], ends);
  t.deepEqual(Buffer.from(bytes), Buffer.from(sink.view()));
}

test("keys of every type that lies as numbers", (t) => {
  fc.assert(
    fc.property(fc.array(doubles), fc.array(fc.integer()), fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), fc.array(fc.date({ noInvalidDate: true })), fc.array(fc.boolean()), (numbers, integers, bigs, dates, booleans) => {
      same(t, { kind: "float64", nullable: false }, Float64Array.from(numbers), numbers);
      same(t, { kind: "int32", nullable: false }, Int32Array.from(integers), integers);
      same(t, { kind: "int64", as: "bigint", nullable: false }, BigInt64Array.from(bigs), bigs);
      same(t, { kind: "timestamp", nullable: false }, new NumberedColumn("timestamp", Float64Array.from(dates, Number)), dates);
      same(t, { kind: "bool", nullable: false }, new NumberedColumn("bool", Float64Array.from(booleans, Number)), booleans);
      const midnights = dates.map((date) => new Date(Math.floor(date.getTime() / 86_400_000) * 86_400_000)).filter((date) => !Number.isNaN(date.getTime()));
      same(t, { kind: "date", nullable: false }, new NumberedColumn("date", Float64Array.from(midnights, Number)), midnights);
    }),
    { numRuns: 500 },
  );
});

test("safe integers of an int64 that lie as doubles are no double keys, nor are values by themselves", (t) => {
  t.is(numberKeys(Float64Array.of(1), "int64"), undefined);
  t.is(numberKeys({ length: 1, get: () => 1 }, "float64"), undefined);
});
