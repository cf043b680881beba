import type { StageKind } from "../model/ids.js";
import { splitBytes, type InputFile } from "../model/split.js";
import { splitsOf } from "../model/task.js";
import type { Plan, Stage } from "../plan/plan.js";
import type { JobHeader, SubmitJob } from "../protocol/messages.js";
import type { StagedOutput } from "../storage/output-committer.js";
import type { AdmittedJob } from "./journal-entry.js";
import { submissionDigest } from "./submission-digest.js";

/** What the coordinator keeps of a job beside the scheduler's state, until the job is over. */
export interface CoordinatedJob {
  readonly submission: SubmitJob;
  readonly digest: string;
  readonly plan: Plan;
  readonly header: JobHeader;
  readonly inputs: readonly InputFile[];
  readonly output: StagedOutput;
  readonly startedAt: Date;
  /** Bytes of input that the tasks of each stage read. */
  readonly stageBytes: ReadonlyMap<StageKind, number>;
}

/** `token` lets its bearer read the job's blocks. */
export function coordinatedJob({ submission, inputs, sides, output, startedAt }: AdmittedJob, plan: Plan, token: string): CoordinatedJob {
  const { job, bundle, planHash, request, memory, maxRecordBytes } = submission;
  const header: JobHeader = {
    job,
    bundle,
    planHash,
    request,
    partitions: plan.partitions,
    memory,
    maxRecordBytes,
    staging: output.staging,
    token,
    sides: Object.fromEntries(Object.entries(sides).map(([name, files]) => [name, [...files]])),
  };
  return { submission, digest: submissionDigest(submission), plan, header, inputs: [...inputs, ...Object.values(sides).flat()], output, startedAt: new Date(startedAt), stageBytes: new Map(plan.stages.map((stage) => [stage.kind, inputBytes(stage)])) };
}

/** 0 for reduces, whose input shows only later. */
function inputBytes(stage: Stage): number {
  return stage.tasks.flatMap(splitsOf).reduce((sum, split) => sum + splitBytes(split), 0);
}
