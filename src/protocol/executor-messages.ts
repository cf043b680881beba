/**
 * Messages between a worker and the executor that it forked, over Node's own process channel. The executor
 * runs user code, so what comes from it is checked; what it is told is not.
 */
import * as z from "zod/mini";
import type { AttemptId } from "../model/ids.js";
import type { JobRequest } from "../model/job-request.js";
import type { CsvStart, TaskWork } from "../model/task.js";
import type { QuickShape } from "./codec.js";
import type { JobHeader, MapSources } from "./messages.js";
import { attemptIdShape, attemptStats, failure, jobSpec, progress, sha256Shape, taskResult } from "./shapes.js";
import { usualExecutorReports } from "./usual-messages.js";

/** What all attempts of a job here have in common. */
export interface JobOrder {
  readonly header: JobHeader;
  /** Path of the job's bundle. */
  readonly bundleFile: string;
  /** The worker's host: blocks that lie on it are opened as files. */
  readonly host: string;
  /** Folder for what lies between stages. */
  readonly folder: string;
  /** Bytes of memory for the data of one attempt. */
  readonly memory: number;
}

/** What attempts that are launched together have in common: it is large, and travels once. */
export interface SharedWork {
  readonly splitters?: readonly string[];
  readonly sources?: MapSources;
}

/** What is particular to one attempt. */
export interface OwnWork {
  readonly attempt: AttemptId;
  readonly work: TaskWork;
  readonly csvState?: CsvStart;
}

/** All that is to be known of an attempt beside its job. */
export type AttemptWork = OwnWork & SharedWork;

/** An attempt with all that its thread needs. */
export type AttemptOrder = JobOrder & AttemptWork;

export type ExecutorCommand =
  /** The first. `heap`: bytes of JavaScript heap for each thread. */
  | { readonly type: "open-threads"; readonly threads: number; readonly heap: number | undefined }
  | { readonly type: "describe-job"; readonly bundle: string; readonly bundleFile: string; readonly request: JobRequest }
  /** Of the attempts that follow. */
  | { readonly type: "take-job"; readonly job: JobOrder }
  | { readonly type: "start-attempts"; readonly attempts: readonly OwnWork[]; readonly shared: SharedWork }
  | { readonly type: "stop-attempt"; readonly attempt: AttemptId };

/** Commands and reports travel in batches: a message wakes a process, which costs more than all that it says. */
export type ExecutorCommands = readonly ExecutorCommand[];

const executorReport = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("job-described"), spec: jobSpec, planHash: sha256Shape }),
  z.strictObject({ type: z.literal("describe-failed"), code: z.string(), message: z.string() }),
  z.strictObject({ type: z.literal("attempt-progressed"), attempt: attemptIdShape, progress }),
  z.strictObject({ type: z.literal("attempt-finished"), attempt: attemptIdShape, result: taskResult, stats: attemptStats }),
  z.strictObject({ type: z.literal("attempt-failed"), attempt: attemptIdShape, failure }),
]);
export type ExecutorReport = z.infer<typeof executorReport>;
export const executorReports: QuickShape<ExecutorReport[]> = { shape: z.array(executorReport), quick: usualExecutorReports };
