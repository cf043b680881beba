/** Where messages go: the subjects of one cluster. Ids hold no dots, so each is one token. */
import type { JobId, WorkerId } from "../model/ids.js";

export interface Subjects {
  /** Requests of clients. */
  readonly requests: string;
  /** Reports of workers. */
  readonly reports: string;
  /** Commands to one worker. */
  worker(worker: WorkerId): string;
  /** Notices of coordinators. */
  readonly coordinators: string;
  /** Updates on one job. */
  job(job: JobId): string;
  /** What executors print, of all jobs. */
  readonly output: string;
}

export function subjectsOf(cluster: string): Subjects {
  const root = `millrace.${cluster}`;
  return {
    requests: `${root}.requests`,
    reports: `${root}.reports`,
    worker: (worker) => `${root}.worker.${worker}`,
    coordinators: `${root}.coordinators`,
    output: `${root}.output`,
    job: (job) => `${root}.job.${job}`,
  };
}
