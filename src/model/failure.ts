/**
 * A failure is why an attempt did not finish, as data. Kinds are a closed set: scheduler/retry.ts is a
 * table over it. Thrown errors become failures once, in the executor or the worker.
 */
export type FailureKind =
  /** The user's map, reduce or other function threw, or returned something unusable. */
  | "user-error"
  /** A record could not be read (ragged CSV row, broken JSON) and the policy is `fail`. */
  | "bad-record"
  /** More bad records were skipped than the job allows. */
  | "too-many-bad-records"
  /** A CSV split of which it is only presumed that it begins outside quotes holds one, or what looks like a bad record. */
  | "needs-survey"
  /** An input is damaged or cannot be read: truncated gzip, wrong Arrow, permission. */
  | "bad-input"
  /** Size or modification time of an input differ from what was recorded when the splits were planned. */
  | "input-changed"
  /** A thread's heap reached its limit. */
  | "out-of-memory"
  /** The executor process died: abort, signal, native crash, memory watchdog. */
  | "executor-died"
  /** No progress within the task timeout. */
  | "task-timeout"
  /** The worker process is gone or its lease ran out. */
  | "worker-lost"
  /** A reduce could not read a map's output: it is missing, unreachable or damaged. */
  | "fetch-failed"
  /** Writing failed for want of space. */
  | "disk-full"
  /** Any other I/O error while writing. */
  | "io-error"
  /** The bundle rebuilt another plan than the one that was submitted. */
  | "plan-not-deterministic"
  /** The attempt was told to stop. */
  | "cancelled"
  /** A defect of Millrace. */
  | "internal";

export interface Failure {
  readonly kind: FailureKind;
  /** One sentence: what happened, to what. */
  readonly message: string;
  /** Whose failure ended the job and why it was not tried again: "Task wc_m_00005 failed 4 times (limit 4); last on worker w2". */
  readonly context?: string;
  /** The user's own stack, source-mapped, when user code threw. */
  readonly stack?: string;
  /** Input file and byte offset of the record at hand. */
  readonly file?: string;
  readonly offset?: number;
  /** The record at hand, shortened for display. */
  readonly record?: string;
  /** For `fetch-failed`: index of the map task whose output is lost, the attempt that wrote it, and whether no way led to its worker. */
  readonly lostMap?: { readonly index: number; readonly attempt: number; readonly unreachable?: true };
}

/** Of an attempt that waited for a thread in an executor that ended. */
export const NOT_BEGUN: Failure = { kind: "cancelled", message: "Its executor ended before it had begun" };
