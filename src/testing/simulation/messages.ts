import type { Failure } from "../../model/failure.js";
import type { AttemptId, WorkerId } from "../../model/ids.js";
import type { AttemptStats, Progress, TaskResult } from "../../model/task.js";
import type { SchedulerCommand } from "../../scheduler/commands.js";

/** The worker protocol of the simulation: as the real one, each side repeats a message until it is acknowledged. */
export type ToWorker =
  | { readonly type: "launch"; readonly launch: Extract<SchedulerCommand, { type: "launch-attempt" }> }
  | { readonly type: "cancel"; readonly attempt: AttemptId }
  | { readonly type: "report-taken"; readonly attempt: AttemptId }
  | { readonly type: "joined"; readonly session: number }
  /** The coordinator takes the worker for lost: it must drop everything and join again. */
  | { readonly type: "join-again"; readonly session: number };

export type ToCoordinator =
  /** Sessions count the joins of a worker, so that an answer to an earlier one is known as such. */
  | { readonly type: "join"; readonly worker: WorkerId; readonly slots: number; readonly session: number }
  | { readonly type: "heartbeat"; readonly worker: WorkerId; readonly session: number }
  | { readonly type: "draining"; readonly worker: WorkerId }
  | { readonly type: "launch-taken"; readonly worker: WorkerId; readonly attempt: AttemptId }
  | { readonly type: "cancel-taken"; readonly worker: WorkerId; readonly attempt: AttemptId }
  | { readonly type: "progress"; readonly worker: WorkerId; readonly attempt: AttemptId; readonly progress: Progress }
  | { readonly type: "report"; readonly worker: WorkerId; readonly attempt: AttemptId; readonly report: Report };

export type Report = { readonly type: "finished"; readonly result: TaskResult; readonly stats: AttemptStats } | { readonly type: "failed"; readonly failure: Failure };
