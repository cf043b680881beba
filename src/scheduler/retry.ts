import type { FailureKind } from "../model/failure.js";

/**
 * What a failed attempt means, by kind of failure. A task that may run again waits for a slot on another
 * worker, until the limit that its failures count toward is reached: then the job fails.
 */
export interface RetryRule {
  readonly retry: boolean;
  /** The limit this failure counts toward; each kind of limit is counted on its own. */
  readonly counts: "attempts" | "deaths" | "worker-losses" | "nothing";
  /** What else must run again. */
  readonly alsoAgain: "nothing" | "the lost map" | "the worker's map outputs";
  /** A worker with three strikes gets no tasks for a while. */
  readonly strikesWorker: boolean;
}

const again = { retry: true, counts: "attempts", alsoAgain: "nothing", strikesWorker: false } as const;
const never = { retry: false, counts: "nothing", alsoAgain: "nothing", strikesWorker: false } as const;

export const retryTable: Record<FailureKind, RetryRule> = {
  "user-error": again, // the same error at the same record twice ends the job at once
  "bad-record": never,
  "too-many-bad-records": never,
  "bad-input": never,
  "input-changed": never,
  "out-of-memory": again,
  "executor-died": { ...again, counts: "deaths", strikesWorker: true },
  "task-timeout": { ...again, strikesWorker: true },
  "worker-lost": { ...again, counts: "worker-losses", alsoAgain: "the worker's map outputs", strikesWorker: true },
  "fetch-failed": { ...again, counts: "nothing", alsoAgain: "the lost map" }, // an attempt when it names no map that it was given
  "disk-full": { ...again, strikesWorker: true },
  "io-error": { ...again, strikesWorker: true },
  "plan-not-deterministic": never,
  cancelled: { ...again, counts: "nothing" },
  internal: again,
};
