import test from "ava";
import fc from "fast-check";
import { bytesAt, bytesColumn, nastyKey } from "../testing/nasty-keys.js";
import type { ColumnBatch } from "./columns.js";
import { RunMerger } from "./merge-runs.js";
import type { CompareRows } from "./merge-runs.js";
import type { RunSource } from "./run-cursor.js";

/** A row: its key, and one number that lies in three columns. */
type Row = readonly [key: Buffer, value: number];

function batchOf(rows: readonly Row[]): ColumnBatch {
  return {
    rows: rows.length,
    keys: bytesColumn(rows.map(([key]) => key), rows.length % 4),
    values: [
      { kind: "float64", values: Float64Array.from(rows, ([, value]) => value) },
      { kind: "int64", values: BigInt64Array.from(rows, ([, value]) => BigInt(value)) },
      bytesColumn(rows.map(([, value]) => Buffer.from(`value ${value}`)), 3),
    ],
  };
}

function rowsOf(batch: ColumnBatch): Row[] {
  const [doubles, wides, texts] = batch.values;
  if (doubles?.kind !== "float64" || wides?.kind !== "int64" || texts?.kind !== "bytes") throw new Error("columns of other kinds");
  return Array.from({ length: batch.rows }, (_, i) => {
    const value = doubles.values[i]!;
    if (wides.values[i] !== BigInt(value) || bytesAt(texts, i).toString() !== `value ${value}`) throw new Error(`columns of row ${i} went apart`);
    return [bytesAt(batch.keys, i), value];
  });
}

/** A run in batches of the given sizes, over and over. */
function sourceOf(rows: readonly Row[], sizes: readonly number[]): RunSource {
  let at = 0;
  let turn = 0;
  return {
    next() {
      const size = sizes[turn % sizes.length]!;
      const batch = at < rows.length ? batchOf(rows.slice(at, at + size)) : undefined;
      at += size;
      turn++;
      return batch;
    },
  };
}

function drain(merger: RunMerger, maxRows: number): Row[] {
  const rows: Row[] = [];
  for (let batch = merger.nextBatch(maxRows); batch !== undefined; batch = merger.nextBatch(maxRows)) {
    if (batch.rows < 1 || batch.rows > maxRows) throw new Error(`a batch of ${batch.rows} rows`);
    rows.push(...rowsOf(batch));
  }
  return rows;
}

const runs = fc.array(
  fc.record({ keys: fc.array(nastyKey, { maxLength: 40 }), sizes: fc.array(fc.nat(6), { maxLength: 3 }).map((sizes) => [...sizes, 1]) }),
  { maxLength: 9 },
);
const byValue: CompareRows = (a, aRow, b, bRow) => rowsOf(a)[aRow]![1] - rowsOf(b)[bRow]![1];

for (const [title, compare] of [
  ["rows of equal keys come in the order of the runs", undefined],
  ["rows of equal keys come by value, then in the order of the runs", byValue],
] as const) {
  test(`merged ${title}`, (assert) => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 50 }), (made, maxRows) => {
        let number = 0;
        const order = (a: Row, b: Row): number => Buffer.compare(a[0], b[0]) || (compare === undefined ? 0 : a[1] - b[1]);
        const sorted = made.map((run) => run.keys.map((key): Row => [key, number++ % 5]).sort(order));
        const merger = new RunMerger(sorted.map((rows, i) => sourceOf(rows, made[i]!.sizes)), compare);
        assert.deepEqual(drain(merger, maxRows), sorted.flat().sort(order));
        assert.is(merger.nextBatch(1), undefined);
      }),
    );
  });
}

test("no runs, or only empty ones, merge to nothing", (assert) => {
  assert.is(new RunMerger([]).nextBatch(10), undefined);
  assert.is(new RunMerger([sourceOf([], [1]), sourceOf([], [1])]).nextBatch(10), undefined);
});

test("the last run's batches are passed on without a copy", (assert) => {
  const batch = batchOf([[Buffer.from("a"), 1], [Buffer.from("b"), 2]]);
  const batches = [batch];
  assert.is(new RunMerger([{ next: () => batches.pop() }]).nextBatch(10), batch);
});

test("a batch ends early once its rows reach the bound of bytes, but is never empty", (assert) => {
  const rows = Array.from({ length: 10 }, (_, i): Row => [Buffer.alloc(1000, i), i]);
  const merger = new RunMerger([sourceOf(rows, [10]), sourceOf(rows, [10])]);
  assert.is(merger.nextBatch(100, 4000)?.rows, 4);
  assert.is(merger.nextBatch(100, 0)?.rows, 1);
});

test("a run whose keys go back is refused with its number", (assert) => {
  const merger = new RunMerger([sourceOf([], [1]), sourceOf([[Buffer.from("b"), 1], [Buffer.from("a"), 2]], [1])]);
  assert.throws(() => drain(merger, 10), { message: /^Run 1 of a merge is not in key order/ });
});

test("the error of a source reaches the caller, and no rows come after it", (assert) => {
  const failing: RunSource = { next: () => {
      throw new Error("block lost");
    },
  };
  const merger = new RunMerger([sourceOf([[Buffer.from("a"), 1]], [1]), failing]);
  assert.throws(() => merger.nextBatch(10), { message: "block lost" });
  assert.throws(() => merger.nextBatch(10), { message: /after one had failed/ });
});

test("a request for no rows is refused", (assert) => {
  assert.throws(() => new RunMerger([]).nextBatch(0), { instanceOf: RangeError });
});
