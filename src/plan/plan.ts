import type { JobId, StageKind } from "../model/ids.js";
import type { BadRecordPolicy } from "../model/job-spec.js";
import type { TaskWork } from "../model/task.js";

/**
 * A plan is a job cut into stages of tasks, fixed before anything runs. Stages form a DAG; an exchange (the
 * shuffle, or a survey whose results place the next stage) stands between two of them, so every task of a
 * stage waits for all tasks of the stages in `after`. A survey is made on demand, and waited for from then on.
 */
export interface Plan {
  readonly job: JobId;
  readonly name: string;
  /** sha256 of the bundle and of the job spec: what an executor must show before it may run a task. */
  readonly bundle: string;
  readonly planHash: string;
  readonly stages: readonly Stage[];
  /** Number of reduce partitions; 0 for a map-only job. */
  readonly partitions: number;
  readonly badRecords: BadRecordPolicy;
}

export interface Stage {
  readonly kind: StageKind;
  readonly after: readonly StageKind[];
  /** Task i does tasks[i]. */
  readonly tasks: readonly TaskWork[];
}
