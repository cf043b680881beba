import type { FailureKind } from "../model/failure.js";

/**
 * What a failed attempt means, by kind of failure. A task that may run again waits for a slot on another
 * node, until the limit that its failures count toward is reached: then the job fails.
 */
export interface RetryRule {
  readonly retry: boolean;
  /** The limit this failure counts toward; each kind of limit is counted on its own. */
  readonly counts: "attempts" | "deaths" | "worker-losses" | "nothing";
  /** What else must run again. */
  readonly alsoAgain: "nothing" | "the lost map" | "the worker's map outputs";
  /** A node with three strikes gets no tasks for a while. */
  readonly strikesNode: boolean;
}

const again = { retry: true, counts: "attempts", alsoAgain: "nothing", strikesNode: false } as const;
const never = { retry: false, counts: "nothing", alsoAgain: "nothing", strikesNode: false } as const;

export const retryTable: Record<FailureKind, RetryRule> = {
  "user-error": again, // the same error at the same record twice ends the job at once
  "bad-record": never,
  "too-many-bad-records": never,
  "needs-survey": never, // and so it is asked for: see survey.ts
  "bad-input": never,
  "input-changed": never,
  "out-of-memory": again,
  "executor-died": { ...again, counts: "deaths", strikesNode: true },
  "task-timeout": { ...again, strikesNode: true },
  "worker-lost": { ...again, counts: "worker-losses", alsoAgain: "the worker's map outputs", strikesNode: true },
  "fetch-failed": { ...again, counts: "nothing", alsoAgain: "the lost map" }, // an attempt when it names no map that it was given
  "disk-full": { ...again, strikesNode: true },
  "io-error": { ...again, strikesNode: true },
  "plan-not-deterministic": never,
  cancelled: { ...again, counts: "nothing" },
  internal: again,
};
