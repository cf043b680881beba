/**
 * Progress on stderr: on a terminal one line that is redrawn, elsewhere a plain line when a stage begins or
 * ends and every ten seconds between. What user code prints goes above the line.
 */
import type { JobProgress, StageStatus } from "../protocol/messages.js";
import { formatBytes, formatCount, formatDuration } from "./format-amount.js";

export interface ProgressDisplay {
  update(progress: JobProgress): void;
  /** Prints text of the job, unharmed by the live line. */
  print(text: string): void;
  /** Removes the live line. */
  close(): void;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const SPARSE_EVERY = 10_000;
const ERASE_LINE = "\r\x1b[K";

export function progressDisplay(stream: Stream, quiet: boolean, now: () => number): ProgressDisplay {
  if (quiet) return { update: () => {}, print: (text) => void stream.write(text), close: () => {} };
  return stream.isTTY === true ? liveDisplay(stream, now) : sparseDisplay(stream, now);
}

function liveDisplay(stream: Stream, now: () => number): ProgressDisplay {
  const clock = new StageClock(now);
  let line = "";
  const draw = (): void => void (line !== "" && stream.write(ERASE_LINE + line));
  return {
    update(progress) {
      line = describe(progress, clock).slice(0, (stream.columns || 80) - 1);
      draw();
    },
    print(text) {
      stream.write((line === "" ? "" : ERASE_LINE) + text);
      if (text.endsWith("\n")) draw();
    },
    close() {
      if (line !== "") stream.write(ERASE_LINE);
      line = "";
    },
  };
}

function sparseDisplay(stream: Stream, now: () => number): ProgressDisplay {
  const clock = new StageClock(now);
  let lastStage = "";
  let lastAt = now();
  return {
    update(progress) {
      const stage = current(progress);
      const key = `${stage?.kind} ${stage?.done === stage?.tasks} ${waitOf(progress, stage)}`;
      if (key === lastStage && now() - lastAt < SPARSE_EVERY) return;
      lastStage = key;
      lastAt = now();
      stream.write(`${describe(progress, clock)}\n`);
    },
    print: (text) => void stream.write(text),
    close: () => {},
  };
}

/** `map 5/16 tasks, 1,234,567 records (450,000/s), 120 MiB of 1.0 GiB, about 12 s left`. */
function describe(progress: JobProgress, clock: StageClock): string {
  const stage = current(progress);
  if (stage === undefined) return progress.waiting ?? "starting";
  const seconds = clock.secondsIn(stage.kind);
  const parts = [`${stage.kind} ${stage.done}/${stage.tasks} tasks`];
  if (stage.records > 0) parts.push(`${formatCount(stage.records)} records${seconds >= 1 ? ` (${formatCount(Math.round(stage.records / seconds))}/s)` : ""}`);
  if (stage.totalBytes > 0) parts.push(`${formatBytes(stage.bytes)} of ${formatBytes(stage.totalBytes)}`);
  const share = stage.totalBytes > 0 ? stage.bytes / stage.totalBytes : stage.done / Math.max(1, stage.tasks);
  if (seconds >= 2 && share > 0.02 && share < 1) parts.push(`about ${formatDuration((seconds * 1000 * (1 - share)) / share)} left`);
  const wait = waitOf(progress, stage);
  if (wait !== "") parts.push(`waiting: ${wait}`);
  return parts.join(", ");
}

/** Why nothing runs, when there is something left to run. */
function waitOf({ waiting = "" }: JobProgress, stage: StageStatus | undefined): string {
  return stage === undefined || (stage.done < stage.tasks && stage.running === 0) ? waiting : "";
}

/** The first stage that is not done, or the last. */
function current({ stages }: JobProgress): StageStatus | undefined {
  return stages.find((stage) => stage.done < stage.tasks) ?? stages.at(-1);
}

/** Time since a stage was first seen. */
class StageClock {
  readonly #now: () => number;
  readonly #since = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  secondsIn(stage: string): number {
    const since = this.#since.get(stage) ?? this.#now();
    this.#since.set(stage, since);
    return (this.#now() - since) / 1000;
  }
}
