import type { JobId } from "../model/ids.js";
import type { JobSummary, JobUpdate } from "../protocol/messages.js";
import type { JobOutcome } from "../scheduler/commands.js";

/** What is remembered of a job when it is over. */
export interface EndedJob {
  readonly summary: JobSummary;
  readonly output: string;
  readonly latest: JobUpdate;
  /** Of its submission: the same one may be sent again. */
  readonly digest: string;
}

const KEPT = 1_000;

/** The latest jobs that ended, the oldest first. */
export class EndedJobs {
  readonly #ended = new Map<JobId, EndedJob>();

  add(ended: EndedJob): void {
    this.#ended.delete(ended.summary.job);
    this.#ended.set(ended.summary.job, ended);
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= KEPT) break;
      this.#ended.delete(oldest);
    }
  }

  get(job: JobId): EndedJob | undefined {
    return this.#ended.get(job);
  }

  values(): EndedJob[] {
    return [...this.#ended.values()];
  }
}

export function outcomeUpdate(job: JobId, outcome: JobOutcome): JobUpdate {
  switch (outcome.type) {
    case "done":
      return { type: "job-done", job };
    case "failed":
      return { type: "job-failed", job, failure: outcome.failure };
    case "cancelled":
      return { type: "job-cancelled", job, reason: outcome.reason };
  }
}
