/** How jobs end: once, with one outcome, and with nothing of them left running. */
import { stopAttempts } from "./attempts.js";
import type { Failure } from "../model/failure.js";
import type { JobOutcome } from "./commands.js";
import type { Turn } from "./cluster-state.js";
import type { JobState } from "./job-state.js";
import { jobStatus } from "./status.js";

const ENDED_KEPT = 1000;

export function failJob(turn: Turn, job: JobState, failure: Failure): void {
  endJob(turn, job, { type: "failed", failure });
}

/** Too late once the parts are being published: then the job is as good as done. */
export function cancelJob(turn: Turn, job: JobState, reason: string): void {
  if (job.phase.state === "running") endJob(turn, job, { type: "cancelled", reason });
}

export function endJob(turn: Turn, job: JobState, outcome: JobOutcome): void {
  if (job.phase.state === "ended") return;
  stopAttempts(turn, job, outcome.type === "done" ? "the job is done" : `the job ${outcome.type === "failed" ? "failed" : "was cancelled"}`);
  const { cluster, at, commands } = turn;
  cluster.ended.set(job.id, jobStatus(cluster, job, at, outcome));
  for (const oldest of cluster.ended.keys()) {
    if (cluster.ended.size <= ENDED_KEPT) break;
    cluster.ended.delete(oldest);
  }
  job.phase = { state: "ended" };
  cluster.jobs.delete(job.id);
  commands.push({ type: "finish-job", job: job.id, outcome });
}
