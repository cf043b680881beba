/** Encodings of columns of numbers are what the codec makes of each value. */
import test from "ava";
import fc from "fast-check";
import { ByteSink } from "./byte-sink.js";
import type { BytesColumn } from "./columns.js";
import { encoderFor } from "./codec.js";
import type { TypeSpec } from "../model/type-spec.js";
import { BytesOfNumbers, encodedNumbers } from "./encoded-numbers.js";
import { columnOfNumbers, type Numbers } from "./made-columns.js";

const doubles = fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 5e-324));

function same(t: { deepEqual(actual: unknown, expected: unknown): unknown }, type: TypeSpec, numbers: Numbers, values: readonly unknown[]): void {
  sameBytes(t, type, encodedNumbers(numbers, type, values.length), values);
  const nulls = Uint8Array.from(values, (_, row) => Number(row % 3 === 1));
  const nullable = { ...type, nullable: true };
  const column = new BytesOfNumbers({ numbers: columnOfNumbers(numbers, type.kind === "int64" ? "int64" : "float64"), nulls }, nullable, values.length);
  sameBytes(t, nullable, column, values.map((value, row) => (nulls[row] === 1 ? null : value)));
}

function sameBytes(t: { deepEqual(actual: unknown, expected: unknown): unknown }, type: TypeSpec, { offsets, bytes }: BytesColumn, values: readonly unknown[]): void {
  const encode = encoderFor(type);
  const sink = new ByteSink();
  const ends = [0];
  for (const value of values) {
    encode(value, sink);
    ends.push(sink.length);
  }
  t.deepEqual([...offsets], ends);
  t.deepEqual(Buffer.from(bytes.subarray(0, ends.at(-1))), Buffer.from(sink.view()));
}

test("numbers of every type that lies as numbers", (t) => {
  fc.assert(
    fc.property(fc.array(doubles), fc.array(fc.integer()), fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), fc.array(fc.date({ noInvalidDate: true })), fc.array(fc.boolean()), (numbers, integers, bigs, dates, booleans) => {
      same(t, { kind: "float64", nullable: false }, Float64Array.from(numbers), numbers);
      same(t, { kind: "int32", nullable: false }, Int32Array.from(integers), integers);
      same(t, { kind: "int64", as: "bigint", nullable: false }, BigInt64Array.from(bigs), bigs);
      const safe = bigs.map((big) => Number(BigInt.asIntN(53, big)));
      same(t, { kind: "int64", as: "number", nullable: false }, Float64Array.from(safe), safe);
      same(t, { kind: "int32", nullable: false }, Float64Array.from(integers), integers);
      same(t, { kind: "timestamp", nullable: false }, Float64Array.from(dates, Number), dates);
      same(t, { kind: "bool", nullable: false }, Float64Array.from(booleans, Number), booleans);
      const midnights = dates.map((date) => new Date(Math.floor(date.getTime() / 86_400_000) * 86_400_000)).filter((date) => !Number.isNaN(date.getTime()));
      same(t, { kind: "date", nullable: false }, Float64Array.from(midnights, Number), midnights);
    }),
    { numRuns: 500 },
  );
});
