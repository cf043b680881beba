import type { Failure } from "../model/failure.js";
import type { JobId, StageKind } from "../model/ids.js";
import type { ClusterState } from "./cluster-state.js";
import type { JobOutcome } from "./commands.js";
import { isReady, type JobState, type StageState } from "./job-state.js";

/** A snapshot of a job, for progress displays. */
export interface JobStatus {
  readonly job: JobId;
  readonly name: string;
  readonly state: "running" | "committing" | "done" | "failed" | "cancelled";
  readonly submittedAt: number;
  readonly endedAt?: number;
  /** Without a survey that nobody demanded. */
  readonly stages: readonly StageStatus[];
  readonly badRecords: number;
  /** Why nothing runs, when nothing does. */
  readonly waitingFor?: string;
  readonly failure?: Failure;
  readonly cancelReason?: string;
}

export interface StageStatus {
  readonly kind: StageKind;
  readonly tasks: number;
  readonly waiting: number;
  readonly running: number;
  readonly done: number;
  /** Backup attempts launched so far. */
  readonly backups: number;
  /** Records and bytes read, of finished tasks and running attempts. */
  readonly records: number;
  readonly bytes: number;
}

export function jobStatus(cluster: ClusterState, job: JobState, at: number, outcome?: JobOutcome): JobStatus {
  const common = { job: job.id, name: job.plan.name, submittedAt: job.submittedAt, stages: job.stages.filter((stage) => stage.inputs !== "asleep").map(stageStatus), badRecords: job.badRecords };
  if (outcome !== undefined) {
    const why = outcome.type === "failed" ? { failure: outcome.failure } : outcome.type === "cancelled" ? { cancelReason: outcome.reason } : {};
    return { ...common, ...why, state: outcome.type, endedAt: at };
  }
  if (job.phase.state === "committing") return { ...common, state: "committing", waitingFor: "the parts are being published" };
  const waitingFor = waitReason(cluster, job);
  return waitingFor === undefined ? { ...common, state: "running" } : { ...common, state: "running", waitingFor };
}

function waitReason(cluster: ClusterState, job: JobState): string | undefined {
  if (job.runningAttempts > 0) return undefined;
  const asked = job.stages.find((stage) => stage.inputs === "asked");
  if (asked !== undefined) return `the results of stage ${asked.kind} are being put together`;
  if (cluster.workers.size === 0) return "no workers: start one, or wait for lost ones to come back";
  const live = [...cluster.workers.values()].filter((worker) => worker.mode === "live" && worker.slots > 0);
  if (live.length === 0) return "no workers that take tasks: all are draining or have no slots";
  if (live.every((worker) => worker.running.length >= worker.slots)) return "all slots are busy with other jobs";
  const stage = job.stages.find((candidate) => candidate.count.waiting > 0 && isReady(candidate));
  return stage === undefined ? undefined : `${stage.count.waiting} tasks of stage ${stage.kind} wait for another node than the one that failed them`;
}

function stageStatus({ kind, tasks, count, backups, records, bytes }: StageState): StageStatus {
  return { kind, tasks: tasks.length, ...count, backups, records, bytes };
}
