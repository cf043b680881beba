import type { ClientRequest, CoordinatorReply, JobUpdate } from "../protocol/messages.js";
import { readManifest } from "../storage/output-committer.js";
import type { CoordinatorState } from "./coordinator-state.js";
import type { EndedJob } from "./ended-jobs.js";
import type { JobLogs } from "./job-logs.js";
import { jobProgress } from "./job-progress.js";
import { jobSummary } from "./job-summary.js";

type Question = Extract<ClientRequest, { type: "list-jobs" | "ask-job" | "read-log" }>;

/** Most jobs of one answer: it must fit in a message. */
const MOST_LISTED = 1_000;
const MOST_MANIFEST = 256 << 10;

export async function answerQuestion(state: CoordinatorState, logs: JobLogs, question: Question): Promise<CoordinatorReply> {
  if (question.type === "list-jobs") return { type: "jobs", jobs: state.summaries().slice(0, MOST_LISTED) };
  const { job: id } = question;
  const job = state.jobs.get(id);
  const ended = state.ended.get(id);
  if (job === undefined && ended === undefined) return { type: "refused", code: "UNKNOWN_JOB", message: `No job ${id} is known here; \`millrace jobs\` lists those that are` };
  if (question.type === "read-log") return { type: "log", ...(await logs.read(id, question.from)) };
  if (ended !== undefined) return { type: "job", summary: ended.summary, output: ended.output, latest: await withManifest(ended) };
  const status = state.scheduler.status(id);
  if (job === undefined || status === undefined) return { type: "refused", code: "UNKNOWN_JOB", message: `Job ${id} is being admitted` };
  return { type: "job", summary: jobSummary(job, status), output: job.output.path, latest: jobProgress(job, status) };
}

/** A client may not see the output folder. The manifest of a job with very many parts must be read there. */
export async function withManifest({ summary, output, latest }: EndedJob): Promise<JobUpdate> {
  if (latest.type !== "job-done") return latest;
  const manifest = await readManifest(output, summary.job);
  return manifest === undefined || manifest.length > MOST_MANIFEST ? latest : { ...latest, manifest };
}
