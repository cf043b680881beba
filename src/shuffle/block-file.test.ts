/** What lies between map and reduce is noticed when it is not what was written. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import test from "ava";
import fc from "fast-check";
import type { ColumnBatch } from "../columnar/columns.js";
import { TaskFailure } from "../errors.js";
import { attemptId, jobId, taskId } from "../model/ids.js";
import { BlockWriter, type BlockFileShape } from "./block-writer.js";
import { readPartition } from "./map-sources.js";

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

function keysOf(shape: BlockFileShape, partition: number): string[] {
  const keys: string[] = [];
  for (const { rows, keys: column } of readPartition([shape], partition, 3, shape.kinds)) {
    for (let row = 0; row < rows; row++) keys.push(Buffer.from(column.bytes.subarray(column.offsets[row], column.offsets[row + 1])).toString());
  }
  return keys;
}

function lost(t: { throws: (action: () => void, expected: object) => unknown }, shape: BlockFileShape): void {
  const error = t.throws(() => [0, 1, 2].forEach((partition) => keysOf(shape, partition)), { instanceOf: TaskFailure }) as TaskFailure | undefined;
  if (error !== undefined && error.failure.lostMap?.index !== 3) throw new Error("the failure does not name the map");
}

test("rows come back by partition, in the order in which they were written", (t) => {
  const shape = shapeOf();
  write(shape);
  t.deepEqual(keysOf(shape, 0), ["a", "bc", "", "z"]);
  t.deepEqual(keysOf(shape, 1), []);
  t.deepEqual(keysOf(shape, 2), ["日本", "x".repeat(100)]);
});

test("the data file is an Arrow stream that others open", (t) => {
  const shape = shapeOf();
  write(shape);
  const table = tableFromIPC(readFileSync(shape.data));
  t.is(table.numRows, 6);
  t.deepEqual([...table.getChildAt(1)!], [0, 0.5, 1, 0, 0.5, 0]);
});

test("any changed, cut or added bytes that a reduce would read fail the fetch, and name the map", (t) => {
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
  fc.assert(
    fc.property(mutation, ({ file, at, bit }) => {
      const bytes = Buffer.from(file === "data" ? data : index);
      bytes[at]! ^= 1 << bit;
      writeFileSync(damaged.data, file === "data" ? bytes : data);
      writeFileSync(damaged.index, file === "data" ? index : bytes);
      lost(t, damaged);
    }),
    { numRuns: 1000 },
  );
  for (let length = 0; length < index.length; length += 3) {
    writeFileSync(damaged.data, data);
    writeFileSync(damaged.index, index.subarray(0, length));
    lost(t, damaged);
  }
  for (let length = first; length < data.length - 9; length += 7) {
    writeFileSync(damaged.data, data.subarray(0, length));
    writeFileSync(damaged.index, index);
    lost(t, damaged);
  }
});

test("whole files of another attempt, or with partitions of another number, are not taken for the right ones", (t) => {
  const shape = shapeOf(0);
  const other = shapeOf(1);
  write(shape);
  write(other);
  lost(t, { ...shape, data: other.data, index: other.index });
  lost(t, { ...shape, index: other.index });
  const fewer = { ...shapeOf(), segments: 2 };
  const writer = new BlockWriter(fewer);
  writer.finish();
  lost(t, fewer);
});

test("a missing file is a lost map, too", (t) => {
  lost(t, shapeOf());
});
