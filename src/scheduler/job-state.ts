/**
 * What the scheduler knows of a job. A stage is a row of tasks; a task is
 *
 *     waiting -> running (one attempt, or two when one is a backup) -> done
 *
 * and a map goes back from done to waiting when its output is lost while a reduce still needs it.
 * A million tasks must fit in memory, so what only few tasks need stands in `trouble`.
 */
import type { AttemptId, JobId, StageKind } from "../model/ids.js";
import type { AttemptStats, StageInputs, TaskResult, TaskWork } from "../model/task.js";
import type { Plan } from "../plan/plan.js";
import type { MapSource } from "./commands.js";
import type { DurationHistogram } from "./duration-histogram.js";
import type { JobLimits } from "./events.js";
import type { Fifo } from "./fifo.js";
import type { Place, RecencyList } from "./recency-list.js";
import type { Trouble } from "./trouble.js";
import type { WorkerState } from "./worker-state.js";

export interface JobState {
  readonly id: JobId;
  readonly plan: Plan;
  readonly priority: number;
  readonly limits: JobLimits;
  readonly submittedAt: number;
  readonly stages: readonly StageState[];
  phase: JobPhase;
  inputs: StageInputs;
  /** Attempts running now: what fair shares are counted in. */
  runningAttempts: number;
  /** Running attempts by their last progress. */
  readonly byProgress: RecencyList<RunningAttempt>;
  /** Map tasks by the worker that holds their output; entries may be out of date, the task's state decides. */
  readonly outputs: Map<WorkerState, Task[]>;
  /** Workers kept free of the job's other tasks, for a suspect; see isolation.ts. */
  readonly isolations: Map<WorkerState, Isolation>;
  /** Where reduces find map outputs. Built when all maps are done, dropped when one is lost. */
  sources: readonly MapSource[] | undefined;
  /** Of committed map attempts. */
  badRecords: number;
  recordsRead: number;
}

export type JobPhase = { readonly state: "running" } | { readonly state: "committing" } | { readonly state: "ended" };

export type Isolation = { readonly state: "emptying" } | { readonly state: "occupied"; readonly by: RunningAttempt };

export interface StageState {
  readonly kind: StageKind;
  readonly job: JobState;
  readonly after: readonly StageState[];
  readonly tasks: readonly Task[];
  readonly count: { waiting: number; running: number; done: number };
  /** Whether finished surveys or samples were turned into inputs of later stages; maps and reduces need none. A survey sleeps until it is demanded. */
  inputs: "asleep" | "not-needed" | "not-asked" | "asked" | "answered";
  /** Tasks from here on have never been launched. */
  firstFresh: number;
  /** Waiting tasks that ran before. */
  readonly again: Fifo<Task>;
  /** Waiting tasks that must run alone in their executor. */
  readonly suspects: Fifo<Task>;
  /** Running attempts that may get a backup, by launch. */
  readonly byLaunch: RecencyList<RunningAttempt>;
  readonly durations: DurationHistogram;
  /** What an attempt takes on its thread, on average and the latest ones above all; unknown at first. */
  taskMillis: number | undefined;
  backups: number;
  /** Of committed and running attempts. */
  records: number;
  bytes: number;
}

export interface Task {
  readonly stage: StageState;
  readonly index: number;
  state: TaskState;
  nextAttempt: number;
  /** Absent while nothing has gone wrong. */
  trouble: Trouble | undefined;
}

export type TaskState =
  | { readonly state: "waiting" }
  | { readonly state: "running"; readonly attempts: readonly RunningAttempt[] }
  | Committed;

/** Shared by all waiting tasks. */
export const WAITING: TaskState = { state: "waiting" };

export interface RunningAttempt {
  readonly id: AttemptId;
  readonly task: Task;
  readonly number: number;
  readonly worker: WorkerState;
  readonly launchedAt: number;
  readonly backup: boolean;
  /** What a reduce was told to read. */
  readonly sources: readonly MapSource[];
  progressAt: number;
  records: number;
  bytes: number;
  steps: number;
  /** Its executor died with other tasks in it; its own report of that death is still to come. */
  diedInCompany: boolean;
  placeByProgress: Place<RunningAttempt> | undefined;
  placeByLaunch: Place<RunningAttempt> | undefined;
}

/** Done, by the one attempt whose result counts. */
export interface Committed {
  readonly state: "done";
  readonly number: number;
  readonly worker: WorkerState;
  readonly launchedAt: number;
  readonly finishedAt: number;
  readonly result: TaskResult;
  readonly stats: AttemptStats;
}

export function workOf(task: Task): TaskWork {
  const stage = task.stage.job.plan.stages.find((candidate) => candidate.kind === task.stage.kind);
  const work = stage?.tasks[task.index];
  if (work === undefined) throw new Error(`Task ${task.index} of stage ${task.stage.kind} is not in the plan of ${task.stage.job.id}`);
  return work;
}

export function setTaskState(task: Task, state: TaskState): void {
  task.stage.count[task.state.state]--;
  task.stage.count[state.state]++;
  task.state = state;
}

/** Enters a task that waits again in the queue that fits. */
export function requeue(task: Task): void {
  (task.trouble?.suspect === true ? task.stage.suspects : task.stage.again).push(task);
}

export function isComplete(stage: StageState): boolean {
  return stage.count.done === stage.tasks.length;
}

/** All that the stage waits for is there. A lost map output takes a reduce stage back to not ready, a survey those behind it. */
export function isReady(stage: StageState): boolean {
  return stage.inputs !== "asleep" && stage.after.every((before) => before.inputs === "asleep" || (isComplete(before) && (before.inputs === "not-needed" || before.inputs === "answered")));
}

export function stageOf(job: JobState, kind: StageKind): StageState | undefined {
  return job.stages.find((stage) => stage.kind === kind);
}

/** The stage whose tasks write the output. */
export function lastStage(job: JobState): StageState {
  const last = job.stages.at(-1);
  if (last === undefined) throw new Error(`The plan of ${job.id} has no stages`);
  return last;
}
