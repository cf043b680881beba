/** Partial results merged by kernels give what the states do that are their twins, to the bit. */
import test from "ava";
import fc from "fast-check";
import type { AggregatorSpec } from "../../model/job-spec.js";
import type { TypeSpec } from "../../model/type-spec.js";
import { FLOAT, INTEGERS, MAYBE, member, structLayout } from "../../testing/aggregated-columns.js";
import { bytesColumn } from "../../testing/nasty-keys.js";
import type { Column, ResultColumn } from "../columns.js";
import { BytesOfNumbers } from "../encoded-numbers.js";
import { KernelKeyTable } from "../kernel-key-table.js";
import { rowNumbers } from "../row-numbers.js";
import type { AggregateState } from "./aggregate-state.js";
import { createAggregate } from "./create-aggregate.js";
import { MergedSummaries, type MergeState } from "./merged-summaries.js";

const TYPES: Readonly<Record<string, TypeSpec>> = { a: FLOAT, ...INTEGERS, ...MAYBE };
const LAYOUT = structLayout(TYPES);

const SPECS: readonly AggregatorSpec[] = [
  { kind: "max", field: "a" },
  { kind: "mean", field: "a" },
  { kind: "sum", field: "big" },
  { kind: "mean", field: "safe" },
  { kind: "struct", fields: [member("least", { kind: "min", field: "a" }), member("rows", { kind: "count" }), member("most", { kind: "max", field: "a" }), member("sum", { kind: "sum", field: "a" })] },
  { kind: "struct", fields: [member("mean", { kind: "mean", field: "n" }), member("sum", { kind: "sum", field: "a" }), member("big", { kind: "sum", field: "big" }), member("least", { kind: "min", field: "n" })] },
  { kind: "struct", fields: [member("mean", { kind: "mean", field: "big" }), member("least", { kind: "min", field: "big" }), member("most", { kind: "max", field: "safe" }), member("safe", { kind: "sum", field: "safe" })] },
  { kind: "mean", field: "maybe_a" },
  { kind: "max", field: "maybe_n" },
  { kind: "struct", fields: [member("rows", { kind: "count" }), member("mean", { kind: "mean", field: "maybe_big" }), member("least", { kind: "min", field: "maybe_big" }), member("most", { kind: "max", field: "maybe_a" }), member("safe", { kind: "sum", field: "maybe_safe" })] },
];

const doubles = fc.oneof(fc.double(), fc.integer({ min: -1000, max: 1000 }).map((n) => n / 10), fc.constantFrom(1e308, -1e308, 1e-320, 2 ** 53, 1, -0, 0, NaN, Infinity, -Infinity));
const bigs = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -9n, max: 9n }), fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n));
const safe = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER));
const row = fc.record({ key: fc.nat(6), a: doubles, n: fc.integer(), big: bigs, safe, isNull: fc.boolean() });
type Row = typeof row extends fc.Arbitrary<infer R> ? R : never;
/** What maps hand over: the rows of each make partial results, a key at a time. */
const maps = fc.array(fc.array(row, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 5 });
const table = new KernelKeyTable(11);

function partialsOf(spec: AggregatorSpec, rows: readonly Row[]): { keys: string[]; values: Column[] } {
  const keys = [...new Set(rows.map(({ key }) => `key ${key}`))];
  const state = createAggregate(spec, LAYOUT);
  state.grow(keys.length);
  const numbers = [
    { kind: "float64" as const, values: Float64Array.from(rows, ({ a }) => a) },
    { kind: "float64" as const, values: Float64Array.from(rows, ({ n }) => n) },
    { kind: "int64" as const, values: BigInt64Array.from(rows, ({ big }) => big) },
    { kind: "int64" as const, values: BigInt64Array.from(rows, (each) => BigInt(each.safe)) },
  ];
  const nulls = Uint8Array.from(rows, ({ isNull }) => Number(isNull));
  const maybe = Object.values(MAYBE).map((type, i) => new BytesOfNumbers({ numbers: numbers[i]!, nulls }, type, rows.length));
  const values: Column[] = [...numbers, ...maybe];
  state.add(Int32Array.from(rows, ({ key }) => keys.indexOf(`key ${key}`)), values, rows.length);
  return { keys, values: state.export(rowNumbers(keys.length), keys.length) };
}

/** Results of all groups one by one and in columns, and what is exported of them, in the order of `groups`. */
function outcome(state: MergeState, groups: Int32Array): unknown {
  return [attempt(() => Array.from(groups, (group) => state.finish(group))), attempt(() => state.finishColumns?.(groups).map(cellsOf)), state.export(groups, groups.length).map(cellsOf)];
}

/** Bits of NaN do not count; the sign of zero does. */
function cellsOf(column: ResultColumn): unknown[] {
  return column.kind === "bytes" ? [Array.from(column.offsets), Array.from(column.bytes.subarray(0, column.offsets.at(-1)))] : Array.from<unknown>(column.values);
}

/** A sum may leave its type. */
function attempt(make: () => unknown): unknown {
  try {
    return make();
  } catch (error) {
    return (error as Error).message;
  }
}

for (const spec of SPECS) {
  test(`${JSON.stringify(spec)} of partial results`, (t) => {
    fc.assert(
      fc.property(maps, (given) => {
        const twin = createAggregate(spec, LAYOUT);
        t.true(MergedSummaries.recordBytes(twin) > 0);
        table.reset(MergedSummaries.recordBytes(twin));
        const merged = new MergedSummaries(createAggregate(spec, LAYOUT), table);
        // What is left of others before is gone by then.
        for (let round = 0; round < 2; round++) {
          for (const rows of given) {
            const { keys, values } = partialsOf(spec, rows);
            const codes = new Int32Array(keys.length);
            table.encode(bytesColumn(keys.map((key) => Buffer.from(key))), keys.length, codes);
            for (const state of [twin, merged]) {
              state.grow(table.size);
              state.merge(codes, values, keys.length);
            }
          }
          const groups = rowNumbers(table.size).slice().reverse();
          t.deepEqual(outcome(merged, groups), outcome(twin, groups));
          table.clear();
          for (const state of [twin, merged]) state.clear();
        }
      }),
      { numRuns: 300 },
    );
  });
}

test("groups beyond one call of a kernel are merged and exported in order", (t) => {
  const spec: AggregatorSpec = { kind: "struct", fields: [member("sum", { kind: "sum", field: "big" }), member("mean", { kind: "mean", field: "a" })] };
  const rows = 10_000;
  const empty: Column = { kind: "bytes", offsets: new Int32Array(rows + 1), bytes: new Uint8Array(0) };
  const doublesOf = (of: (row: number) => number): Column => ({ kind: "float64", values: Float64Array.from({ length: rows }, (_, i) => of(i)) });
  const partials: Column[] = [{ kind: "int64", values: BigInt64Array.from({ length: rows }, (_, i) => BigInt(i) ** 4n) }, empty, doublesOf((i) => i * 1e17), doublesOf((i) => i / 8), empty, doublesOf((i) => i + 1)];
  const states: AggregateState[] = [createAggregate(spec, LAYOUT), createAggregate(spec, LAYOUT)];
  table.reset(MergedSummaries.recordBytes(states[0]!));
  const codes = new Int32Array(rows);
  table.encode(bytesColumn(Array.from({ length: rows }, (_, i) => Buffer.from(String(i)))), rows, codes);
  const merged = new MergedSummaries(states[1]!, table);
  const groups = codes.slice().reverse();
  for (const state of [states[0]!, merged]) {
    state.grow(rows);
    state.merge(codes, partials, rows);
    state.merge(groups, partials, rows);
  }
  t.deepEqual(outcome(merged, groups), outcome(states[0]!, groups));
});

test("what is counted by hits, or is no summary, has no records", (t) => {
  for (const spec of [{ kind: "count" }, { kind: "sum", field: "a" }, { kind: "last", field: "a" }] as const) t.is(MergedSummaries.recordBytes(createAggregate(spec, LAYOUT)), 0);
});
