/** Records that kernels move lie where those that are emitted one by one would, in the same order. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { ThreadKernels } from "../columnar/kernels/thread-kernels.js";
import type { ShuffleSpec } from "../model/job-spec.js";
import { attemptId, jobId, taskId } from "../model/ids.js";
import { bytesAt, nastyKey } from "../testing/nasty-keys.js";
import { BlockClient } from "../storage/block-client.js";
import { fetchPartition } from "./fetch-partition.js";
import { IndexCache } from "./index-cache.js";
import { MapOutput } from "./map-output.js";
import type { PartitionRule } from "./partitioner.js";
import { RecordPartitions } from "./record-partitions.js";
import { KernelKeyTable } from "../columnar/kernel-key-table.js";
import { shuffleTypes } from "./shuffle-types.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-records-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const blocks = { client: new BlockClient({ token: "" }), indexes: new IndexCache(0), bytesAhead: 1 << 20 };
const kernels = new ThreadKernels();
const outputKernels = new ThreadKernels();
const identity = attemptId(taskId(jobId("sort", "1"), "map", 0), 0);
const spec: ShuffleSpec = { key: { kind: "binary", nullable: false }, value: { kind: "binary", nullable: false }, reduce: { kind: "values" }, partition: "range", sortValues: "none" };

interface Case {
  readonly content: Uint8Array;
  readonly record: number;
  readonly from: number;
  readonly to: number;
  readonly rule: PartitionRule;
  readonly partitions: number;
  readonly budget: number;
}

function moved({ content, ...options }: Case): Promise<string[][]> {
  const paths = { data: join(folder, "moved"), index: join(folder, "moved.index") };
  const output = RecordPartitions.within({ ...options, kernels, paths, identity, onFlush: () => {} })!;
  const { window } = output;
  for (let at = 0; at < content.length; at += window.length) {
    const chunk = content.subarray(at, at + window.length);
    window.set(chunk);
    output.add(chunk.length / options.record);
  }
  const { rows } = output.finish();
  if (rows !== content.length / options.record) throw new Error(`${rows} rows of ${content.length / options.record}`);
  return partitionsOf(paths, options.partitions, rows);
}

function emitted({ content, record, from, to, rule, partitions }: Case): Promise<string[][]> {
  const paths = { data: join(folder, "emitted"), index: join(folder, "emitted.index") };
  const types = shuffleTypes(spec, undefined, { keyBytes: { from, to } });
  const output = new MapOutput({ spec, types, rule, partitions, kernels: outputKernels, paths: () => paths, identity, keyTable: () => new KernelKeyTable(1), budget: 1 << 20, takesBack: false, onFlush: () => {} });
  for (let at = 0; at < content.length; at += record) output.emit(content.subarray(at + from, at + to), content.subarray(at, at + record));
  const { rows } = output.finish();
  return partitionsOf(paths, partitions, rows);
}

/** An output without rows is not read. */
async function partitionsOf(files: { data: string; index: string }, partitions: number, count: number): Promise<string[][]> {
  const contents: string[][] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const rows: string[] = [];
    for await (const batch of fetchPartition(count === 0 ? [] : [{ identity, files, address: "" }], { partition, partitions, kinds: [], ...blocks })) {
      for (let row = 0; row < batch.rows; row++) rows.push(bytesAt(batch.keys, row).toString("hex"));
    }
    contents.push(rows);
  }
  return contents;
}

const shape = fc.integer({ min: 1, max: 50 }).chain((record) =>
  fc.record({
    record: fc.constant(record),
    cut: fc.tuple(fc.nat(record - 1), fc.nat(record - 1)),
    rows: fc.nat(400),
    letters: fc.constantFrom([0, 97], [0, 1, 97, 98, 255], Array.from({ length: 256 }, (_, i) => i)),
    seed: fc.nat(),
    bounds: fc.array(nastyKey, { maxLength: 12 }),
    isRange: fc.boolean(),
    budget: fc.constantFrom(1, 1000, 20_000, 1 << 20),
  }),
);

test.serial("records go to the partitions of their keys, whatever the record, its key, the bounds and the memory", async (t) => {
  await fc.assert(
    fc.asyncProperty(shape, async ({ record, cut, rows, letters, seed, bounds, isRange, budget }) => {
      const splitters = [...bounds].sort((a, b) => Buffer.compare(a, b));
      const content = Uint8Array.from({ length: rows * record }, (_, i) => letters[(Math.imul(i + seed, 0x9e3779b1) >>> 16) % letters.length]!);
      const job: Case = {
        content,
        record,
        from: Math.min(...cut),
        to: Math.max(...cut) + 1,
        rule: isRange ? { type: "range", splitters } : { type: "hash" },
        partitions: bounds.length + 1,
        budget,
      };
      t.deepEqual(await moved(job), await emitted(job));
    }),
    { numRuns: 200 },
  );
});

test.serial("much memory and very many partitions, or very long records, are not more than kernels have", async (t) => {
  const content = Uint8Array.from({ length: 2000 * 8 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
  const job: Case = { content, record: 8, from: 0, to: 4, rule: { type: "hash" }, partitions: 4500, budget: 4 * 2 ** 30 };
  t.deepEqual(await moved(job), await emitted(job));
  const paths = { data: join(folder, "long"), index: join(folder, "long.index") };
  t.is(RecordPartitions.within({ ...job, record: 1 << 20, partitions: 1000, kernels, paths, identity, onFlush: () => {} }), undefined);
});
