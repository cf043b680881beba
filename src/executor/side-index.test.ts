import test from "ava";
import fc from "fast-check";
import { ByteSink } from "../columnar/byte-sink.js";
import { encoderFor } from "../columnar/codec.js";
import type { BytesColumn } from "../columnar/columns.js";
import { TaskFailure } from "../errors.js";
import { t as types, type DataType } from "../job/data-type.js";
import type { DerivedSpec } from "../model/job-spec.js";
import { plainIndex, SideIndex, type SideRow } from "./side-index.js";

function specOf(from: DataType<unknown>, among: DataType<unknown>): DerivedSpec {
  return { name: "found", type: types.utf8().nullable().type, from: { name: "key", type: from.type }, lookup: { side: "table", among: { name: "id", type: among.type }, give: { name: "given", type: types.utf8().type } } };
}

function keysOf({ from }: DerivedSpec, values: readonly unknown[]): BytesColumn {
  const sink = new ByteSink();
  const encode = encoderFor(from.type);
  const offsets = new Int32Array(values.length + 1);
  for (const [i, value] of values.entries()) {
    encode(value, sink);
    offsets[i + 1] = sink.length;
  }
  return { kind: "bytes", offsets, bytes: sink.bytes };
}

function found(spec: DerivedSpec, index: SideIndex, values: readonly unknown[]): unknown[] {
  const codes = new Int32Array(values.length);
  index.find(keysOf(spec, values), values.length, codes);
  const { numbers, values: given } = index.given("given");
  return Array.from(codes, (code) => given[code < numbers.length ? numbers[code]! : 0]);
}

const text = fc.oneof(fc.constantFrom("", "a", "b", "\u0000", "constructor", "x".repeat(50)), fc.string({ unit: "binary", maxLength: 20 }));
const kinds: readonly { readonly type: DataType<unknown>; readonly value: fc.Arbitrary<unknown> }[] = [
  { type: types.utf8(), value: text },
  { type: types.int32(), value: fc.integer({ min: -20, max: 20 }) },
  { type: types.float64(), value: fc.oneof(fc.constantFrom(0, -0, NaN, Infinity, 1), fc.double()) },
  { type: types.int64(), value: fc.bigInt({ min: -20n, max: 20n }) },
  { type: types.bool(), value: fc.boolean() },
  { type: types.date(), value: fc.integer({ min: 0, max: 9 }).map((day) => new Date(day * 86_400_000)) },
];

test("an index finds what its plain twin finds, whichever side may be null", (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds).chain(({ type, value }) => {
        const orNull = fc.option(value, { nil: null, freq: 4 });
        return fc.record({
          fromNullable: fc.boolean(),
          type: fc.constant(type),
          ids: fc.array(orNull, { maxLength: 30 }),
          chunks: fc.array(fc.array(orNull, { maxLength: 30 }), { maxLength: 4 }),
          given: fc.array(fc.option(fc.constantFrom("a", "b", "c"), { nil: null }), { minLength: 30, maxLength: 30 }),
        });
      }),
      ({ fromNullable, type, ids, chunks, given }) => {
        const spec = specOf(fromNullable ? type.nullable() : type, type.nullable());
        const seen = new Set<string>();
        const unique = ids.filter((id) => id === null || (!seen.has(keyText(spec, id)) && seen.add(keyText(spec, id))));
        const records = unique.map((id, i): SideRow => ({ id, given: given[i] }));
        const index = new SideIndex(spec, records);
        const plain = plainIndex(spec, records);
        for (const chunk of chunks) {
          const values = fromNullable ? chunk : chunk.filter((value) => value !== null);
          t.deepEqual(found(spec, index, values), values.map((value) => plain(value)?.["given"] ?? null));
          for (const value of values) {
            const expected = value === null ? undefined : records.find(({ id }) => id !== null && keyText(spec, id) === keyText(spec, value));
            t.is(plain(value), expected);
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});

function keyText(spec: DerivedSpec, value: unknown): string {
  const { bytes, offsets } = keysOf(spec, [value]);
  return Buffer.from(bytes.subarray(0, offsets[1])).toString("hex");
}

test("rows are found among far more strange values than an index remembers", (t) => {
  const spec = specOf(types.utf8(), types.utf8());
  const index = new SideIndex(spec, Array.from({ length: 1000 }, (_, i) => ({ id: `id${i}`, given: `of ${i % 7}` })));
  for (let chunk = 0; chunk < 10; chunk++) {
    const values = Array.from({ length: 20_000 }, (_, i) => (i % 10 === 0 ? `id${(i + chunk) % 1000}` : `strange ${chunk} ${i}`));
    t.deepEqual(found(spec, index, values), values.map((_, i) => (i % 10 === 0 ? `of ${((i + chunk) % 1000) % 7}` : null)));
  }
  const long = "y".repeat(1 << 20);
  for (let i = 0; i < 40; i++) t.deepEqual(found(spec, index, [`${long}${i}`, "id8"]), [null, "of 1"]);
});

test("a value that two rows have fails the attempt, of nulls there may be many", (t) => {
  const spec = specOf(types.utf8(), types.utf8().nullable());
  const records = (ids: readonly (string | null)[]): SideRow[] => ids.map((id) => ({ id, given: "x" }));
  const message = 'derive.found: side input table has more than one row whose id is "b" (string); a lookup needs values that are there once';
  for (const build of [() => new SideIndex(spec, records(["a", "b", "c", "b"])), () => plainIndex(spec, records(["a", "b", "c", "b"]))]) {
    const { failure } = t.throws(build, { instanceOf: TaskFailure });
    t.like(failure, { kind: "user-error", message });
  }
  t.deepEqual(found(spec, new SideIndex(spec, records([null, "a", null])), ["a", "b"]), ["x", null]);
  t.deepEqual(found(spec, new SideIndex(spec, []), ["a"]), [null]);
});
