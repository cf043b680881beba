/**
 * An executor host keeps one executor process for one job: forks it, passes orders in and reports out, and
 * turns the death of the process into failures of the attempts that ran in it; those that had not begun are only
 * cancelled, unless none had. The next order forks anew.
 *
 *     idle -> running -> (died -> running)* -> closed
 */
import type { ChildProcess } from "node:child_process";
import { InvalidJobError, UsageError } from "../errors.js";
import { faultEnvironment } from "../faults.js";
import { NOT_BEGUN, type Failure } from "../model/failure.js";
import type { AttemptId } from "../model/ids.js";
import type { JobRequest } from "../model/job-request.js";
import type { JobSpec } from "../model/job-spec.js";
import { checked, ProtocolError } from "../protocol/codec.js";
import { executorReports, type ExecutorCommand, type ExecutorCommands, type ExecutorReport, type JobOrder, type OwnWork, type SharedWork } from "../protocol/executor-messages.js";
import { takeBegun } from "../storage/begun-attempts.js";
import { forkExecutor } from "./fork-executor.js";

export type AttemptReport = Extract<ExecutorReport, { type: `attempt-${string}` }>;

export interface ExecutorHostOptions {
  readonly threads: number;
  /** Bytes of JavaScript heap for each thread. Default: V8's. */
  readonly heap?: number;
  readonly onReport: (report: AttemptReport) => void;
  /** What the executor's processes print, user code included. */
  readonly onOutput: (text: string) => void;
  /** A process that was forked ahead; this host owns it now. */
  readonly forked?: ChildProcess;
  /** Default: this process's. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface JobDescription {
  readonly spec: JobSpec;
  readonly planHash: string;
}

/** Milliseconds that a job module may take to load. */
const LOAD_TIMEOUT = 60_000;
/** Bytes of the last output kept to explain a death. */
const TAIL = 16 << 10;

export class ExecutorHost {
  readonly #options: ExecutorHostOptions;
  readonly #running = new Set<AttemptId>();
  /** Of this turn of the event loop. */
  #commands: ExecutorCommand[] = [];
  #order: JobOrder | undefined;
  /** Of the order of the job that the process has. */
  #epoch: number | undefined;
  #child: ChildProcess | undefined;
  #describing: { resolve: (description: JobDescription) => void; reject: (error: Error) => void } | undefined;
  /** Why the process was ended, when that was for what it said. */
  #nonsense: Failure | undefined;
  #closed = false;

  constructor(options: ExecutorHostOptions) {
    this.#options = options;
    const { forked } = options;
    if (forked !== undefined && !isGone(forked)) this.#adopt(forked);
  }

  /** What the bundle's job is. Rejects with InvalidJobError or UsageError. */
  describe(bundle: string, bundleFile: string, request: JobRequest): Promise<JobDescription> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new InvalidJobError(`The job module was not loaded within ${LOAD_TIMEOUT / 1000} s: what it does while it loads does not end`));
        this.#child?.kill("SIGKILL");
      }, LOAD_TIMEOUT);
      const settled = <A>(settle: (value: A) => void) => (value: A) => {
        clearTimeout(timer);
        settle(value);
      };
      this.#describing = { resolve: settled(resolve), reject: settled(reject) };
      this.#send({ type: "describe-job", bundle, bundleFile, request });
    });
  }

  /** `epoch` is that of the coordinator, with which alone the job's order may change. */
  start(job: JobOrder, epoch: number, attempts: readonly OwnWork[], shared: SharedWork = {}): void {
    for (const { attempt } of attempts) this.#running.add(attempt);
    this.#order = job;
    if (this.#epoch !== epoch) this.#send({ type: "take-job", job });
    this.#epoch = epoch;
    this.#send({ type: "start-attempts", attempts, shared });
  }

  /** The attempt will report that it failed, as cancelled, unless it finishes first. */
  stop(attempt: AttemptId): void {
    if (this.#running.has(attempt)) this.#send({ type: "stop-attempt", attempt });
  }

  /** Ends the process; attempts that run are not reported. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#describing?.reject(new InvalidJobError("The executor was closed"));
    const child = this.#child;
    if (child === undefined || isGone(child)) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  #send(command: ExecutorCommand): void {
    // Forks now, so that what the process prints is awaited.
    this.#process();
    if (this.#commands.push(command) > 1) return;
    setImmediate(() => {
      const commands: ExecutorCommands = this.#commands.splice(0);
      // A process that dies before it reads the commands is seen by its exit.
      if (!this.#closed && commands.length > 0) this.#process().send(commands, () => {});
    });
  }

  #process(): ChildProcess {
    const { environment } = this.#options;
    return this.#child ?? this.#adopt(forkExecutor(environment && { ...environment, ...faultEnvironment() }));
  }

  #adopt(child: ChildProcess): ChildProcess {
    let tail = "";
    const output = (text: string): void => {
      tail = (tail + text).slice(-TAIL);
      this.#options.onOutput(text);
    };
    child.stdout!.setEncoding("utf8").on("data", output);
    child.stderr!.setEncoding("utf8").on("data", output);
    child.on("message", (message) => this.#receive(child, message));
    // "close" comes after the last output, which may tell why it died.
    child.on("close", (code, signal) => this.#died(child, deathCause(code, signal, tail)));
    this.#child = child;
    const { threads, heap } = this.#options;
    const commands: ExecutorCommands = [{ type: "open-threads", threads, heap }];
    child.send(commands, () => {});
    return child;
  }

  /** An executor that makes no sense is ended. */
  #receive(child: ChildProcess, message: unknown): void {
    try {
      for (const report of checked(executorReports, message)) this.#take(report);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#nonsense ??= { kind: "executor-died", message: `What an executor reported cannot be read, so it was ended: ${error.message}` };
      child.kill("SIGKILL");
    }
  }

  #take(report: ExecutorReport): void {
    switch (report.type) {
      case "job-described":
        this.#describing?.resolve(report);
        this.#describing = undefined;
        return;
      case "describe-failed":
        this.#describing?.reject(report.code === "USAGE" ? new UsageError(report.message) : new InvalidJobError(report.message));
        this.#describing = undefined;
        return;
      case "attempt-progressed":
        if (this.#running.has(report.attempt)) this.#options.onReport(report);
        return;
      default:
        // A second report of one attempt (its process died while reporting) is dropped.
        if (this.#running.delete(report.attempt)) this.#options.onReport(report);
    }
  }

  #died(child: ChildProcess, cause: Failure): void {
    const failure = this.#nonsense ?? cause;
    this.#nonsense = undefined;
    if (this.#child === child) this.#child = undefined;
    this.#commands = [];
    this.#epoch = undefined;
    if (this.#closed) return;
    this.#describing?.reject(new InvalidJobError(`The job module ended the process that loaded it: ${failure.message}`));
    this.#describing = undefined;
    const order = this.#order;
    const begun = order === undefined ? new Set() : takeBegun(order.folder, order.header.job, child.pid ?? 0);
    const running = [...this.#running];
    this.#running.clear();
    const someHadBegun = running.some((attempt) => begun.has(attempt));
    for (const attempt of running) this.#options.onReport({ type: "attempt-failed", attempt, failure: someHadBegun && !begun.has(attempt) ? NOT_BEGUN : failure });
  }
}

function isGone(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function deathCause(code: number | null, signal: NodeJS.Signals | null, tail: string): Failure {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  if (/heap out of memory|OutOfMemory/i.test(tail)) {
    return { kind: "out-of-memory", message: `The executor process ran out of JavaScript heap and died (${how})` };
  }
  return { kind: "executor-died", message: `The executor process died (${how}) while user code ran in it` };
}
