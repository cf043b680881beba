/** Emits with text keys against a Map: however ones and other values come, and however often the table spills. */
import test from "ava";
import fc from "fast-check";
import { createAggregate } from "../columnar/aggregates/create-aggregate.js";
import { KernelKeyTable } from "../columnar/kernel-key-table.js";
import { valueLayout } from "../columnar/value-layout.js";
import type { AggregatorSpec } from "../model/job-spec.js";
import type { TypeSpec } from "../model/type-spec.js";
import { bytesAt, bytesColumn } from "../testing/nasty-keys.js";
import { CombineTable } from "./combine-table.js";
import { TextPairs } from "./text-pairs.js";

const float64: TypeSpec = { kind: "float64", nullable: false };
const keys = new KernelKeyTable(1);

/** Sums, or counts, by key of what is emitted; how often it spilled before the end. */
function combined(aggregator: AggregatorSpec, pairs: Iterable<readonly [string, unknown]>, budget: number) {
  const layout = valueLayout(float64, false);
  const state = createAggregate(aggregator, layout);
  const sums = new Map<string, number>();
  let spills = 0;
  keys.clear();
  const add = (key: string, value: number): void => void sums.set(key, (sums.get(key) ?? 0) + value);
  const table = new CombineTable(keys, state, budget, ({ rows, keys, values }) => {
    spills++;
    // The parts of a partial sum are high and low; a count is one column.
    for (let row = 0; row < rows; row++) for (const column of values) if (column.kind === "float64") add(bytesAt(keys, row).toString(), column.values[row]!);
  });
  const emitPlain = (key: unknown, value: unknown): void => table.add({ rows: 1, keys: bytesColumn([Buffer.from(key as string)]), values: [{ kind: "float64", values: Float64Array.of(value as number) }] });
  const texts = new TextPairs(table, keys, layout, () => emitPlain, (action) => action);
  const refused: unknown[] = [];
  for (const [key, value] of pairs) {
    try {
      texts.emit(key, value);
    } catch {
      refused.push(value);
    }
  }
  texts.flush();
  table.flush();
  return { sums, spills, refused };
}

const wide = fc.array(fc.constantFrom("a", " ", "\0", "é", "я", "\u07ff", "\u0800", "日", "\ud800", "\udc00", "\u{1f600}"), { maxLength: 40 }).map((parts) => parts.join(""));
const word = fc.oneof({ weight: 2, arbitrary: wide }, { weight: 1, arbitrary: wide.map((key) => key.replaceAll(/./gu, "я")) }, { weight: 5, arbitrary: fc.constantFrom("a", "b", "", "\0", "constructor", "é", "a longer key than fits an entry") }, { weight: 1, arbitrary: fc.string({ unit: "grapheme" }) }, { weight: 1, arbitrary: fc.nat(99).map((n) => "k".repeat(n)) });
/** Runs of ones, of other whole numbers, and of values that do not fit. */
const runs = fc.array(fc.tuple(fc.constantFrom<unknown>(1, 1, 1, 2, -1, 0, "1", true, undefined), fc.array(word, { maxLength: 60 })), { maxLength: 12 }).map((parts) => parts.flatMap(([value, words]) => words.map((key) => [key, value] as const)));

for (const kind of ["sum", "count"] as const) {
  test(`a ${kind} of ones and other values is that of a Map`, (t) => {
    fc.assert(
      fc.property(runs, fc.constantFrom(1, 4_000, 1 << 30), (pairs, budget) => {
        const fits = pairs.filter(([, value]) => typeof value === "number");
        const expected = new Map<string, number>();
        for (const [key, value] of fits) {
          const text = Buffer.from(key).toString();
          expected.set(text, (expected.get(text) ?? 0) + (kind === "count" ? 1 : (value as number)));
        }
        const { sums, refused } = combined({ kind } as AggregatorSpec, pairs, budget);
        t.deepEqual(sums, expected);
        t.is(refused.length, pairs.length - fits.length);
      }),
    );
  });
}

test("keys too long for a block come between others, and the table grows by them", (t) => {
  const pairs = Array.from({ length: 3_000 }, (_, i) => [i % 10 === 5 ? `${i % 700}`.padStart(16_390, "x") : i % 2 === 0 ? `word ${i % 7}` : `a sentence of words ${i % 9}`, 1] as const);
  const expected = new Map<string, number>();
  for (const [key] of pairs) expected.set(key, (expected.get(key) ?? 0) + 1);
  const { sums } = combined({ kind: "sum" } as AggregatorSpec, pairs, 1 << 30);
  t.deepEqual(new Map([...sums].sort()), new Map([...expected].sort()));
});

test("many blocks of ones, with one other value far behind, over many spills", (t) => {
  const expected = new Map<string, number>();
  const pairs = Array.from({ length: 100_000 }, (_, i) => [`word ${(i * 7919) % 3001}`, i === 70_001 ? 0.5 : 1] as const);
  for (const [key, value] of pairs) expected.set(key, (expected.get(key) ?? 0) + value);
  const { sums, spills } = combined({ kind: "sum" } as AggregatorSpec, pairs, 150_000);
  t.deepEqual(sums, expected);
  t.true(spills > 3);
});
