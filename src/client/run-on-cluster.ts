/**
 * A job on its way to a cluster and back: it is bundled and described on this machine (so that what is wrong with
 * it shows here, at once), its bundle goes to the blob store, and the submission to the coordinator.
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { cacheFolder } from "../cache-folder.js";
import { bundleJob } from "../job/bundle.js";
import type { JobId } from "../model/ids.js";
import type { Manifest } from "../model/manifest.js";
import type { SubmitJob } from "../protocol/messages.js";
import { putBlobPatiently } from "../transport/patient-blobs.js";
import { VERSION } from "../version.js";
import { executorEnvironment } from "../worker/executor-environment.js";
import { ExecutorHost } from "../worker/executor-host.js";
import { forkExecutor } from "../worker/fork-executor.js";
import { connectCluster } from "./connect.js";
import { meetCoordinator } from "./coordinator-client.js";
import { jobRequest, jobSizes } from "./job-options.js";
import { submitJob, type SubmissionHooks } from "./submit-job.js";
import type { SubmitOptions } from "./submit.js";
import { unlessAborted } from "./unless-aborted.js";

export async function runOnCluster(jobModule: string, job: JobId, options: SubmitOptions, hooks: SubmissionHooks): Promise<Manifest> {
  const connection = await connectCluster(options, `submit ${job}`);
  try {
    await unlessAborted(meetCoordinator(connection), hooks.cancel);
    const { submission, bundle } = await unlessAborted(prepare(jobModule, job, options, hooks), hooks.cancel);
    await unlessAborted(connection.transport.putBlob(submission.bundle, bundle), hooks.cancel);
    // A server that comes back may have lost what it kept.
    connection.transport.watch((event) => event.type === "reconnected" && void putBlobPatiently(connection.transport, submission.bundle, bundle).catch(() => {}));
    return await submitJob(connection, submission, hooks);
  } finally {
    await connection.transport.close();
  }
}

/** Rejects with InvalidJobError or UsageError. */
async function prepare(jobModule: string, job: JobId, options: SubmitOptions, { cancel, onOutput }: SubmissionHooks): Promise<{ submission: SubmitJob; bundle: Uint8Array }> {
  const request = jobRequest(options);
  const sizes = jobSizes(options);
  const environment = executorEnvironment(process.env, []);
  const executor = new ExecutorHost({ threads: 1, onOutput, onReport: () => {}, environment, forked: forkExecutor(environment) });
  const end = (): void => void executor.close();
  cancel.addEventListener("abort", end, { once: true });
  try {
    const { sha256, file } = await bundleJob(resolve(jobModule), cacheFolder());
    const { spec, planHash } = await executor.describe(sha256, file, request);
    const output = { path: resolve(options.output), overwrite: options.overwrite ?? false };
    const submission: SubmitJob = { type: "submit-job", version: VERSION, job, bundle: sha256, planHash, request, spec, folder: process.cwd(), output, ship: options.ship ?? false, priority: options.priority ?? 0, ...sizes };
    return { submission, bundle: await readFile(file) };
  } finally {
    cancel.removeEventListener("abort", end);
    await executor.close();
  }
}
