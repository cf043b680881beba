/** Each partition is a task, and a part of the output; maps keep a buffer for each. */
export const MOST_PARTITIONS = 100_000;

/** What a user asks of a job module at one run, as given: with the bundle it fixes the job spec. */
export interface JobRequest {
  /** Values of `--param`; several of one name are an array. */
  readonly params: Readonly<Record<string, string | readonly string[]>>;
  /** Paths that replace those of the job's input. */
  readonly inputs?: readonly string[];
  readonly partitions?: number;
  readonly onBadRecord?: "fail" | "skip" | "quarantine";
  /** A count, or a share such as `0.1%`. */
  readonly maxBadRecords?: string;
}
