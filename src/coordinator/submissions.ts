/** Takes submissions. Each carries an id that its client chose: the same submission again, at any time, is the same job. */
import { MillraceError } from "../errors.js";
import type { JobId } from "../model/ids.js";
import type { CoordinatorReply, JobUpdate, SubmitJob } from "../protocol/messages.js";
import { VERSION } from "../version.js";
import { admitJob } from "./admit-job.js";
import { withManifest } from "./answer-question.js";
import { coordinatedJob } from "./coordinated-job.js";
import type { CoordinatorState } from "./coordinator-state.js";
import type { JournalEntry } from "./journal-entry.js";
import type { CoordinatorMemory } from "./memory.js";
import type { Recorder } from "./recorder.js";
import { submissionDigest } from "./submission-digest.js";

export interface SubmissionsOptions {
  readonly state: CoordinatorState;
  readonly memory: CoordinatorMemory;
  readonly recorder: Recorder;
  readonly date: () => Date;
  /** Starts an admitted job, at the time of the call; resolves when that is durable. */
  readonly start: (entry: Extract<JournalEntry, { type: "job-admitted" }>) => Promise<void>;
  readonly publish: (job: JobId, update: JobUpdate) => void;
}

export class Submissions {
  readonly #options: SubmissionsOptions;
  /** Those that are being admitted. */
  readonly #admissions = new Map<JobId, { readonly digest: string; readonly reply: Promise<CoordinatorReply> }>();

  constructor(options: SubmissionsOptions) {
    this.#options = options;
  }

  get areUnderWay(): boolean {
    return this.#admissions.size > 0;
  }

  async answer(submission: SubmitJob): Promise<CoordinatorReply> {
    const { job, version } = submission;
    const { state, publish } = this.#options;
    if (version !== VERSION) return { type: "refused", code: "USAGE", message: `This is millrace ${version}, the coordinator's is ${VERSION}. Run the same version on all machines` };
    const digest = submissionDigest(submission);
    const admission = this.#admissions.get(job);
    const over = state.ended.get(job);
    const known = admission?.digest ?? state.jobs.get(job)?.digest ?? over?.digest;
    if (known !== undefined && known !== digest) {
      return { type: "refused", code: "USAGE", message: `Job ${job} was submitted before with other code, inputs or options. Submit this one under another id` };
    }
    if (admission !== undefined) return admission.reply;
    // Its client may have missed the end.
    if (over !== undefined) void withManifest(over).then((latest) => publish(job, latest));
    if (known !== undefined) return { type: "accepted" };
    const reply = this.#admit(submission).finally(() => this.#admissions.delete(job));
    this.#admissions.set(job, { digest, reply });
    return reply;
  }

  async #admit(submission: SubmitJob): Promise<CoordinatorReply> {
    const { state, memory, recorder, date, start } = this.#options;
    const { job, priority, limits, output } = submission;
    try {
      await memory.bundles?.keep(job, submission.bundle);
      await recorder.record({ type: "job-claims", job, path: output.path }, () => {});
      const { admitted, plan } = await admitJob(submission, date(), memory.keptBy);
      state.admit(coordinatedJob(admitted, plan, memory.tokenOf(job)));
      await start({ type: "job-admitted", event: { type: "job-submitted", at: 0, plan, priority, limits }, job: admitted });
      return { type: "accepted" };
    } catch (error) {
      memory.bundles?.release(job);
      recorder.note({ type: "job-cleaned", job });
      if (error instanceof MillraceError) return { type: "refused", code: error.code, message: error.message };
      return { type: "refused", code: "INTERNAL", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  }
}
