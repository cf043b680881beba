import type { JobSummary } from "../protocol/messages.js";
import type { JobOutcome } from "../scheduler/commands.js";
import type { JobStatus } from "../scheduler/status.js";
import type { CoordinatedJob } from "./coordinated-job.js";
import { outcomeUpdate, type EndedJob } from "./ended-jobs.js";

export function jobSummary({ plan, startedAt }: CoordinatedJob, { state, stages }: JobStatus): JobSummary {
  return {
    job: plan.job,
    name: plan.name,
    state,
    submittedAt: startedAt.toISOString(),
    tasks: stages.reduce((sum, stage) => sum + stage.tasks, 0),
    done: stages.reduce((sum, stage) => sum + stage.done, 0),
  };
}

export function endedJob(job: CoordinatedJob, status: JobStatus, outcome: JobOutcome): EndedJob {
  return { summary: jobSummary(job, status), output: job.output.path, latest: outcomeUpdate(job.plan.job, outcome), digest: job.digest };
}
