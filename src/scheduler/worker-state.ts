import type { WorkerId } from "../model/ids.js";
import type { JobState, RunningAttempt } from "./job-state.js";
import type { NodeState } from "./node-state.js";
import type { Place } from "./recency-list.js";

/**
 * A worker as the scheduler sees it:  live -> draining -> lost,  or straight to lost. A lost worker that
 * comes back joins as a new one; its old attempts and map outputs stay lost.
 */
export interface WorkerState {
  readonly id: WorkerId;
  readonly node: NodeState;
  slots: number;
  mode: "live" | "draining" | "lost";
  heardAt: number;
  placeByHeartbeat: Place<WorkerState> | undefined;
  /** As many as slots, or some more when they are short: few enough to search. */
  readonly running: RunningAttempt[];
  /** Stands in the queue of free workers. */
  queued: boolean;
}

export function newWorker(id: WorkerId, node: NodeState, slots: number, at: number): WorkerState {
  return { id, node, slots, mode: "live", heardAt: at, placeByHeartbeat: undefined, running: [], queued: false };
}

/** Attempts of one job on a worker share an executor. */
export function countRunning(worker: WorkerState, job: JobState): number {
  let count = 0;
  for (const attempt of worker.running) if (attempt.task.stage.job === job) count++;
  return count;
}

/**
 * Those that have a thread, as far as can be told from here: the executor of a job has one for each slot and begins attempts in the
 * order in which they were launched. The others wait behind them (see run-ahead.ts), and what happens there is not their doing.
 */
export function begunOn(worker: WorkerState): ReadonlySet<RunningAttempt> {
  const perJob = new Map<JobState, number>();
  const begun = new Set<RunningAttempt>();
  for (const attempt of worker.running) {
    const { job } = attempt.task.stage;
    const before = perJob.get(job) ?? 0;
    perJob.set(job, before + 1);
    if (before < worker.slots || attempt.records > 0 || attempt.bytes > 0) begun.add(attempt);
  }
  return begun;
}

export function hasFreeSlot(worker: WorkerState): boolean {
  return worker.mode === "live" && worker.running.length < worker.slots;
}
