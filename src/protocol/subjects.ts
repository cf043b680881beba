/** Where messages go: the subjects of one cluster. Ids hold no dots, so each is one token. */
import type { JobId, WorkerId } from "../model/ids.js";

export interface Subjects {
  /** Requests of clients. */
  readonly requests: string;
  /** Reports of workers. */
  readonly reports: string;
  /** Commands to one worker. */
  worker(worker: WorkerId): string;
  /** Updates on one job. */
  job(job: JobId): string;
}

export function subjectsOf(cluster: string): Subjects {
  const root = `millrace.${cluster}`;
  return {
    requests: `${root}.requests`,
    reports: `${root}.reports`,
    worker: (worker) => `${root}.worker.${worker}`,
    job: (job) => `${root}.job.${job}`,
  };
}
