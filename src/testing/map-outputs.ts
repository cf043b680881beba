/** Map outputs with rows that a test can compute: row k of map m in partition p is `m/p/k` with padding. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ColumnBatch } from "../columnar/columns.js";
import { attemptId, jobId, taskId, type AttemptId } from "../model/ids.js";
import { BlockWriter } from "../shuffle/block-writer.js";
import { jobWorkDir, mapOutputPaths } from "../storage/layout.js";

export const JOB = jobId("wc", "1");
export const TOKEN = "0123456789abcdef0123456789abcdef";

export interface OutputShape {
  readonly partitions: number;
  /** Batches for each partition; those of one partition do not lie side by side. */
  readonly batches: number;
  /** Rows of each batch. */
  readonly rows: number;
  /** Characters that each key is padded to. */
  readonly padding?: number;
}

const root = mkdtempSync(join(tmpdir(), "millrace-outputs-"));
process.once("exit", () => rmSync(root, { recursive: true, force: true }));

export class MapOutputs {
  readonly folder = mkdtempSync(join(root, "worker-"));
  readonly shape: OutputShape;

  constructor(shape: OutputShape) {
    this.shape = shape;
    mkdirSync(jobWorkDir(this.folder, JOB));
  }

  attempt(map: number, attempt = 0): AttemptId {
    return attemptId(taskId(JOB, "map", map), attempt);
  }

  paths(attempt: AttemptId): { readonly data: string; readonly index: string } {
    return mapOutputPaths(this.folder, attempt);
  }

  write(map: number, attempt = 0): AttemptId {
    const identity = this.attempt(map, attempt);
    const { partitions, batches, rows } = this.shape;
    const writer = new BlockWriter({ ...this.paths(identity), identity, segments: partitions, kinds: ["float64"] });
    for (let batch = 0; batch < batches; batch++) {
      for (let partition = 0; partition < partitions; partition++) writer.append(partition, batchOf(this.#keys(map, partition, batch * rows, rows)));
    }
    writer.finish();
    return identity;
  }

  /** Keys of one partition of maps 0..maps-1, in the order in which a reduce must see them. */
  expected(partition: number, maps: number): string[] {
    const { batches, rows } = this.shape;
    return Array.from({ length: maps }, (_, map) => this.#keys(map, partition, 0, batches * rows)).flat();
  }

  #keys(map: number, partition: number, first: number, count: number): string[] {
    return Array.from({ length: count }, (_, k) => `${map}/${partition}/${first + k}`.padEnd(this.shape.padding ?? 0, "."));
  }
}

function batchOf(keys: readonly string[]): ColumnBatch {
  const offsets = new Int32Array(keys.length + 1);
  keys.forEach((key, i) => (offsets[i + 1] = offsets[i]! + Buffer.byteLength(key)));
  return { rows: keys.length, keys: { kind: "bytes", offsets, bytes: Buffer.from(keys.join("")) }, values: [{ kind: "float64", values: Float64Array.from(keys, (_, i) => i) }] };
}
