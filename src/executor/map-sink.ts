/**
 * Where a map's emits go: pairs to the shuffle, or rows straight to a part of the output. A sink can take
 * back what the current record emitted, for a job that passes over bad records.
 */
import type { ColumnBatch } from "../columnar/columns.js";
import type { MapOutputSummary, PartSummary } from "../model/task.js";
import { MapOutput, type ColumnSink } from "../shuffle/map-output.js";
import { mapOutputPaths } from "../storage/layout.js";
import type { AttemptScope } from "./attempt-scope.js";
import { PartOutput } from "./part-output.js";
import { decodePartitionRule } from "./partition-rule.js";
import { isWords, wordRules } from "./plain-words.js";

export interface MapSink {
  readonly emit: (...out: unknown[]) => void;
  /** Absent where only emits are taken. */
  readonly columns?: ColumnSink;
  /** Takes text instead of the words that a built-in mapper would emit of it, where it can count them at once. */
  readonly words?: { add(lines: Buffer): number } | undefined;
  /** Takes lines as keys that are their own values. */
  readonly lines?: ((batch: ColumnBatch) => void) | undefined;
  /** What went wrong on the way out, even if user code caught it. */
  readonly broken: unknown;
  /** How often it wrote before the end, for want of memory. */
  readonly spills: number;
  /** The current record is done. */
  settle(): void;
  /** Forgets what the current record emitted; false when it is too late. */
  takeBack(): boolean;
  finish(): MapOutputSummary | PartSummary;
  abandon(): void;
}

/** A promise only where there is something to wait for, as in all that each of thousands of short attempts goes through. */
export function openMapSink(scope: AttemptScope, takesBack: boolean): MapSink | Promise<MapSink> {
  return scope.job.spec.shuffle === undefined ? openPart(scope, takesBack) : openMapOutput(scope, takesBack);
}

async function openPart({ job, order }: AttemptScope, takesBack: boolean): Promise<MapSink> {
  return new PartSink(await PartOutput.open(order.header.staging, order.attempt, job.spec.output), takesBack);
}

function openMapOutput({ job, order, monitor, thread }: AttemptScope, takesBack: boolean): MapOutput {
  const { map } = job.definition;
  const words = typeof map === "object" && isWords(map) && !(takesBack && map.lifted) ? wordRules(map) : undefined;
  return new MapOutput({
    spec: job.spec.shuffle!,
    types: thread.shuffleTypes(),
    rule: decodePartitionRule(job, order.splitters),
    partitions: order.header.partitions,
    paths: () => mapOutputPaths(order.folder, order.attempt),
    identity: order.attempt,
    keyTable: () => thread.keyTable("kept"),
    kernels: thread.shuffleKernels,
    budget: order.memory,
    takesBack,
    onFlush: () => monitor.step(),
    ...(words === undefined ? {} : { words }),
  });
}

class PartSink implements MapSink {
  readonly emit: MapSink["emit"];
  readonly spills = 0;
  broken: unknown;
  readonly #part: PartOutput;
  readonly #rows: unknown[] = [];

  constructor(part: PartOutput, takesBack: boolean) {
    this.#part = part;
    this.emit = takesBack ? (row) => void this.#rows.push(row) : (row) => this.#write(row);
  }

  settle(): void {
    for (const row of this.#rows.splice(0)) this.#write(row);
  }

  takeBack(): boolean {
    this.#rows.length = 0;
    return true;
  }

  finish(): PartSummary {
    return this.#part.finish();
  }

  abandon(): void {
    this.#part.abandon();
  }

  #write(row: unknown): void {
    try {
      this.#part.write(row);
    } catch (error) {
      if (this.#part.failed) this.broken = error;
      throw error;
    }
  }
}
