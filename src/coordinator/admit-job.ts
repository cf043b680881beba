/**
 * What happens before a submitted job may start: its inputs are listed, its output folder is claimed, and its
 * plan is made. Everything a user can get wrong here is refused before any work.
 */
import { arrowBatchBytes } from "../formats/arrow-batches.js";
import type { InputSpec } from "../model/job-spec.js";
import type { InputFile } from "../model/split.js";
import type { Plan } from "../plan/plan.js";
import { planJob } from "../plan/plan-job.js";
import type { SubmitJob } from "../protocol/messages.js";
import { listInputs } from "../storage/list-inputs.js";
import { prepareOutput } from "../storage/output-committer.js";
import type { AdmittedJob } from "./journal-entry.js";

export interface Admission {
  readonly admitted: AdmittedJob;
  readonly plan: Plan;
}

/** `keptBy` names what remembers the job when this process is gone. Rejects with InputError or OutputError. */
export async function admitJob(submission: SubmitJob, now: Date, keptBy?: string): Promise<Admission> {
  const { job, spec, bundle, planHash, folder, splitBytes } = submission;
  const inputs = await listFiles(spec.input, folder);
  const sides: Record<string, InputFile[]> = {};
  for (const [name, side] of Object.entries(spec.sides)) sides[name] = await listFiles(side, folder);
  const plan = planJob({ job, spec, bundle, planHash, files: inputs, ...(splitBytes === undefined ? {} : { splitSize: splitBytes }) });
  const output = await prepareOutput(submission.output.path, { overwrite: submission.output.overwrite, job, ...(keptBy === undefined ? {} : { keptBy }) });
  return { admitted: { submission, inputs, sides, output, startedAt: now.toISOString() }, plan };
}

/** The files of an input, with the batches of Arrow files, which are what their splits are made of. */
export async function listFiles(spec: InputSpec, folder: string): Promise<InputFile[]> {
  const files = await listInputs(spec.paths, { cwd: folder });
  if (spec.format !== "arrow") return files;
  const listed: InputFile[] = [];
  for (const file of files) listed.push({ ...file, batchBytes: await arrowBatchBytes(file.path) });
  return listed;
}
