/** However little memory there is, rows come back in the stable order of their keys. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import type { ColumnBatch } from "../columnar/columns.js";
import { newKernels } from "../columnar/kernels/wasm.js";
import { SortArena } from "../columnar/sort-arena.js";
import { bytesAt, bytesColumn, naiveOrder, nastyKey, numbers } from "../testing/nasty-keys.js";
import { SortedRows } from "./sorted-rows.js";
import { SpillRuns } from "./spill-runs.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-sorted-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const kernels = newKernels(4 << 20);
const KINDS = ["bytes", "float64"] as const;

function batchOf(keys: readonly Buffer[], first: number): ColumnBatch {
  return {
    rows: keys.length,
    keys: bytesColumn(keys, 5),
    values: [bytesColumn(keys.map((_, i) => Buffer.from(`value ${first + i}`)), 1), { kind: "float64", values: Float64Array.from(keys, (_, i) => first + i) }],
  };
}

/** Numbers of the rows in the order in which they come back; every column must tell the same. */
function sortedBy(keys: readonly Buffer[], batchRows: number, budget: number, withArena: boolean): { order: number[]; spills: number } {
  const runs = new SpillRuns((run) => join(folder, `run-${run}`), "sort-1_r_00000_0", KINDS);
  const arena = withArena ? SortArena.within(kernels, budget, KINDS) : undefined;
  const rows = new SortedRows({ kinds: KINDS, budget, runs, arena });
  for (let from = 0; from < keys.length; from += batchRows) rows.add(batchOf(keys.slice(from, from + batchRows), from));
  const order: number[] = [];
  for (const batch of rows.batches()) {
    const [texts, ids] = batch.values as [typeof batch.keys, { values: Float64Array }];
    for (let row = 0; row < batch.rows; row++) {
      const id = ids.values[row]!;
      if (bytesAt(texts, row).toString() !== `value ${id}` || !bytesAt(batch.keys, row).equals(keys[id]!)) throw new Error(`Row ${id} came apart`);
      order.push(id);
    }
  }
  const spills = runs.written;
  runs.close();
  return { order, spills };
}

test("rows are sorted stably with and without kernels, in any batches", (t) => {
  fc.assert(
    fc.property(fc.array(nastyKey, { size: "large", maxLength: 500 }), fc.integer({ min: 1, max: 60 }), fc.constantFrom(1, 3000, 300 << 10), (keys, batchRows, budget) => {
      const expected = naiveOrder(keys);
      t.deepEqual(sortedBy(keys, batchRows, budget, true).order, expected);
      t.deepEqual(sortedBy(keys, batchRows, budget, false).order, expected);
    }),
    { numRuns: 60 },
  );
});

const random = numbers(5);
const shapes: Record<string, readonly Buffer[]> = {
  "few different keys": Array.from({ length: 40_000 }, () => Buffer.from(`key ${Math.floor(random() ** 3 * 50)}`)),
  "many different keys": Array.from({ length: 40_000 }, () => Buffer.from(`${random()}`)),
  "one key": Array.from({ length: 40_000 }, () => Buffer.from("k")),
};

for (const [name, keys] of Object.entries(shapes)) {
  test(`runs of ${name} that an arena spills are merged into the order of one sort`, (t) => {
    const expected = naiveOrder(keys);
    const { order, spills } = sortedBy(keys, 1500, 300 << 10, true);
    t.true(spills > 5);
    t.deepEqual(Int32Array.from(order), Int32Array.from(expected));
  });
}

test("a batch larger than the arena keeps its place among the others", (t) => {
  const keys = [...Array.from({ length: 100 }, () => Buffer.from("b")), ...Array.from({ length: 20_000 }, (_, i) => Buffer.from(i % 2 === 0 ? "a" : "b")), Buffer.from("b")];
  for (const batchRows of [10_050, 20_000]) {
    const { order, spills } = sortedBy(keys, batchRows, 256 << 10, true);
    t.true(spills > 1);
    t.deepEqual(Int32Array.from(order), Int32Array.from(naiveOrder(keys)));
  }
});

test("whole records come back in the stable order of a part of theirs, with and without kernels, spilled or not", (t) => {
  const record = fc.integer({ min: 1, max: 40 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1), fc.nat(size - 1)));
  fc.assert(
    fc.property(record, fc.integer({ min: 0, max: 3000 }), fc.nat(), fc.integer({ min: 1, max: 900 }), fc.constantFrom(1, 3000, 300 << 10), fc.boolean(), ([size, one, other], count, seed, batchRows, budget, withArena) => {
      const keyBytes = { from: Math.min(one, other), to: Math.max(one, other) + 1 };
      const next = numbers(seed);
      const records = Array.from({ length: count }, () => Buffer.from(Array.from({ length: size }, () => Math.floor(next() * 3) * 100)));
      const runs = new SpillRuns((run) => join(folder, `record-run-${run}`), "sort-1_r_00000_0", ["bytes"]);
      const arena = withArena ? SortArena.within(kernels, budget, ["bytes"], keyBytes) : undefined;
      const rows = new SortedRows({ kinds: ["bytes"], budget, runs, arena, keyBytes });
      for (let from = 0; from < count; from += batchRows) {
        const some = records.slice(from, from + batchRows);
        rows.add({ rows: some.length, keys: bytesColumn(some, 3), values: [] });
      }
      const sorted = Array.from(naiveOrder(records.map((each) => each.subarray(keyBytes.from, keyBytes.to)))).map((row) => records[row]!.toString("hex"));
      const back: string[] = [];
      for (const { rows: length, keys, values } of rows.batches()) {
        for (let row = 0; row < length; row++) {
          const whole = bytesAt(values[0] as typeof keys, row);
          if (!bytesAt(keys, row).equals(whole.subarray(keyBytes.from, keyBytes.to))) throw new Error("A record has another's key");
          back.push(whole.toString("hex"));
        }
      }
      runs.close();
      t.deepEqual(back, sorted);
    }),
    { numRuns: 100 },
  );
});

test.after("spilled runs are removed", (t) => {
  t.deepEqual(readdirSync(folder), []);
});
