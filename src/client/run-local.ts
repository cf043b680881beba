import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { jobId } from "../model/ids.js";
import type { Manifest } from "../model/manifest.js";
import type { JobProgress } from "../protocol/messages.js";
import { VERSION } from "../version.js";
import type { JobHandle } from "./job-handle.js";
import { atLeast, jobRequest, jobSizes, type JobOptions } from "./job-options.js";
import { unlessAborted } from "./unless-aborted.js";

export interface LocalOptions extends JobOptions {
  /** Tasks that run at once. Default: the number of cores. */
  readonly threads?: number;
  /** Bytes of JavaScript heap for each thread. Default: what Node chooses for this machine. */
  readonly heap?: number;
  /** Folder for intermediate data. Default: the system's temporary folder. */
  readonly workFolder?: string;
  /** Gets what user code prints and logs. Default: this process's stderr. */
  readonly onOutput?: (text: string) => void;
}

/** Runs the job of a module (a path of a TypeScript or JavaScript file) on this machine. */
export function runLocal(jobModule: string, options: LocalOptions): JobHandle {
  const id = jobId(jobModule.split(/[\\/]/).at(-1)!.replace(/\.[cm]?[jt]sx?$/, ""), randomBytes(3).toString("hex"));
  const listeners = new Set<(progress: JobProgress) => void>();
  const abort = new AbortController();
  const result = run(jobModule, id, options, abort.signal, (progress) => listeners.forEach((listener) => listener(progress)));
  return {
    id,
    result,
    onProgress(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    cancel: (reason = "cancelled") => abort.abort(reason),
  };
}

async function run(jobModule: string, id: ReturnType<typeof jobId>, options: LocalOptions, signal: AbortSignal, onProgress: (progress: JobProgress) => void): Promise<Manifest> {
  const { threads = availableParallelism(), heap, workFolder, onOutput = (text) => void process.stderr.write(text) } = options;
  const request = jobRequest(options);
  const sizes = jobSizes(options);
  const limits = { threads: atLeast("threads", threads, 1), ...(heap === undefined ? {} : { heap: atLeast("heap", heap, 1) }) };
  // Loaded here, for every thread of an executor loads this module with the job API and needs none of it. The
  // executor boots meanwhile.
  const { forkExecutor } = await import("../worker/fork-executor.js");
  const forked = forkExecutor(limits.threads, limits.heap);
  const [{ LocalEngine }, { submitJob }, { bundleJob }, { bundleCache }] = await Promise.all([import("./local-engine.js"), import("./submit-job.js"), import("../job/bundle.js"), import("./bundle-cache-folder.js")]);
  const engine = new LocalEngine({ ...limits, forked, onOutput, ...(workFolder === undefined ? {} : { workFolder }) });
  try {
    const { sha256, file } = await unlessAborted(bundleJob(resolve(jobModule), bundleCache()), signal);
    const { spec, planHash } = await unlessAborted(engine.describe(sha256, file, request), signal);
    await engine.start(() => file);
    const submission = {
      type: "submit-job" as const,
      version: VERSION,
      job: id,
      bundle: sha256,
      planHash,
      request,
      spec,
      folder: process.cwd(),
      output: { path: resolve(options.output), overwrite: options.overwrite ?? false },
      ship: false,
      priority: 0,
      ...sizes,
    };
    return await submitJob(engine, submission, { cancel: signal, onProgress, onOutput });
  } finally {
    await engine.close();
  }
}
