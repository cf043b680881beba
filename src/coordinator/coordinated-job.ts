import type { InputFile } from "../model/split.js";
import type { StageInputs } from "../model/task.js";
import type { Plan } from "../plan/plan.js";
import type { JobHeader, SubmitJob } from "../protocol/messages.js";
import type { StagedOutput } from "../storage/output-committer.js";

/** What the coordinator keeps of a job beside the scheduler's state. */
export interface CoordinatedJob {
  readonly submission: SubmitJob;
  readonly plan: Plan;
  readonly header: JobHeader;
  readonly inputs: readonly InputFile[];
  readonly output: StagedOutput;
  readonly startedAt: Date;
  stageInputs: StageInputs;
  /** No more updates follow. */
  over: boolean;
}
