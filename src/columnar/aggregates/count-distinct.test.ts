/** Counts of different values beyond what the tests of all aggregators reach: many of them, that repeat late or never. */
import test from "ava";
import type { TypeSpec } from "../../model/type-spec.js";
import { rowNumbers } from "../row-numbers.js";
import { ValueColumns } from "../value-columns.js";
import { valueLayout } from "../value-layout.js";
import { createAggregate } from "./create-aggregate.js";
import type { AggregateState } from "./aggregate-state.js";

const GROUPS = 3;
const BATCH = 30_000;
const text: TypeSpec = { kind: "utf8", nullable: false };
const TYPES: readonly (readonly [TypeSpec, (n: number) => unknown])[] = [
  [{ kind: "float64", nullable: false }, (n) => n / 7],
  [{ kind: "float64", nullable: true }, (n) => (n % 5 === 0 ? null : n / 7)],
  [{ kind: "int32", nullable: false }, (n) => n * 40_503 - 2 ** 31],
  [{ kind: "int64", as: "bigint", nullable: false }, (n) => BigInt(n) << 32n],
  [{ kind: "int64", as: "number", nullable: false }, (n) => n * 2 ** 31 - 2 ** 50],
  [{ kind: "timestamp", nullable: true }, (n) => (n % 5 === 0 ? null : new Date(n * 1000))],
  [text, (n) => (n % 4 === 0 ? "" : `${"x".repeat(n % 40)} ${n}`)],
  [{ ...text, nullable: true }, (n) => (n % 5 === 0 ? null : n % 4 === 0 ? "" : `value ${n}`)],
];

/** Numbers that values are made of, and the group of each. */
const isNewAtFirst = (row: number): number => (row < 100_000 ? row : row % 1000);
const repeats = (row: number): number => (row * 7919) % 5003;

function addAll(state: AggregateState, type: TypeSpec, numbers: readonly number[], make: (n: number) => unknown): void {
  for (let from = 0; from < numbers.length; from += BATCH) {
    const batch = numbers.slice(from, from + BATCH);
    const values = new ValueColumns(valueLayout(type, false));
    for (const n of batch) values.append(make(n));
    state.grow(GROUPS);
    state.add(Int32Array.from(batch, (_, i) => (from + i) % GROUPS), values.columns(), batch.length);
  }
}

function countsOf(numbers: readonly number[], make: (n: number) => unknown): number[] {
  return Array.from({ length: GROUPS }, (_, group) => {
    const values = numbers.filter((_, row) => row % GROUPS === group).map((n) => make(n)).filter((value) => value !== null);
    return new Set(values.map((value) => (value instanceof Date ? value.getTime() : value))).size;
  });
}

for (const [type, make] of TYPES) {
  test(`many values of ${JSON.stringify(type)}`, (t) => {
    const layout = valueLayout(type, false);
    const groups = rowNumbers(GROUPS);
    const [state, total] = [createAggregate({ kind: "countDistinct" }, layout), createAggregate({ kind: "countDistinct" }, layout)];
    for (const numberOf of [isNewAtFirst, repeats, isNewAtFirst]) {
      const numbers = Array.from({ length: 130_000 }, (_, row) => numberOf(row));
      const expected = countsOf(numbers, make);
      addAll(state, type, numbers, make);
      total.grow(GROUPS);
      for (let piece = 0; piece < 2; piece++) total.merge(groups, state.export(groups, GROUPS), GROUPS);
      t.deepEqual(Array.from(groups, (group) => total.finish(group)), expected);
      t.deepEqual(Array.from(groups, (group) => state.finish(group)), expected);
      // What is known of them is merged with what comes again.
      state.merge(groups, total.export(groups, GROUPS), GROUPS);
      t.deepEqual(state.finishColumns?.(groups), [{ kind: "float64", values: Float64Array.from(expected) }]);
      for (const each of [state, total]) each.clear();
    }
  });
}

test("few values after many take little memory", (t) => {
  const state = createAggregate({ kind: "countDistinct" }, valueLayout(text, false));
  addAll(state, text, Array.from({ length: 50_000 }, (_, row) => row), String);
  state.clear();
  t.is(state.bytes, 0);
  addAll(state, text, [1, 2, 3, 1], String);
  t.deepEqual(Array.from({ length: 4 }, (_, group) => state.finish(group)), [1, 1, 1, 0]);
});
