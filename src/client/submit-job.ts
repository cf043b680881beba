/**
 * Submits a described job to a coordinator over a transport and follows it to its end: the part that a local
 * run and a submission to a cluster share.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CancelledError, InputError, InvalidJobError, JobFailedError, OutputError, UsageError } from "../errors.js";
import type { Manifest } from "../model/manifest.js";
import { decode, encode } from "../protocol/codec.js";
import { coordinatorReply, jobUpdate, type ClientRequest, type CoordinatorReply, type JobProgress, type JobUpdate, type SubmitJob } from "../protocol/messages.js";
import type { Subjects } from "../protocol/subjects.js";
import { SUCCESS } from "../storage/layout.js";
import type { Transport } from "../transport/transport.js";

type JobEnd = Exclude<JobUpdate, { type: "job-progressed" | "job-warned" }>;

const REPLY_TIMEOUT = 600_000;

export interface Connection {
  readonly transport: Transport;
  readonly subjects: Subjects;
}

/** Submits, and resolves when the output is committed. `signal` cancels the job. */
export async function submitJob({ transport, subjects }: Connection, submission: SubmitJob, signal: AbortSignal, onProgress: (progress: JobProgress) => void): Promise<Manifest> {
  const request = async (message: ClientRequest): Promise<CoordinatorReply> => decode(coordinatorReply, await transport.request(subjects.requests, encode(message), REPLY_TIMEOUT));
  let resolveEnd: (update: JobEnd) => void;
  const ended = new Promise<JobEnd>((resolve) => (resolveEnd = resolve));
  const updates = transport.subscribe(subjects.job(submission.job), (payload) => {
    const update = decode(jobUpdate, payload);
    if (update.type === "job-progressed") onProgress(update);
    else if (update.type !== "job-warned") resolveEnd(update);
  });
  const cancel = (): void => void request({ type: "cancel-job", job: submission.job, reason: String(signal.reason) }).catch(() => {});
  try {
    const reply = await request(submission);
    if (reply.type === "refused") throw refusal(reply);
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel, { once: true });
    const update = await ended;
    switch (update.type) {
      case "job-failed":
        throw new JobFailedError(update.failure.message, update.failure);
      case "job-cancelled":
        throw new CancelledError(update.reason);
      case "job-done":
        return JSON.parse(await readFile(join(submission.output.path, SUCCESS), "utf8")) as Manifest;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    updates.close();
  }
}

function refusal({ code, message }: Extract<CoordinatorReply, { type: "refused" }>): Error {
  switch (code) {
    case "USAGE":
      return new UsageError(message);
    case "INVALID_JOB":
      return new InvalidJobError(message);
    case "INVALID_INPUT":
      return new InputError(message);
    case "INVALID_OUTPUT":
      return new OutputError(message);
    default:
      return new Error(message);
  }
}
