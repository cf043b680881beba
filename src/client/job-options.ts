import { totalmem } from "node:os";
import { UsageError } from "../errors.js";
import { MOST_PARTITIONS, type JobRequest } from "../model/job-request.js";

/** How to run a job; everything but `output` has a default. */
export interface JobOptions {
  /** Files, folders or globs that replace those in the job. */
  readonly input?: string | readonly string[];
  /** Folder for the parts. It must not exist, or be empty, unless `overwrite`. */
  readonly output: string;
  /** Parameters for the job's `params` schema: texts as on the command line, or values as JSON holds them. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Replaces the output folder when the job commits. Default false. */
  readonly overwrite?: boolean;
  readonly partitions?: number;
  /** Bytes of input for each map task. Default: from the size of the input, 1 MiB to 128 MiB. */
  readonly splitSize?: number;
  /** Bytes of memory for the data of all tasks at once (not for what user code holds). Default: a quarter of the machine's, at most 4 GiB. */
  readonly memory?: number;
  readonly onBadRecord?: "fail" | "skip" | "quarantine";
  /** Most bad records: a count, or a share such as "0.1%". */
  readonly maxBadRecords?: number | string;
  /** Bytes of the longest record that is read. Default 64 MiB. */
  readonly maxRecordSize?: number;
  /** Failed attempts of one task before the job fails, and executors or workers that may die with it when that is more than 3. Default 4 (3 deaths). */
  readonly maxAttempts?: number;
  /** Milliseconds without progress before an attempt is stopped and run again. Default 600,000. */
  readonly taskTimeout?: number;
  /** Whether stragglers near the end of a stage get a second attempt on an idle slot. Default true. */
  readonly speculation?: boolean;
}

/** The sizes and limits of a submission; bytes and milliseconds. */
export interface JobSizes {
  readonly memory: number;
  readonly maxRecordBytes: number;
  readonly splitBytes?: number;
  readonly limits: { readonly attempts: number; readonly deaths: number; readonly taskTimeout: number; readonly speculation: boolean };
}

export function jobRequest(options: Omit<JobOptions, "output">): JobRequest {
  const { input, params = {}, partitions, onBadRecord, maxBadRecords } = options;
  return {
    params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, paramText(value)])),
    ...(input === undefined || input.length === 0 ? {} : { inputs: typeof input === "string" ? [input] : [...input] }),
    ...(partitions === undefined ? {} : { partitions: atLeast("partitions", partitions, 1, MOST_PARTITIONS) }),
    ...(onBadRecord === undefined ? {} : { onBadRecord }),
    ...(maxBadRecords === undefined ? {} : { maxBadRecords: String(maxBadRecords) }),
  };
}

export function jobSizes(options: Omit<JobOptions, "output">): JobSizes {
  const { splitSize, memory = Math.min(4 * 2 ** 30, Math.floor(totalmem() / 4)), maxRecordSize = 64 << 20, maxAttempts, taskTimeout = 600_000, speculation = true } = options;
  return {
    memory: atLeast("memory", memory, 1),
    maxRecordBytes: atLeast("maxRecordSize", maxRecordSize, 1),
    ...(splitSize === undefined ? {} : { splitBytes: atLeast("splitSize", splitSize, 1) }),
    limits: { attempts: atLeast("maxAttempts", maxAttempts ?? 4, 1), deaths: Math.max(3, maxAttempts ?? 0), taskTimeout: atLeast("taskTimeout", taskTimeout, 1), speculation },
  };
}

/** Checks a whole number that the user gave. */
export function atLeast(name: string, value: number, least: number, most = Infinity): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`${name} must be a whole number, at least ${least}${most === Infinity ? "" : ` and at most ${most}`}, not ${value}`);
}

function paramText(value: unknown): string | string[] {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value as string[];
  return JSON.stringify(value);
}
