import type { Failure } from "../model/failure.js";
import type { AttemptId, JobId, NodeId, WorkerId } from "../model/ids.js";
import type { AttemptStats, Progress, StageInputs, TaskResult } from "../model/task.js";
import type { Plan } from "../plan/plan.js";

/** What the scheduler is told. Every event carries its time (`at`, monotonic milliseconds): the scheduler has no clock. */
export type SchedulerEvent = { readonly at: number } & (
  | { readonly type: "job-submitted"; readonly plan: Plan; readonly priority: number; readonly limits: JobLimits }
  /** Answers a `resolve-stage-inputs` command: what finished surveys mean for the stages behind them. */
  | { readonly type: "stage-inputs-resolved"; readonly job: JobId; readonly inputs: StageInputs }
  | { readonly type: "job-cancelled"; readonly job: JobId; readonly reason: string }
  /** Answers `commit-job`. */
  | { readonly type: "job-committed"; readonly job: JobId }
  | { readonly type: "commit-failed"; readonly job: JobId; readonly failure: Failure }
  | { readonly type: "worker-joined"; readonly worker: WorkerId; readonly node: NodeId; readonly slots: number }
  | { readonly type: "worker-heartbeat"; readonly worker: WorkerId }
  /** Takes no new tasks, but its map outputs stay readable. */
  | { readonly type: "worker-draining"; readonly worker: WorkerId }
  | { readonly type: "worker-lost"; readonly worker: WorkerId; readonly reason: string }
  | { readonly type: "attempt-progressed"; readonly attempt: AttemptId; readonly worker: WorkerId; readonly progress: Progress }
  | { readonly type: "attempt-finished"; readonly attempt: AttemptId; readonly worker: WorkerId; readonly result: TaskResult; readonly stats: AttemptStats }
  | { readonly type: "attempt-failed"; readonly attempt: AttemptId; readonly worker: WorkerId; readonly failure: Failure }
  /**
   * The first event after a restart: what went by unheard meanwhile is held against nobody. `cut` says that the
   * journal may have lost its end, and with it launches whose attempt numbers must not be given again.
   */
  | { readonly type: "coordinator-restarted"; readonly cut: boolean }
  /** A timer that `set-timer` asked for has run out; `Scheduler.timerFired` makes it. */
  | { readonly type: "timer-fired"; readonly overdue: Overdue }
);

/** What gave no sign of life in time, and for how many milliseconds it was silent. */
export interface Overdue {
  readonly workers: readonly { readonly worker: WorkerId; readonly millis: number }[];
  readonly attempts: readonly { readonly attempt: AttemptId; readonly worker: WorkerId; readonly millis: number }[];
}

export interface JobLimits {
  /** Failed attempts of one task before the job fails. Default 4. */
  readonly attempts: number;
  /** Executor or worker deaths with one task running before it counts as poisonous. Default 3. */
  readonly deaths: number;
  /** Milliseconds without progress before an attempt is stopped. Default 600,000. */
  readonly taskTimeout: number;
  /** Whether stragglers near the end of a stage get a backup attempt. Default true. */
  readonly speculation?: boolean;
}
