/**
 * Short tasks run ahead of slots: a worker holds some more attempts of them than it has slots, and starts the
 * next as soon as one ends, without a word with the coordinator between. What waits there is worth a fraction
 * of a second for each slot, so it matters neither to the order of jobs nor when the worker is lost.
 */
import { launch } from "./attempts.js";
import type { ClusterState, Turn } from "./cluster-state.js";
import type { StageState } from "./job-state.js";
import { chooseShort } from "./placement.js";
import { countRunning, type WorkerState } from "./worker-state.js";

/** Milliseconds of work that may wait for each slot. */
const AHEAD_MILLIS = 25;
/** One attempt may wait where they take no longer: an attempt holds its slot until its part is durable, but its thread is free before. */
const ONE_AHEAD_MILLIS = 200;
/** The same where there is no other worker that could run it sooner. */
const ONE_AHEAD_ALONE_MILLIS = 2000;
/** What a task costs whose thread is done with it at once. */
const LEAST_MILLIS = 0.15;
/** For each slot of a worker that has few: messages and tasks for threads hold the more, and so are the fewer. */
export const MOST_AHEAD = 128;
/** On a worker with more slots, as long as that gives each of them `FEW_AHEAD`: a report is looked up among all that run there. */
const MOST_AHEAD_OF_WORKER = 256;
const FEW_AHEAD = 32;
/** Of the latest task in the average of its stage. */
const WEIGHT = 0.1;

/** Fills up the workers where attempts ended in this turn. Those that have room for many get them together. */
export function placeAhead(turn: Turn): void {
  for (const worker of turn.released) {
    for (let stage = fill(turn, worker, 2); stage !== undefined; stage = fill(turn, worker, 1)) continue;
  }
}

/** Launches one task when the worker has less than its share, divided by `part`; gives the task's stage. */
function fill(turn: Turn, worker: WorkerState, part: number): StageState | undefined {
  if (!takesMore(turn.cluster, worker)) return undefined;
  const task = chooseShort(turn, worker, (stage) => worker.running.length < worker.slots * (1 + attemptsAhead(stage, worker, turn.cluster) / part) && runsNoOther(worker, stage));
  if (task === undefined) return undefined;
  launch(turn, task, worker);
  return task.stage;
}

function takesMore(cluster: ClusterState, worker: WorkerState): boolean {
  return worker.mode === "live" && worker.running.length >= worker.slots && (cluster.healthy.has(worker) || cluster.healthy.size === 0);
}

/** Each job has an executor of its own there: an attempt that waits behind those of another job would begin at once, beside them. */
function runsNoOther(worker: WorkerState, { job }: StageState): boolean {
  return countRunning(worker, job) === worker.running.length;
}

/** Attempts of the stage that may wait for each slot. */
function attemptsAhead({ taskMillis }: StageState, { slots }: WorkerState, { workers }: ClusterState): number {
  if (taskMillis === undefined || taskMillis > (workers.size > 1 ? ONE_AHEAD_MILLIS : ONE_AHEAD_ALONE_MILLIS)) return 0;
  const most = Math.min(MOST_AHEAD, Math.max(FEW_AHEAD, Math.floor(MOST_AHEAD_OF_WORKER / slots)));
  return Math.min(most, Math.max(1, Math.floor(AHEAD_MILLIS / Math.max(taskMillis, LEAST_MILLIS))));
}

export function learnTaskMillis(stage: StageState, millis: number): void {
  stage.taskMillis = stage.taskMillis === undefined ? millis : stage.taskMillis * (1 - WEIGHT) + millis * WEIGHT;
}
