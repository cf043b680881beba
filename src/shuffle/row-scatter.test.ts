/** The scatter in kernels against its plain twin: the same rows in the same order in each partition. */
import test from "ava";
import fc from "fast-check";
import type { BytesColumn, Column, ColumnBatch, ColumnKind } from "../columnar/columns.js";
import { ThreadKernels } from "../columnar/kernels/thread-kernels.js";
import { bytesAt, bytesColumn, nastyKey, nastyKeys, numbers } from "../testing/nasty-keys.js";
import { PlainPartitions, type PartitionWriter } from "./partition-writer.js";
import type { PartitionRule } from "./partitioner.js";
import { RowScatter, type RowScatterOptions } from "./row-scatter.js";

type Append = RowScatterOptions["append"];

/** What each partition got: the bits of every row. */
function written(open: (append: Append) => PartitionWriter, batches: readonly ColumnBatch[]): string[][] {
  const rows: string[][] = [];
  const writer = open((partition, batch) => {
    for (let row = 0; row < batch.rows; row++) (rows[partition] ??= []).push([batch.keys, ...batch.values].map((column) => cell(column, row)).join(","));
  });
  for (const batch of batches) writer.write(batch);
  writer.flush();
  return rows;
}

function cell(column: Column, row: number): string {
  if (column.kind === "bytes") return bytesAt(column, row).toString("hex");
  return Buffer.from(column.values.slice(row, row + 1).buffer).toString("hex");
}

const kindsOf = fc.array(fc.constantFrom<ColumnKind>("float64", "int64", "bytes"), { maxLength: 3 });
const rules: fc.Arbitrary<PartitionRule> = fc.oneof(
  fc.constant({ type: "hash" } as const),
  fc.array(nastyKey, { maxLength: 8 }).map((bounds) => ({ type: "range", splitters: bounds.sort((a, b) => Buffer.compare(a, b)) }) as const),
  fc.constant({ type: "function", key: { kind: "binary", nullable: false }, choose: (key: Uint8Array, partitions: number) => key.length % partitions } as PartitionRule),
);

/** Columns are zero at first, so that they wake up at any row. */
function valueColumn(kind: ColumnKind, rows: number, seed: number, zeros: boolean): Column {
  const random = numbers(seed);
  const number = (): number => (zeros || random() < 0.3 ? 0 : random() < 0.1 ? -0 : Math.floor(random() * 1e6));
  switch (kind) {
    case "float64":
      return { kind, values: Float64Array.from({ length: rows }, number) };
    case "int64":
      return { kind, values: BigInt64Array.from({ length: rows }, () => BigInt(number())) };
    case "bytes":
      return bytesColumn(Array.from({ length: rows }, () => Buffer.alloc(zeros ? 0 : Math.floor(random() ** 3 * 40), 7)), seed % 3);
  }
}

test("rows are scattered as the plain twin splits them", (t) => {
  const kernels = new ThreadKernels();
  fc.assert(
    fc.property(fc.array(nastyKeys, { minLength: 1, maxLength: 4 }), kindsOf, rules, fc.integer({ min: 1, max: 9 }), fc.nat(1000), (keyLists, kinds, rule, others, seed) => {
      const partitions = rule.type === "range" ? rule.splitters.length + 1 : others;
      const batches = keyLists.map((keys, i) => {
        const values = kinds.map((kind, k) => valueColumn(kind, keys.length, seed + 10 * i + k, (seed + k) % 3 > i));
        return { rows: keys.length, keys: bytesColumn(keys, i), values };
      });
      const expected = written((append) => new PlainPartitions({ rule, partitions, append }), batches);
      const actual = written((append) => RowScatter.within({ kernels, kinds, rule, partitions, budget: 4096, append })!, batches);
      t.deepEqual(actual, expected);
    }),
    { numRuns: 300 },
  );
});

test("keys longer than any buffer, and many rows, keep their order", (t) => {
  const random = numbers(5);
  const keys = Array.from({ length: 40_000 }, (_, i) => Buffer.alloc(i % 997 === 0 ? 300_000 : Math.floor(random() ** 4 * 60), 97 + (i % 26)));
  const batch = (values: Column[]): ColumnBatch => ({ rows: keys.length, keys: bytesColumn(keys), values });
  const batches = [batch([valueColumn("float64", keys.length, 1, false), valueColumn("bytes", keys.length, 2, true)])];
  for (const partitions of [1, 2, 64]) {
    const options = { rule: { type: "hash" } as const, partitions };
    const expected = written((append) => new PlainPartitions({ ...options, append }), batches);
    const actual = written((append) => RowScatter.within({ ...options, kernels: new ThreadKernels(), kinds: ["float64", "bytes"], budget: 64 << 20, append })!, batches);
    t.deepEqual(actual.map((rows) => rows.length), expected.map((rows) => rows.length));
    t.true(actual.every((rows, p) => rows.every((row, i) => row === expected[p]![i])));
  }
});

test("blocks are columns whose offsets begin at 0", (t) => {
  const seen: BytesColumn[] = [];
  const scatter = RowScatter.within({ kernels: new ThreadKernels(), kinds: ["bytes"], rule: { type: "hash" }, partitions: 1, budget: 1 << 20, append: (_, { keys, values }) => seen.push(keys, values[0] as BytesColumn) })!;
  scatter.write({ rows: 2, keys: bytesColumn([Buffer.from("a"), Buffer.from("bc")], 7), values: [bytesColumn([Buffer.from("x"), Buffer.from("")], 3)] });
  scatter.flush();
  t.deepEqual(seen.map(({ offsets }) => [...offsets]), [[0, 1, 3], [0, 1, 1]]);
});
