/**
 * What an executor's threads do: user code runs here and nowhere else. A thread serves one job; it loads
 * the job's bundle once, checks that it gives the plan that was submitted, and then runs one attempt at a time.
 * Whatever goes wrong is returned as data, for not every error survives the way between threads.
 */
import { writeSync } from "node:fs";
import { parentPort, threadId } from "node:worker_threads";
import { MillraceError, TaskFailure } from "../errors.js";
import { loadJob } from "../job/load-job.js";
import { userStack } from "../job/user-stack.js";
import type { Failure } from "../model/failure.js";
import type { AttemptId } from "../model/ids.js";
import type { JobRequest } from "../model/job-request.js";
import type { JobSpec } from "../model/job-spec.js";
import type { AttemptStats, TaskResult } from "../model/task.js";
import type { AttemptOrder, AttemptWork, JobOrder } from "../protocol/executor-messages.js";
import { BegunNotes } from "../storage/begun-attempts.js";
import { MonitorPage, type AttemptMonitor } from "./attempt-monitor.js";
import type { DescribedJob } from "./describe-job.js";
import { describeJob } from "./describe-job.js";
import { runAttempt } from "./run-attempt.js";
import { withShippedInputs } from "./shipped-inputs.js";
import { StrayErrors } from "./stray-errors.js";
import { ThreadJob } from "./thread-job.js";
import { userFailure } from "./user-failure.js";

export type ThreadTask =
  /** Answered by thread-entry.ts. */
  | { readonly type: "warm-up" }
  | { readonly type: "describe-job"; readonly bundle: string; readonly bundleFile: string; readonly request: JobRequest }
  /** One after another. */
  | { readonly type: "run-attempts"; readonly job: JobOrder; readonly attempts: readonly AttemptWork[]; readonly monitors: SharedArrayBuffer };

export type ThreadReply =
  /** `keepsCode`, here and below: whether the thread will keep the code that V8 makes, for V8 has none of an earlier thread, or none of jobs of this kind. */
  | { readonly type: "warm"; readonly keepsCode: boolean }
  | { readonly type: "job-described"; readonly spec: JobSpec; readonly planHash: string; readonly keepsCode?: boolean }
  | { readonly type: "describe-failed"; readonly code: string; readonly message: string }
  /** The last of the replies; the others went ahead, or stand in their monitors. */
  | { readonly type: "attempts-ended"; readonly reply: AttemptReply }
  | { readonly type: "thread-died"; readonly failure: Failure };

type AttemptEnd =
  | { readonly type: "finished"; readonly result: TaskResult; readonly stats: AttemptStats }
  | { readonly type: "failed"; readonly failure: Failure };

/** How an attempt ended. */
export type AttemptReply = { readonly attempt: AttemptId } & AttemptEnd;

// For the user's bundles alone: as a flag of the process it would read the maps of all that was loaded before.
process.setSourceMapsEnabled(true);
const strayErrors = new StrayErrors();
const begun = new BegunNotes(threadId);
/** Promises until they are loaded. */
const jobs = new Map<string, ThreadJob | Promise<ThreadJob>>();

export default async function run(task: Exclude<ThreadTask, { type: "warm-up" }>): Promise<ThreadReply> {
  switch (task.type) {
    case "describe-job":
      return describe(task);
    case "run-attempts":
      return { type: "attempts-ended", reply: await runAttempts(task) };
  }
}

async function describe({ bundle, bundleFile, request }: Extract<ThreadTask, { type: "describe-job" }>): Promise<ThreadReply> {
  try {
    const { spec, planHash } = describeJob(await loadJob(bundleFile, bundle), request);
    return { type: "job-described", spec, planHash };
  } catch (error) {
    if (error instanceof MillraceError) return { type: "describe-failed", code: error.code, message: error.message };
    const { message, stack } = userStack(error);
    return { type: "describe-failed", code: "INVALID_JOB", message: `The job module failed: ${message}\n${stack}` };
  }
}

/** Each reply is sent or noted when its attempt has ended, for the next one may take long; the last is returned. */
async function runAttempts({ job: { header, bundleFile, host, folder, memory }, attempts, monitors }: Extract<ThreadTask, { type: "run-attempts" }>): Promise<AttemptReply> {
  const page = new MonitorPage(monitors);
  for (let i = 0; ; i++) {
    const work = attempts[i]!;
    const monitor = page.monitor(i);
    const end = await attempt({ header, bundleFile, host, folder, memory, ...work }, monitor);
    const isLast = i === attempts.length - 1;
    if (!isLast && end.type === "finished" && monitor.note(end)) continue;
    monitor.end();
    const reply = { attempt: work.attempt, ...end };
    if (isLast) return reply;
    parentPort?.postMessage(reply);
  }
}

async function attempt(given: AttemptOrder, monitor: AttemptMonitor): Promise<AttemptEnd> {
  if (monitor.stopRequested) return { type: "failed", failure: { kind: "cancelled", message: "The attempt was stopped before it began" } };
  const started = performance.now();
  // It has a thread now.
  monitor.step();
  begun.note(given.folder, given.header.job, given.attempt);
  strayErrors.clear();
  try {
    const order = withShippedInputs(given);
    const loading = threadJob(order);
    const job = loading instanceof Promise ? await loading : loading;
    const { result, stats, counters } = await runAttempt(job, order, monitor, (line) => writeSync(2, line));
    const millis = performance.now() - started;
    const stray = await strayErrors.surface(millis);
    if (stray !== undefined) throw userFailure("after its task had ended, user code", stray.error, {});
    return { type: "finished", result, stats: { counters, millis: Math.round(millis), ...stats } };
  } catch (error) {
    return { type: "failed", failure: asFailure(error) };
  }
}

function threadJob(order: AttemptOrder): ThreadJob | Promise<ThreadJob> {
  const known = jobs.get(order.header.job);
  if (known !== undefined) return known;
  const loading = loadThreadJob(order);
  jobs.set(order.header.job, loading);
  return loading;
}

async function loadThreadJob({ bundleFile, header, memory }: AttemptOrder): Promise<ThreadJob> {
  const definition = await loadJob(bundleFile, header.bundle);
  const job = new ThreadJob(sameJob(describeJob(definition, header.request), header.planHash), header, memory);
  jobs.set(header.job, job);
  return job;
}

function sameJob(described: DescribedJob, planHash: string): DescribedJob {
  if (described.planHash === planHash) return described;
  const message = "PLAN_NOT_DETERMINISTIC: the job module describes another job in this thread than it did at submission; it must not depend on the time, random numbers or the environment while it loads";
  throw new TaskFailure({ kind: "plan-not-deterministic", message });
}

function asFailure(error: unknown): Failure {
  if (error instanceof TaskFailure) return error.failure;
  const { message, stack } = userStack(error);
  if (error instanceof MillraceError) return { kind: "user-error", message, stack };
  return { kind: "internal", message, stack: error instanceof Error ? (error.stack ?? stack) : stack };
}
