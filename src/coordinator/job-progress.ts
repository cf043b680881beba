import type { JobProgress, StageStatus } from "../protocol/messages.js";
import type { JobStatus } from "../scheduler/status.js";
import type { CoordinatedJob } from "./coordinated-job.js";

/** What clients are told of a running job. */
export function jobProgress({ stageBytes }: CoordinatedJob, { job, stages, waitingFor }: JobStatus): JobProgress {
  return {
    type: "job-progressed",
    job,
    stages: stages.map((stage): StageStatus => {
      const { kind, tasks, running, done, records, bytes } = stage;
      return { kind, tasks, running, done, records, bytes, totalBytes: stageBytes.get(kind) ?? 0 };
    }),
    ...(waitingFor === undefined ? {} : { waiting: waitingFor }),
  };
}
