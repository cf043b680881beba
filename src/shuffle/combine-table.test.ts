/** Batches come out of a combine table as partial results of the same groups, whether they are combined or passed on. */
import test from "ava";
import { createAggregate } from "../columnar/aggregates/create-aggregate.js";
import type { ColumnBatch, Float64Column } from "../columnar/columns.js";
import { KernelKeyTable } from "../columnar/kernel-key-table.js";
import { KeyTable } from "../columnar/key-table.js";
import { valueLayout } from "../columnar/value-layout.js";
import { bytesAt, bytesColumn } from "../testing/nasty-keys.js";
import { CombineTable } from "./combine-table.js";

const BATCH = 5000;

/** The spilled keys in order, each with its sum. */
function combined(keyOf: (row: number) => number, rows: number, keys: KeyTable | KernelKeyTable): { spilled: [number, number][]; bypasses: boolean } {
  const spilled: [number, number][] = [];
  const state = createAggregate({ kind: "sum" }, valueLayout({ kind: "float64", nullable: false }, false));
  const table = new CombineTable(keys, state, 1 << 30, ({ rows: count, keys: column, values }: ColumnBatch) => {
    for (let row = 0; row < count; row++) spilled.push([Number(bytesAt(column, row).toString()), (values[0] as Float64Column).values[row]!]);
  });
  for (let from = 0; from < rows; from += BATCH) {
    const texts = Array.from({ length: BATCH }, (_, i) => Buffer.from(String(keyOf(from + i))));
    table.add({ rows: BATCH, keys: bytesColumn(texts), values: [{ kind: "float64", values: Float64Array.from(texts, (_, i) => from + i) }] });
  }
  table.flush();
  return { spilled, bypasses: table.bypasses };
}

for (const [name, newTable] of [["plain", () => new KeyTable(7)], ["kernel", () => new KernelKeyTable(7)]] as const) {
  test(`keys that hardly repeat are passed on once there are many, in their order: ${name}`, (t) => {
    // One in 50 is that of the row before.
    const keyOf = (row: number): number => row - Number(row % 50 === 49);
    const { spilled, bypasses } = combined(keyOf, 100_000, newTable());
    t.true(bypasses);
    const sums = new Map<number, number>();
    for (const [key, sum] of spilled) sums.set(key, (sums.get(key) ?? 0) + sum);
    const expected = new Map<number, number>();
    for (let row = 0; row < 100_000; row++) expected.set(keyOf(row), (expected.get(keyOf(row)) ?? 0) + row);
    t.deepEqual([...sums], [...expected]);
    // Those that came first were combined, the others were not.
    t.true(spilled.length > expected.size && spilled.length < 99_000);
  });

  test(`keys of which one in ten repeats are combined to the end: ${name}`, (t) => {
    const keyOf = (row: number): number => row - Number(row % 10 === 9);
    const { spilled, bypasses } = combined(keyOf, 100_000, newTable());
    t.false(bypasses);
    t.is(spilled.length, 90_000);
  });
}
