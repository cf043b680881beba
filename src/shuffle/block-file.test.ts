/** What lies between map and reduce is noticed when it is not what was written. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import type { ColumnBatch } from "../columnar/columns.js";
import { TaskFailure } from "../errors.js";
import { attemptId, jobId, taskId } from "../model/ids.js";
import { BlockWriter, type BlockFileShape } from "./block-writer.js";
import { BlockClient } from "../storage/block-client.js";
import { fetchPartition } from "./fetch-partition.js";
import { IndexCache } from "./index-cache.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-blocks-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const job = jobId("wc", "1");
let files = 0;

function shapeOf(attempt = 0): BlockFileShape {
  const name = join(folder, `f${files++}`);
  return { data: `${name}.data`, index: `${name}.index`, identity: attemptId(taskId(job, "map", 3), attempt), segments: 3, kinds: ["float64", "int64", "bytes"] };
}

function batchOf(words: readonly string[]): ColumnBatch {
  const bytes = Buffer.from(words.join(""));
  const offsets = new Int32Array(words.length + 1);
  words.forEach((word, i) => (offsets[i + 1] = offsets[i]! + Buffer.byteLength(word)));
  const column = { kind: "bytes", offsets, bytes } as const;
  return { rows: words.length, keys: column, values: [{ kind: "float64", values: Float64Array.from(words, (_, i) => i / 2) }, { kind: "int64", values: BigInt64Array.from(words, (_, i) => BigInt(i)) }, column] };
}

function write(shape: BlockFileShape): void {
  const writer = new BlockWriter(shape);
  writer.append(0, batchOf(["a", "bc", ""]));
  writer.append(2, batchOf(["日本", "x".repeat(100)]));
  writer.append(0, batchOf(["z"]));
  writer.finish();
}

const blocks = { client: new BlockClient({ token: "" }), indexes: new IndexCache(0), bytesAhead: 1 << 20 };

async function keysOf(shape: BlockFileShape, partition: number): Promise<string[]> {
  const keys: string[] = [];
  const source = { identity: shape.identity, files: shape, address: "" };
  for await (const { rows, keys: column } of fetchPartition([source], { partition, partitions: 3, kinds: shape.kinds, ...blocks })) {
    for (let row = 0; row < rows; row++) keys.push(Buffer.from(column.bytes.subarray(column.offsets[row], column.offsets[row + 1])).toString());
  }
  return keys;
}

async function lost(t: ExecutionContext, shape: BlockFileShape): Promise<void> {
  const readAll = async (): Promise<void> => {
    for (const partition of [0, 1, 2]) await keysOf(shape, partition);
  };
  const error = await t.throwsAsync(readAll, { instanceOf: TaskFailure });
  if (error !== undefined && (error as TaskFailure).failure.lostMap?.index !== 3) throw new Error("the failure does not name the map");
}

test("rows come back by partition, in the order in which they were written", async (t) => {
  const shape = shapeOf();
  write(shape);
  t.deepEqual(await keysOf(shape, 0), ["a", "bc", "", "z"]);
  t.deepEqual(await keysOf(shape, 1), []);
  t.deepEqual(await keysOf(shape, 2), ["日本", "x".repeat(100)]);
});

test("the data file is an Arrow stream that others open", async (t) => {
  const shape = shapeOf();
  write(shape);
  const table = tableFromIPC(readFileSync(shape.data));
  t.is(table.numRows, 6);
  t.deepEqual([...table.getChildAt(1)!], [0, 0.5, 1, 0, 0.5, 0]);
});

test("any changed, cut or added bytes that a reduce would read fail the fetch, and name the map", async (t) => {
  const shape = shapeOf();
  write(shape);
  const data = readFileSync(shape.data);
  const index = readFileSync(shape.index);
  // The schema message and the end mark are for other readers; blocks begin behind the one and end before the other.
  const first = index.readDoubleLE(24 + 8);
  const damaged = shapeOf();
  const mutation = fc.oneof(
    fc.record({ file: fc.constant("data"), at: fc.integer({ min: first, max: data.length - 9 }), bit: fc.nat(7) }),
    fc.record({ file: fc.constant("index"), at: fc.integer({ min: 0, max: index.length - 1 }), bit: fc.nat(7) }),
  );
  await fc.assert(
    fc.asyncProperty(mutation, async ({ file, at, bit }) => {
      const bytes = Buffer.from(file === "data" ? data : index);
      bytes[at]! ^= 1 << bit;
      writeFileSync(damaged.data, file === "data" ? bytes : data);
      writeFileSync(damaged.index, file === "data" ? index : bytes);
      await lost(t, damaged);
    }),
    { numRuns: 1000 },
  );
  for (let length = 0; length < index.length; length += 3) {
    writeFileSync(damaged.data, data);
    writeFileSync(damaged.index, index.subarray(0, length));
    await lost(t, damaged);
  }
  for (let length = first; length < data.length - 9; length += 7) {
    writeFileSync(damaged.data, data.subarray(0, length));
    writeFileSync(damaged.index, index);
    await lost(t, damaged);
  }
});

test("whole files of another attempt, or with partitions of another number, are not taken for the right ones", async (t) => {
  const shape = shapeOf(0);
  const other = shapeOf(1);
  write(shape);
  write(other);
  await lost(t, { ...shape, data: other.data, index: other.index });
  await lost(t, { ...shape, index: other.index });
  const fewer = { ...shapeOf(), segments: 2 };
  const writer = new BlockWriter(fewer);
  writer.finish();
  await lost(t, fewer);
});

test("a missing file is a lost map, too", async (t) => {
  await lost(t, shapeOf());
});
