/**
 * Where a reduce finds what the maps made: one source for each map task, in task order, which is the order
 * in which their rows are merged.
 */
import type { ColumnBatch, ColumnKind } from "../columnar/columns.js";
import { TaskFailure } from "../errors.js";
import { parseAttemptId } from "../model/ids.js";
import { DamagedBlockError } from "./block-index.js";
import { BlockReader } from "./block-reader.js";

export interface MapOutputFile {
  /** Attempt id of the map. */
  readonly identity: string;
  readonly data: string;
  readonly index: string;
}

/** All rows of one partition, block by block, in the order of the map tasks. Throws TaskFailure `fetch-failed` with the map that is lost. */
export function* readPartition(sources: Iterable<MapOutputFile>, partition: number, partitions: number, kinds: readonly ColumnKind[]): Generator<ColumnBatch> {
  for (const source of sources) {
    let reader: BlockReader | undefined;
    try {
      reader = new BlockReader({ ...source, segments: partitions, kinds });
      for (const block of reader.blocks(partition)) yield reader.read(block);
    } catch (error) {
      throw lostMap(error, source);
    } finally {
      reader?.close();
    }
  }
}

function lostMap(error: unknown, { identity, data }: MapOutputFile): unknown {
  const damaged = error instanceof DamagedBlockError;
  const missing = (error as NodeJS.ErrnoException).code !== undefined;
  if (!damaged && !missing) return error;
  const { index, attempt } = parseAttemptId(identity);
  const message = `The output of map ${identity} cannot be read from ${data}: ${(error as Error).message}`;
  return new TaskFailure({ kind: "fetch-failed", message, lostMap: { index, attempt } }, { cause: error });
}
