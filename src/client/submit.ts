import { randomBytes } from "node:crypto";
import { UsageError } from "../errors.js";
import { jobId, parseJobId, type JobId } from "../model/ids.js";
import type { Manifest } from "../model/manifest.js";
import type { JobProgress } from "../protocol/messages.js";
import type { ClusterOptions } from "./cluster-options.js";
import type { JobHandle } from "./job-handle.js";
import type { JobOptions } from "./job-options.js";

export interface SubmitOptions extends JobOptions, ClusterOptions {
  /** Id of the job: letters, digits and hyphens. Submitting the same id again starts nothing, but follows the job that has it. Default: from the module's name, and random. */
  readonly id?: string;
  /** Jobs with a higher number get free slots first. Default 0. */
  readonly priority?: number;
  /** The coordinator reads the input and serves it to workers that cannot open it. Default false. */
  readonly ship?: boolean;
  /** Gets what user code prints and logs. Default: this process's stderr. */
  readonly onOutput?: (text: string) => void;
}

export interface SubmittedJob extends JobHandle {
  /** Resolves when the cluster has taken the job; rejects as `result` does when it did not. */
  readonly accepted: Promise<void>;
  /** Lets go of the job, which goes on; `result` rejects with ClusterError. */
  detach(): void;
}

/** Runs the job of a module (a path of a TypeScript or JavaScript file) on a cluster. Its output folder must be one that the coordinator and the workers see under the same path. */
export function submit(jobModule: string, options: SubmitOptions): SubmittedJob {
  const id = idOf(jobModule, options.id);
  const listeners = new Set<(progress: JobProgress) => void>();
  const cancel = new AbortController();
  const detach = new AbortController();
  let accept: () => void = () => {};
  const isAccepted = new Promise<void>((resolve) => (accept = resolve));
  // Loaded here, for every thread of an executor loads this module with the job API and needs none of it.
  const result = import("./run-on-cluster.js").then(({ runOnCluster }): Promise<Manifest> =>
    runOnCluster(jobModule, id, options, {
      cancel: cancel.signal,
      detach: detach.signal,
      onAccepted: accept,
      onProgress: (progress) => listeners.forEach((listener) => listener(progress)),
      onOutput: options.onOutput ?? ((text) => void process.stderr.write(text)),
    }),
  );
  const accepted = Promise.race([isAccepted, result.then(() => {})]);
  // Whoever awaits only one of the two must not die of the other.
  accepted.catch(() => {});
  result.catch(() => {});
  return {
    id,
    result,
    accepted,
    onProgress(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    cancel: (reason = "cancelled") => cancel.abort(reason),
    detach: () => detach.abort(),
  };
}

function idOf(jobModule: string, chosen: string | undefined): JobId {
  if (chosen === undefined) return jobId(jobModule.split(/[\\/]/).at(-1)!.replace(/\.[cm]?[jt]sx?$/, ""), randomBytes(3).toString("hex"));
  try {
    return parseJobId(chosen);
  } catch {
    throw new UsageError(`${JSON.stringify(chosen)} cannot be a job id: use 1 to 64 letters, digits and hyphens`);
  }
}
