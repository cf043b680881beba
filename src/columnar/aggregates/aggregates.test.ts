/** Every aggregator against a plain answer, however the values are cut into partial states. */
import test from "ava";
import fc from "fast-check";
import { topK } from "../../job/aggregators.js";
import type { AggregatorSpec } from "../../model/job-spec.js";
import type { TypeSpec } from "../../model/type-spec.js";
import { exactSum } from "../../testing/exact-sum.js";
import { ValueColumns } from "../value-columns.js";
import { valueLayout } from "../value-layout.js";
import type { AggregateState } from "./aggregate-state.js";
import { createAggregate } from "./create-aggregate.js";
import { planAggregate } from "./plan-aggregate.js";

const plain = <K extends TypeSpec["kind"]>(kind: K) => ({ kind, nullable: false }) as Extract<TypeSpec, { kind: K }>;
const int64: TypeSpec = { kind: "int64", as: "bigint", nullable: false };

interface Row {
  readonly group: number;
  readonly value: unknown;
}

function addAll(state: AggregateState, spec: AggregatorSpec, type: TypeSpec, rows: readonly Row[]): void {
  const values = new ValueColumns(valueLayout(type, planAggregate(spec, type).flatten));
  for (const { value } of rows) values.append(value);
  state.grow(rows.reduce((most, { group }) => Math.max(most, group + 1), 0));
  state.add(Int32Array.from(rows, ({ group }) => group), values.columns(), rows.length);
}

/** Aggregates pieces of the rows in states of their own, merges these in order, and gives the result of each group that has rows. */
function aggregated(spec: AggregatorSpec, type: TypeSpec, pieces: readonly (readonly Row[])[], custom?: Parameters<typeof createAggregate>[2]): Map<number, unknown> {
  const layout = valueLayout(type, planAggregate(spec, type).flatten);
  const total = createAggregate(spec, layout, custom);
  const partial = createAggregate(spec, layout, custom);
  const groups = new Set<number>();
  for (const rows of pieces) {
    partial.clear();
    addAll(partial, spec, type, rows);
    const own = Int32Array.from(new Set(rows.map(({ group }) => group)));
    for (const group of own) groups.add(group);
    total.grow(Math.max(0, ...groups) + 1);
    total.merge(own, partial.export(own, own.length), own.length);
  }
  return new Map([...groups].sort((a, b) => a - b).map((group) => [group, total.finish(group)]));
}

function naive(rows: readonly Row[], fold: (values: readonly never[]) => unknown): Map<number, unknown> {
  const groups = [...new Set(rows.map(({ group }) => group))].sort((a, b) => a - b);
  return new Map(groups.map((group) => [group, fold(rows.filter((row) => row.group === group).map(({ value }) => value as never))]));
}

const pieces = <T>(value: fc.Arbitrary<T>) => fc.array(fc.array(fc.record({ group: fc.nat(3), value }), { maxLength: 12 }), { maxLength: 5 });
const doubles = fc.oneof(fc.double(), fc.integer({ min: -1000, max: 1000 }).map((n) => n / 10), fc.constantFrom(1e308, -1e308, 1e-320, 2 ** 53, 1, -0));

test("the sum of doubles is exact, rounded once, whatever the pieces", (t) => {
  fc.assert(
    fc.property(pieces(doubles), (made) => {
      t.deepEqual(aggregated({ kind: "sum" }, plain("float64"), made), naive(made.flat(), exactSum));
    }),
    { numRuns: 400 },
  );
});

test("the order of doubles does not show in a sum or a mean", (t) => {
  fc.assert(
    fc.property(fc.array(doubles, { minLength: 1, maxLength: 20 }), fc.nat(), (values, seed) => {
      const rows = values.map((value) => ({ group: 0, value }));
      const shuffled = [...rows].sort((a, b) => ((a.value * 7919 + seed) % 13) - ((b.value * 7919 + seed) % 13) || 1);
      for (const kind of ["sum", "mean"] as const) t.deepEqual(aggregated({ kind }, plain("float64"), [shuffled.slice(0, 3), shuffled.slice(3)]), aggregated({ kind }, plain("float64"), [rows]));
    }),
  );
});

test("the mean is the exact sum by the count, also where the sum is beyond all doubles", (t) => {
  t.is(aggregated({ kind: "mean" }, plain("float64"), [[1e308, 1e308, 1e308].map((value) => ({ group: 0, value }))]).get(0), 1e308);
  t.is(aggregated({ kind: "mean" }, plain("float64"), [[0.1, 0.2, 0.3].map((value) => ({ group: 0, value }))]).get(0), exactSum([0.1, 0.2, 0.3]) / 3);
  t.is(aggregated({ kind: "mean" }, int64, [[1n, 2n, 6n].map((value) => ({ group: 0, value }))]).get(0), 3);
});

test("the sum of int64 may leave 64 bits on the way and must be back at the end", (t) => {
  const rows = [2n ** 63n - 1n, 5n, -7n, -(2n ** 63n), 2n ** 62n].map((value) => ({ group: 0, value }));
  t.is(aggregated({ kind: "sum" }, int64, [rows.slice(0, 2), rows.slice(2)]).get(0), rows.reduce((sum, { value }) => sum + value, 0n));
  t.throws(() => aggregated({ kind: "sum" }, int64, [rows.slice(0, 2)]), { instanceOf: RangeError, message: /does not fit int64/ });
  const asNumber: TypeSpec = { kind: "int64", as: "number", nullable: false };
  t.throws(() => aggregated({ kind: "sum" }, asNumber, [[2 ** 53 - 1, 5].map((value) => ({ group: 0, value }))]), { message: /no safe integer/ });
});

const byValue = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b)));

test("count, min, max, first, last, collect and quantile are those of the values in order", (t) => {
  const quantile = (values: readonly number[]): number => {
    const sorted = [...values].sort(byValue);
    const place = (sorted.length - 1) / 4;
    const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
    return place % 1 === 0 ? low : low * (1 - (place % 1)) + high * (place % 1);
  };
  const folds: Record<string, [AggregatorSpec, (values: readonly number[]) => unknown]> = {
    count: [{ kind: "count" }, (values) => values.length],
    min: [{ kind: "min" }, (values) => [...values].sort(byValue)[0]],
    max: [{ kind: "max" }, (values) => [...values].sort(byValue).at(-1)],
    first: [{ kind: "first" }, (values) => values[0]],
    last: [{ kind: "last" }, (values) => values.at(-1)],
    collect: [{ kind: "collect" }, (values) => values],
    quantile: [{ kind: "quantile", q: 0.25 }, quantile],
    topK: [{ kind: "topK", k: 3 }, (values) => [...values].sort(byValue).reverse().slice(0, 3)],
    countDistinct: [{ kind: "countDistinct" }, (values) => new Set(values).size],
  };
  const numbers = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true })).map((value) => value + 0);
  for (const [name, [spec, fold]] of Object.entries(folds)) {
    fc.assert(fc.property(pieces(numbers), (made) => t.deepEqual(aggregated(spec, plain("float64"), made), naive(made.flat(), fold), name)));
  }
});

test("strings order by their bytes, and null is the smallest only when nothing else is there", (t) => {
  const nullable: TypeSpec = { kind: "utf8", nullable: true };
  const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  const present = (values: readonly (string | null)[]): string[] => values.filter((value) => value !== null).sort(compare);
  fc.assert(
    fc.property(pieces(fc.option(fc.string({ unit: "grapheme", maxLength: 3 }))), (made) => {
      t.deepEqual(aggregated({ kind: "min" }, nullable, made), naive(made.flat(), (values) => present(values)[0] ?? null));
      t.deepEqual(aggregated({ kind: "max" }, nullable, made), naive(made.flat(), (values) => present(values).at(-1) ?? null));
      t.deepEqual(aggregated({ kind: "countDistinct" }, nullable, made), naive(made.flat(), (values) => new Set(present(values)).size));
    }),
  );
});

test("the values that are picked, counted or listed are those of the whole strings, however many were replaced on the way", (t) => {
  const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  const sorted = (values: readonly string[]): string[] => [...values].sort(compare);
  // From empty to beyond what is copied byte by byte, with repeats; many rows, so that what is kept is sorted out and packed.
  const text = fc.oneof(fc.nat(30).map(String), fc.nat(20).map((n) => "long ".repeat(20 + n)), fc.string({ unit: "binary", maxLength: 6 }));
  const many = fc.array(fc.array(fc.record({ group: fc.nat(2), value: text }), { maxLength: 150 }), { maxLength: 3 });
  const folds: readonly [AggregatorSpec, (values: readonly string[]) => unknown][] = [
    [{ kind: "min" }, (values) => sorted(values)[0]],
    [{ kind: "max" }, (values) => sorted(values).at(-1)],
    [{ kind: "first" }, (values) => values[0]],
    [{ kind: "last" }, (values) => values.at(-1)],
    [{ kind: "countDistinct" }, (values) => new Set(values).size],
    [{ kind: "topK", k: 1 }, (values) => sorted(values).reverse().slice(0, 1)],
    [{ kind: "topK", k: 20 }, (values) => sorted(values).reverse().slice(0, 20)],
  ];
  fc.assert(
    fc.property(many, (made) => {
      const wellFormed = made.map((rows) => rows.map(({ group, value }) => ({ group, value: Buffer.from(value).toString() })));
      for (const [spec, fold] of folds) t.deepEqual(aggregated(spec, plain("utf8"), wellFormed), naive(wellFormed.flat(), fold), JSON.stringify(spec));
    }),
    { numRuns: 60 },
  );
});

test("strings that are replaced again and again leave no more than as much behind as is kept", (t) => {
  const state = createAggregate({ kind: "last" }, valueLayout(plain("utf8"), false));
  for (let round = 0; round < 100; round++) {
    addAll(state, { kind: "last" }, plain("utf8"), Array.from({ length: 100 }, (_, i) => ({ group: i, value: `${round} ${"x".repeat(100)} ${i}` })));
    t.true(state.bytes < 150_000, `${state.bytes}`);
  }
  t.deepEqual(Array.from({ length: 100 }, (_, group) => state.finish(group)), Array.from({ length: 100 }, (_, i) => `99 ${"x".repeat(100)} ${i}`));
});

test("the largest by a member, ties by the whole value, whether or not members have columns of their own", (t) => {
  const type: TypeSpec = { kind: "struct", nullable: false, fields: [{ name: "n", type: { kind: "float64", nullable: true } }, { name: "s", type: plain("utf8") }] };
  const rows = fc.array(fc.array(fc.record({ group: fc.nat(2), value: fc.record({ n: fc.option(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double())).map((n) => n === null ? n : n + 0), s: fc.nat(9).map(String) }) }), { maxLength: 90 }), { maxLength: 3 });
  const order = (a: { n: number | null; s: string }, b: { n: number | null; s: string }): number =>
    Number(b.n !== null) - Number(a.n !== null) || (a.n === null ? 0 : byValue(b.n!, a.n)) || (a.s < b.s ? 1 : a.s > b.s ? -1 : 0);
  fc.assert(
    fc.property(rows, fc.constantFrom(1, 3, 30), (made, k) => {
      const expected = naive(made.flat(), (values) => [...values].sort(order).slice(0, k));
      t.deepEqual(aggregated({ kind: "topK", k, by: "n" }, type, made), expected);
      const beside = aggregated({ kind: "struct", fields: [{ name: "top", aggregator: { kind: "topK", k, by: "n" } }, { name: "all", aggregator: { kind: "topK", k: 1000 } }] }, type, made);
      t.deepEqual(new Map([...beside].map(([group, result]) => [group, (result as { top: unknown }).top])), expected);
      t.deepEqual(new Map([...beside].map(([group, result]) => [group, (result as { all: unknown }).all])), naive(made.flat(), (values) => [...values].sort(order)));
    }),
    { numRuns: 60 },
  );
});

test("null numbers take no part in sums and means", (t) => {
  const nullable: TypeSpec = { kind: "float64", nullable: true };
  const rows = [1, null, 2.5, null].map((value) => ({ group: 0, value }));
  t.is(aggregated({ kind: "sum" }, nullable, [rows.slice(0, 1), rows.slice(1)]).get(0), 3.5);
  t.is(aggregated({ kind: "mean" }, nullable, [rows]).get(0), 1.75);
  t.is(aggregated({ kind: "count" }, nullable, [rows]).get(0), 4);
  const nothing = [[{ group: 0, value: null }], [{ group: 0, value: null }]];
  t.is(aggregated({ kind: "sum" }, nullable, nothing).get(0), 0);
  for (const spec of [{ kind: "mean" }, { kind: "quantile", q: 0.5 }, { kind: "min" }, { kind: "max" }] as const) {
    for (const type of [nullable, { ...int64, nullable: true }]) t.is(aggregated(spec, type, nothing).get(0), null, `${spec.kind} of ${type.kind}`);
  }
});

const visit: TypeSpec = { kind: "struct", nullable: false, fields: [{ name: "bytes", type: int64 }, { name: "at", type: plain("timestamp") }, { name: "host", type: plain("utf8") }] };
const visits = [
  { group: 0, value: { bytes: 5n, at: new Date(3), host: "b" } },
  { group: 1, value: { bytes: 7n, at: new Date(1), host: "a" } },
  { group: 0, value: { bytes: 2n, at: new Date(9), host: "a" } },
];

test("several aggregators read the members of a struct side by side", (t) => {
  const spec: AggregatorSpec = {
    kind: "struct",
    fields: [
      { name: "n", aggregator: { kind: "count" } },
      { name: "bytes", aggregator: { kind: "sum", field: "bytes" } },
      { name: "latest", aggregator: { kind: "max", field: "at" } },
      { name: "largest", aggregator: { kind: "topK", k: 1, by: "bytes" } },
      { name: "last", aggregator: { kind: "last" } },
      { name: "__proto__", aggregator: { kind: "first", field: "host" } },
    ],
  };
  const result = aggregated(spec, visit, [visits.slice(0, 2), visits.slice(2)]).get(0) as Record<string, unknown>;
  t.deepEqual(Object.entries(result), [["n", 2], ["bytes", 7n], ["latest", new Date(9)], ["largest", [visits[0]!.value]], ["last", visits[2]!.value], ["__proto__", "b"]]);
});

test("least, mean and greatest of one column together are what they are alone, beside those of another", (t) => {
  const both: TypeSpec = { kind: "struct", nullable: false, fields: [{ name: "x", type: plain("float64") }, { name: "y", type: plain("float64") }] };
  const fields = (["max", "mean", "min"] as const).flatMap((kind) => ["x", "y"].map((field) => ({ name: `${kind} ${field}`, aggregator: { kind, field } })));
  fc.assert(
    fc.property(pieces(fc.record({ x: doubles, y: fc.oneof(doubles, fc.constantFrom(NaN, Infinity, -Infinity)) })), (made) => {
      const together = aggregated({ kind: "struct", fields }, both, made);
      for (const { name, aggregator } of fields) {
        const alone = aggregated({ kind: aggregator.kind }, plain("float64"), made.map((rows) => rows.map(({ group, value }) => ({ group, value: value[aggregator.field as "x" | "y"] }))));
        t.deepEqual(new Map([...together].map(([group, result]) => [group, (result as Record<string, unknown>)[name]])), alone, name);
      }
    }),
    { numRuns: 300 },
  );
});

test("a custom aggregator merges in order, and its zero is no group's own", (t) => {
  const custom = { zero: [] as string[], add: (list: string[], value: string) => void list.push(value), merge: (a: string[], b: string[]) => [...a, ...b], finish: (list: string[]) => list.join("") };
  const rows = [..."stream"].map((value, i) => ({ group: i % 2, value }));
  t.deepEqual(aggregated({ kind: "custom" }, plain("utf8"), [rows.slice(0, 3), rows.slice(3)], custom as never), new Map([[0, "sra"], [1, "tem"]]));
  t.deepEqual(custom.zero, []);
});

test("the approximate count of distinct values is within a few percent, and the same however it is cut", (t) => {
  for (const distinct of [10, 1000, 100_000]) {
    const rows = Array.from({ length: distinct * 2 }, (_, i) => ({ group: 0, value: `value ${i % distinct}` }));
    const whole = aggregated({ kind: "approxDistinct" }, plain("utf8"), [rows]).get(0) as number;
    t.true(Math.abs(whole - distinct) <= Math.max(1, distinct * 0.07), `${distinct}: ${whole}`);
    t.is(aggregated({ kind: "approxDistinct" }, plain("utf8"), [rows.slice(0, distinct / 2), rows.slice(distinct / 2)]).get(0), whole);
  }
});

test("a use that cannot work is refused with what is there instead", (t) => {
  t.throws(() => planAggregate({ kind: "sum" }, plain("utf8")), { message: "sum: needs numbers, but the values are utf8" });
  t.throws(() => planAggregate({ kind: "sum", field: "bites" }, visit), { message: 'sum("bites"): the value has no member "bites"; it has bytes, at, host' });
  t.throws(() => planAggregate({ kind: "max", field: "x" }, plain("float64")), { message: /the value is float64, which has no members/ });
  t.throws(() => topK(3, "bytes" as never), { message: 'topK(3): expected options such as { by: "bytes" }, got "bytes" (string)' });
  t.throws(() => topK(3, null as never), { message: 'topK(3): expected options such as { by: "bytes" }, got null' });
  t.throws(() => planAggregate({ kind: "min" }, plain("json")), { message: /json has no order/ });
});

test("the least of the k largest is still known when candidates have been packed to where others were", (t) => {
  const spec: AggregatorSpec = { kind: "topK", k: 2 };
  const state = createAggregate(spec, valueLayout(plain("float64"), false));
  const add = (rows: readonly Row[]): void => addAll(state, spec, plain("float64"), rows);
  // Seven candidates of group 0 go in front of the two of group 1 and its third, which comes to lie where the least of the two was going.
  const ascending = (group: number, count: number): Row[] => Array.from({ length: count }, (_, i) => ({ group, value: i + 1 }));
  add([...ascending(1, 9), ...ascending(0, 8 + 6 * 11_000 + 5)]);
  add([{ group: 1, value: 8.5 }]);
  t.deepEqual(state.finish(1), [9, 8.5]);
  t.deepEqual(state.finish(0), [66_013, 66_012]);
});
