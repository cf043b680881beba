import type { ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { cacheFolder } from "../cache-folder.js";
import { bundleJob } from "../job/bundle.js";
import type { JobId } from "../model/ids.js";
import type { JobRequest } from "../model/job-request.js";
import type { Manifest } from "../model/manifest.js";
import type { JobProgress } from "../protocol/messages.js";
import { VERSION } from "../version.js";
import type { JobSizes } from "./job-options.js";
import { LocalEngine } from "./local-engine.js";
import type { LocalOptions } from "./run-local.js";
import { submitJob } from "./submit-job.js";
import { unlessAborted } from "./unless-aborted.js";

export interface LocalJob {
  readonly module: string;
  readonly id: JobId;
  readonly options: LocalOptions;
  readonly request: JobRequest;
  readonly sizes: JobSizes;
  readonly threads: number;
  readonly heap?: number;
  /** The executor's process. */
  readonly forked: ChildProcess;
  onOutput(text: string): void;
  onProgress(progress: JobProgress): void;
}

/** Runs a job in an engine of its own, from its module to its committed output. */
export async function runLocalJob({ module, id, options, request, sizes, threads, heap, forked, onOutput, onProgress }: LocalJob, signal: AbortSignal): Promise<Manifest> {
  const { workFolder, output, overwrite = false } = options;
  const engine = new LocalEngine({ threads, forked, onOutput, ...(heap === undefined ? {} : { heap }), ...(workFolder === undefined ? {} : { workFolder }) });
  try {
    // First, for the executor is still booting, and all else waits for it.
    await engine.start();
    const { sha256, file } = await unlessAborted(bundleJob(resolve(module), cacheFolder()), signal);
    const { spec, planHash } = await unlessAborted(engine.describe(sha256, file, request), signal);
    const submission = {
      type: "submit-job" as const,
      version: VERSION,
      job: id,
      bundle: sha256,
      planHash,
      request,
      spec,
      folder: process.cwd(),
      output: { path: resolve(output), overwrite },
      ship: false,
      priority: 0,
      ...sizes,
    };
    return await submitJob(engine, submission, { cancel: signal, onProgress, onOutput });
  } finally {
    await engine.close();
  }
}
