/** Merges of partial results against a Map: by hits of the keys, by states, by both in turn, and by runs that spilled. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { MergedSummaries } from "../columnar/aggregates/merged-summaries.js";
import { createAggregate } from "../columnar/aggregates/create-aggregate.js";
import type { Float64Column } from "../columnar/columns.js";
import { KernelKeyTable } from "../columnar/kernel-key-table.js";
import { KeyTable } from "../columnar/key-table.js";
import { rowNumbers } from "../columnar/row-numbers.js";
import { valueLayout } from "../columnar/value-layout.js";
import type { AggregatorSpec } from "../model/job-spec.js";
import { bytesAt, bytesColumn, nastyKey, naiveOrder } from "../testing/nasty-keys.js";
import { AggregateMerge } from "./aggregate-merge.js";
import { SortedRows } from "./sorted-rows.js";
import { SpillRuns } from "./spill-runs.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-merge-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const layout = valueLayout({ kind: "float64", nullable: false }, false);
const kernelTable = new KernelKeyTable(3);

/** What a map hands over: each key's values, of which a partial result is made. */
type Batch = readonly (readonly [key: Buffer, values: readonly number[]])[];

function merged(spec: AggregatorSpec, batches: readonly Batch[], withKernel: boolean, budget: number, asColumns: boolean): [string, number][] {
  const state = createAggregate(spec, layout);
  const runs = new SpillRuns((run) => join(folder, `${run}`), "merge", state.kinds);
  kernelTable.reset(MergedSummaries.recordBytes(state));
  const merge = new AggregateMerge(withKernel ? kernelTable : new KeyTable(3), state, budget, new SortedRows({ kinds: state.kinds, budget: 1 << 16, runs }));
  for (const batch of batches) {
    const partial = createAggregate(spec, layout);
    partial.grow(batch.length);
    batch.forEach(([, values], group) => partial.add(new Int32Array(values.length).fill(group), [{ kind: "float64", values: Float64Array.from(values) }], values.length));
    merge.add({ rows: batch.length, keys: bytesColumn(batch.map(([key]) => key)), values: partial.export(rowNumbers(batch.length), batch.length) });
  }
  const out: [string, number][] = [];
  if (asColumns) {
    merge.visitColumns((groups, from) => from.finishColumns!(groups), (keys, rows, [results]) => {
      for (let row = 0; row < rows; row++) out.push([bytesAt(keys, row).toString("hex"), (results as Float64Column).values[row]!]);
    });
  } else merge.visit((keys, groups, from) => groups.forEach((group, row) => out.push([bytesAt(keys, row).toString("hex"), from.finish(group) as number])));
  runs.close();
  return out;
}

function expected(spec: AggregatorSpec, batches: readonly Batch[]): [string, number][] {
  const values = new Map<string, number[]>();
  for (const [key, more] of batches.flat()) values.set(key.toString("hex"), [...(values.get(key.toString("hex")) ?? []), ...more]);
  const keys = [...values.keys()].map((key) => Buffer.from(key, "hex"));
  return naiveOrder(keys).map((row) => {
    const key = keys[row]!.toString("hex");
    const own = values.get(key)!;
    // Eighths are added without error.
    const sum = own.reduce((total, value) => total + value, 0);
    return [key, { count: own.length, sum, mean: sum / own.length, max: Math.max(...own) }[spec.kind as "count"]];
  });
}

const ones = fc.array(fc.constant(1), { minLength: 1, maxLength: 5 });
const any = fc.array(fc.integer({ min: -80, max: 80 }).map((eighths) => eighths / 8), { minLength: 1, maxLength: 3 });
const batches = fc.array(fc.oneof({ weight: 3, arbitrary: fc.array(fc.tuple(nastyKey, ones), { maxLength: 60 }) }, { weight: 1, arbitrary: fc.array(fc.tuple(nastyKey, any), { maxLength: 20 }) }), { maxLength: 6 });

for (const kind of ["sum", "count", "mean", "max"] as const) {
  test(`a ${kind} of partial results is that of all values`, (t) => {
    const spec = { kind } as AggregatorSpec;
    fc.assert(
      fc.property(batches, fc.constantFrom(1 << 30, 2000), fc.boolean(), fc.boolean(), (given, budget, withKernel, asColumns) => {
        t.deepEqual(merged(spec, given, withKernel, budget, asColumns), expected(spec, given));
      }),
      { numRuns: 300 },
    );
  });
}

test("counts too large for hits are merged exactly", (t) => {
  const key = Buffer.from("k");
  const state = createAggregate({ kind: "count" } as AggregatorSpec, layout);
  kernelTable.reset();
  const runs = new SpillRuns((run) => join(folder, `${run}`), "merge", state.kinds);
  const merge = new AggregateMerge(kernelTable, state, 1 << 30, new SortedRows({ kinds: state.kinds, budget: 1 << 16, runs }));
  for (const count of [2 ** 52, 2 ** 52 - 1, 2 ** 52]) merge.add({ rows: 1, keys: bytesColumn([key]), values: [{ kind: "float64", values: Float64Array.of(count) }] });
  const results: number[] = [];
  merge.visit((_, groups, from) => groups.forEach((group) => results.push(from.finish(group) as number)));
  t.deepEqual(results, [2 ** 53 - 1 + 2 ** 52]);
});
