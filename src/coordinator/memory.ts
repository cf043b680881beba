import { randomBytes } from "node:crypto";
import type { JobId } from "../model/ids.js";
import type { JobLogs } from "./job-logs.js";
import type { KeptBundles } from "./kept-bundles.js";
import { MemoryLogs } from "./job-logs.js";
import type { FrameSink } from "./recorder.js";

/** What of a coordinator outlives its process. */
export interface CoordinatorMemory {
  /** The journal; none for a coordinator that nobody restarts. */
  readonly sink?: FrameSink;
  /** The state folder, for messages and locks. */
  readonly keptBy?: string;
  /** The same for all coordinators of one state folder. */
  readonly identity: string;
  readonly logs: JobLogs;
  /** None where the store is part of the same process. */
  readonly bundles?: KeptBundles;
  /** Lets its bearer read the blocks of a job. */
  tokenOf(job: JobId): string;
}

/** Of a coordinator whose jobs end with its process. */
export function noMemory(bundles?: KeptBundles): CoordinatorMemory {
  const tokens = new Map<JobId, string>();
  return {
    identity: randomBytes(8).toString("hex"),
    logs: new MemoryLogs(),
    ...(bundles === undefined ? {} : { bundles }),
    tokenOf(job) {
      const token = tokens.get(job) ?? randomBytes(16).toString("hex");
      tokens.set(job, token);
      return token;
    },
  };
}
