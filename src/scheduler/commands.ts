import type { Failure } from "../model/failure.js";
import type { AttemptId, JobId, WorkerId } from "../model/ids.js";
import type { AttemptStats, StageInputs, TaskResult, TaskWork } from "../model/task.js";

/** What the scheduler asks of the coordinator, in order. */
export type SchedulerCommand =
  | { readonly type: "launch-attempt"; readonly attempt: AttemptId; readonly worker: WorkerId; readonly work: TaskWork; readonly inputs: StageInputs; readonly sources: readonly MapSource[] }
  /** The worker may forget the attempt: it lost, or its job ended. Its files are swept. */
  | { readonly type: "cancel-attempt"; readonly attempt: AttemptId; readonly worker: WorkerId; readonly reason: string }
  /** All tasks of the stage are done; turn their results into inputs of later stages. */
  | { readonly type: "resolve-stage-inputs"; readonly job: JobId; readonly results: readonly TaskResult[]; readonly stage: "survey" | "sample" }
  /** All tasks are done: publish the parts of these attempts, and no others. */
  | { readonly type: "commit-job"; readonly job: JobId; readonly committed: readonly CommittedAttempt[] }
  | { readonly type: "finish-job"; readonly job: JobId; readonly outcome: JobOutcome }
  /** Replaces the timer set before; the scheduler wants `timer-fired` no earlier than `at`. */
  | { readonly type: "set-timer"; readonly at: number };

/** Where a reduce finds the output of map task i: sources[i]. */
export interface MapSource {
  readonly attempt: AttemptId;
  readonly worker: WorkerId;
  /** It emitted nothing: there is nothing to read. */
  readonly empty: boolean;
}

export interface CommittedAttempt {
  readonly attempt: AttemptId;
  readonly worker: WorkerId;
  readonly result: TaskResult;
  readonly stats: AttemptStats;
}

export type JobOutcome =
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly failure: Failure }
  | { readonly type: "cancelled"; readonly reason: string };
