/**
 * Submits a described job to a coordinator over a transport and follows it to its end: the part that a local
 * run and a submission to a cluster share. Updates come as publications, which may be lost, and so are asked for as well.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CancelledError, ClusterError, JobFailedError } from "../errors.js";
import type { Manifest } from "../model/manifest.js";
import type { JobProgress, SubmitJob } from "../protocol/messages.js";
import { SUCCESS } from "../storage/layout.js";
import { NoReplyError } from "../transport/transport.js";
import { ask, refusal, type Connection } from "./coordinator-client.js";
import { JobFollower, type JobEnd } from "./job-follower.js";
import { manifestOf } from "./manifest-of.js";

export interface SubmissionHooks {
  /** Cancels the job. */
  readonly cancel: AbortSignal;
  /** Stops following it. */
  readonly detach?: AbortSignal;
  onAccepted?(): void;
  onProgress(progress: JobProgress): void;
  onOutput(text: string): void;
}

/** Admission lists inputs, which may take longer: then the same submission is sent again. */
const SUBMIT_TIMEOUT = 10_000;
const RETRY_PAUSE = 500;

/** Submits, and resolves when the output is committed. */
export async function submitJob(connection: Connection, submission: SubmitJob, hooks: SubmissionHooks): Promise<Manifest> {
  const { job, output } = submission;
  const follower = new JobFollower(connection, job, hooks);
  try {
    await sendSubmission(connection, submission, hooks);
    hooks.onAccepted?.();
    const end = await follower.end();
    return await outcome(end, output.path, () => manifestOf(submission, follower.latest));
  } finally {
    follower.close();
  }
}

/** Until it is answered. To send it again is harmless: it carries its id. */
async function sendSubmission(connection: Connection, submission: SubmitJob, { cancel, detach, onProgress }: SubmissionHooks): Promise<void> {
  for (;;) {
    try {
      const reply = await ask(connection, submission, SUBMIT_TIMEOUT);
      if (reply.type === "refused") throw refusal(reply);
      return;
    } catch (error) {
      if (!(error instanceof NoReplyError)) throw error;
      // Whether it arrived is not known; if it did, the job must not go on.
      if (cancel.aborted) {
        await ask(connection, { type: "cancel-job", job: submission.job, reason: String(cancel.reason) }).catch(() => {});
        throw new CancelledError(String(cancel.reason));
      }
      if (detach?.aborted === true) throw new ClusterError(`No coordinator has answered the submission of ${submission.job}`);
      onProgress({ type: "job-progressed", job: submission.job, stages: [], waiting: "waiting for the coordinator's answer" });
      await sleep(RETRY_PAUSE);
    }
  }
}

async function outcome(end: JobEnd, output: string, summary: () => Manifest): Promise<Manifest> {
  switch (end.type) {
    case "job-failed":
      throw new JobFailedError(end.failure.message, end.failure);
    case "job-cancelled":
      throw new CancelledError(end.reason);
    case "job-done":
      return readFile(join(output, SUCCESS), "utf8").then(
        (text) => JSON.parse(text) as Manifest,
        // Written where the workers are, not here.
        () => (end.manifest === undefined ? summary() : (JSON.parse(end.manifest) as Manifest)),
      );
  }
}
