import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { jobId, type JobId } from "../model/ids.js";
import type { Manifest } from "../model/manifest.js";
import type { JobProgress } from "../protocol/messages.js";
import type { JobHandle } from "./job-handle.js";
import { atLeast, jobRequest, jobSizes, type JobOptions } from "./job-options.js";

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
  return runForked(jobModule, options, async () => (await import("../worker/fork-executor.js")).forkExecutor());
}

/** The same with the executor that `fork` gives. */
export function runForked(jobModule: string, options: LocalOptions, fork: () => ChildProcess | Promise<ChildProcess>): JobHandle {
  const id = jobId(jobModule.split(/[\\/]/).at(-1)!.replace(/\.[cm]?[jt]sx?$/, ""), randomBytes(3).toString("hex"));
  const listeners = new Set<(progress: JobProgress) => void>();
  const abort = new AbortController();
  const result = run(jobModule, id, options, fork, abort.signal, (progress) => listeners.forEach((listener) => listener(progress)));
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

async function run(module: string, id: JobId, options: LocalOptions, fork: () => ChildProcess | Promise<ChildProcess>, signal: AbortSignal, onProgress: (progress: JobProgress) => void): Promise<Manifest> {
  const { threads = availableParallelism(), heap, onOutput = (text) => void process.stderr.write(text) } = options;
  const request = jobRequest(options);
  const sizes = jobSizes(options);
  const limits = { threads: atLeast("threads", threads, 1), ...(heap === undefined ? {} : { heap: atLeast("heap", heap, 1) }) };
  // The executor boots while the engine is loaded: here, for every thread of an executor loads this module with the job API and needs none of it.
  const forked = await fork();
  const { runLocalJob } = await import("./local-job.js");
  return runLocalJob({ module, id, options, request, sizes, ...limits, forked, onOutput, onProgress }, signal);
}
