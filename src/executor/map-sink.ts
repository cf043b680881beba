/**
 * Where a map's emits go: pairs to the shuffle, or rows straight to a part of the output. A sink can take
 * back what the current record emitted, for a job that passes over bad records.
 */
import { decodePartitionRule } from "./partition-rule.js";
import { openMapOutput } from "../shuffle/map-output.js";
import type { CodedTexts } from "../columnar/coded-texts.js";
import type { Column, ColumnBatch } from "../columnar/columns.js";
import type { ValueLayout } from "../columnar/value-layout.js";
import { wholeRecordsOf, shuffleTypes } from "../shuffle/shuffle-types.js";
import { isCustomAggregator } from "../job/check-definition.js";
import type { CustomAggregator } from "../job/aggregators.js";
import type { MapOutputSummary, PartSummary } from "../model/task.js";
import { isWords, wordRules } from "./plain-words.js";
import { mapOutputPaths } from "../storage/layout.js";
import type { AttemptScope } from "./attempt-scope.js";
import { PartOutput } from "./part-output.js";

/** Takes pairs as columns, none of which will be taken back. */
export interface ColumnSink {
  /** How values lie in columns. */
  readonly emitted: ValueLayout;
  readonly addBatch: (batch: ColumnBatch) => void;
  /** Takes keys, texts or structs, that have been numbered. */
  readonly addCoded?: ((keys: CodedTexts, values: readonly Column[]) => void) | undefined;
  /** To be called before the memory where keys were numbered serves something else. */
  readonly leaveMemory?: (() => void) | undefined;
  /** What it wants to keep for each of those keys where they were numbered. */
  readonly recordBytes: number;
}

export interface MapSink {
  readonly emit: (...out: unknown[]) => void;
  /** Absent where only emits are taken. */
  readonly columns?: ColumnSink;
  /** Takes text instead of the words that a built-in mapper would emit of it, where it can count them at once. */
  readonly words?: { add(lines: Buffer): number };
  /** Takes lines as keys that are their own values. */
  readonly lines?: ((batch: ColumnBatch) => void) | undefined;
  /** What went wrong on the way out, even if user code caught it. */
  readonly broken: unknown;
  /** The current record is done. */
  settle(): void;
  /** Forgets what the current record emitted; false when it is too late. */
  takeBack(): boolean;
  finish(): { readonly output: MapOutputSummary | PartSummary; readonly spills: number };
  abandon(): void;
}

export async function openMapSink(scope: AttemptScope, takesBack: boolean): Promise<MapSink> {
  return scope.job.spec.shuffle === undefined ? partSink(scope, takesBack) : shuffleSink(scope, takesBack);
}

function shuffleSink({ job, order, monitor, keyTable, scatterKernels }: AttemptScope, takesBack: boolean): MapSink {
  const spec = job.spec.shuffle!;
  const { reduce, map } = job.definition;
  const types = shuffleTypes(spec, isCustomAggregator(reduce) ? (reduce as CustomAggregator<never, never, unknown>) : undefined, wholeRecordsOf(job.spec));
  const words = typeof map === "object" && isWords(map) && !(takesBack && map.lifted) ? wordRules(map) : undefined;
  const output = openMapOutput({
    spec,
    types,
    rule: decodePartitionRule(job, order.splitters),
    partitions: order.header.partitions,
    paths: mapOutputPaths(order.folder, order.attempt),
    identity: order.attempt,
    keyTable: () => keyTable("kept"),
    kernels: scatterKernels,
    ...(words === undefined ? {} : { words }),
    budget: order.memory,
    takesBack,
    onFlush: () => monitor.step(),
  });
  return {
    emit: output.emit as (...out: unknown[]) => void,
    columns: { emitted: types.emitted, addBatch: output.addBatch, addCoded: output.addCoded, leaveMemory: output.leaveMemory, recordBytes: output.recordBytes },
    lines: types.keysOnly ? output.addBatch : undefined,
    get broken() {
      return output.broken;
    },
    ...(output.words === undefined ? {} : { words: output.words }),
    settle: output.settle,
    takeBack: output.takeBack,
    finish: () => ({ output: output.finish(), spills: output.spills }),
    abandon: () => output.abandon(),
  };
}

async function partSink({ job, order }: AttemptScope, takesBack: boolean): Promise<MapSink> {
  const part = await PartOutput.open(order.header.staging, order.attempt, job.spec.output);
  const rows: unknown[] = [];
  let broken: unknown;
  const write = (row: unknown): void => {
    try {
      part.write(row);
    } catch (error) {
      if (part.failed) broken = error;
      throw error;
    }
  };
  return {
    emit: takesBack ? (row) => void rows.push(row) : write,
    get broken() {
      return broken;
    },
    settle() {
      for (const row of rows.splice(0)) write(row);
    },
    takeBack() {
      rows.length = 0;
      return true;
    },
    finish: () => ({ output: part.finish(), spills: 0 }),
    abandon: () => part.abandon(),
  };
}
