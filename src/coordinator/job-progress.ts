import type { Stage } from "../plan/plan.js";
import type { JobProgress, StageStatus } from "../protocol/messages.js";
import type { JobStatus } from "../scheduler/status.js";
import type { CoordinatedJob } from "./coordinated-job.js";

/** What clients are told of a running job. */
export function jobProgress({ plan }: CoordinatedJob, { job, stages, waitingFor }: JobStatus): JobProgress {
  return {
    type: "job-progressed",
    job,
    stages: stages.map((stage, i): StageStatus => {
      const { kind, tasks, running, done, records, bytes } = stage;
      return { kind, tasks, running, done, records, bytes, totalBytes: inputBytes(plan.stages[i]) };
    }),
    ...(waitingFor === undefined ? {} : { waiting: waitingFor }),
  };
}

/** Bytes that the tasks of a stage read of the input; 0 for reduces, whose input shows only later. */
function inputBytes(stage: Stage | undefined): number {
  let bytes = 0;
  for (const task of stage?.tasks ?? []) {
    if (task.type === "reduce") return 0;
    const { file, start, end } = task.split;
    bytes += file.batchBytes === undefined ? end - start : file.batchBytes.slice(start, end).reduce((sum, size) => sum + size, 0);
  }
  return bytes;
}
