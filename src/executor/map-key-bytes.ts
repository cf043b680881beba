/** `keyBytes(from, to)`: as an ordinary map, which samples and combiners use, and as a map of whole chunks. */
import { hasKernels } from "../columnar/kernels/wasm.js";
import { RecordsReader } from "../formats/records-reader.js";
import type { KeyBytesOptions } from "../job/operators.js";
import type { Split } from "../model/split.js";
import type { MapOutputSummary } from "../model/task.js";
import { RecordPartitions } from "../shuffle/record-partitions.js";
import { keyBytesOf } from "../shuffle/shuffle-types.js";
import { mapOutputPaths } from "../storage/layout.js";
import type { AttemptScope } from "./attempt-scope.js";
import { decodePartitionRule } from "./partition-rule.js";

export function plainKeyBytes({ from, to }: KeyBytesOptions): (record: Uint8Array, emit: (key: Uint8Array, record: Uint8Array) => void) => void {
  return (record, emit) => emit(record.subarray(from, to), record);
}

/** Sends the records of splits to their partitions without a call for each; undefined where that cannot be done. */
export async function moveRecords({ job, order, monitor, thread }: AttemptScope, splits: readonly Split[]): Promise<MapOutputSummary | undefined> {
  const { input } = job.spec;
  const keyBytes = keyBytesOf(job.spec);
  if (!hasKernels || keyBytes === undefined || input.format !== "records") return undefined;
  const { from, to } = keyBytes;
  const output = RecordPartitions.within({
    kernels: thread.shuffleKernels,
    record: input.bytes,
    from,
    to,
    rule: decodePartitionRule(job, order.splitters),
    partitions: order.header.partitions,
    paths: mapOutputPaths(order.folder, order.attempt),
    identity: order.attempt,
    budget: order.memory,
    onFlush: () => monitor.step(),
  });
  if (output === undefined) return undefined;
  try {
    for (const split of splits) {
      const reader = new RecordsReader(split, input.bytes, output.window);
      try {
        while (await reader.advance()) {
          output.add(reader.rows);
          monitor.records += reader.rows;
          monitor.readTo(reader.bytesRead);
        }
        monitor.endSplit(reader.bytesRead);
      } finally {
        reader.close();
      }
    }
    return output.finish();
  } catch (error) {
    output.abandon();
    throw error;
  }
}
