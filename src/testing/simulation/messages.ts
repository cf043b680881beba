import type { Failure } from "../../model/failure.js";
import type { AttemptId, NodeId, WorkerId } from "../../model/ids.js";
import type { AttemptStats, Progress, TaskResult } from "../../model/task.js";
import type { SchedulerCommand } from "../../scheduler/commands.js";

/**
 * The worker protocol of the simulation: as the real one, each side repeats a message until it is acknowledged.
 * `epoch` is the coordinator's that speaks, or that the worker believes in; a worker heeds the highest it has heard of.
 */
export type ToWorker = { readonly epoch: number } & (
  | { readonly type: "launch"; readonly launch: Extract<SchedulerCommand, { type: "launch-attempt" }> }
  | { readonly type: "cancel"; readonly attempt: AttemptId }
  | { readonly type: "report-taken"; readonly attempt: AttemptId }
  | { readonly type: "joined"; readonly session: number }
  /** Another coordinator is in charge: join it, with all that runs. */
  | { readonly type: "epoch-over" }
  /** The coordinator takes the worker for lost: it must drop everything and join again. */
  | { readonly type: "join-again"; readonly session: number }
);

export type ToCoordinator = { readonly epoch: number; readonly worker: WorkerId } & (
  /** Sessions count how often a worker dropped what it had, so that an answer to an earlier one is known as such. */
  | { readonly type: "join"; readonly node: NodeId; readonly slots: number; readonly session: number }
  | { readonly type: "heartbeat"; readonly session: number }
  | { readonly type: "draining" }
  | { readonly type: "left" }
  | { readonly type: "launch-taken"; readonly attempt: AttemptId }
  | { readonly type: "cancel-taken"; readonly attempt: AttemptId }
  | { readonly type: "progress"; readonly attempt: AttemptId; readonly progress: Progress }
  | { readonly type: "report"; readonly attempt: AttemptId; readonly report: Report }
);

export type Report = { readonly type: "finished"; readonly result: TaskResult; readonly stats: AttemptStats } | { readonly type: "failed"; readonly failure: Failure };
