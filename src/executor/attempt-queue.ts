/**
 * Attempts on their way to threads. When more of them wait than threads are free, a thread takes several at
 * once and runs them one after another: so it need not wait for the next one, which for the shortest tasks
 * takes longer than the task. Each reports when it ends and its parts are durable: meanwhile its thread runs the next one.
 * When a thread dies, those that it had not begun wait again.
 */
import { join } from "node:path";
import type { TaskFailure } from "../errors.js";
import { NOT_BEGUN, type Failure } from "../model/failure.js";
import type { AttemptId } from "../model/ids.js";
import type { PartSummary } from "../model/task.js";
import type { AttemptWork, ExecutorReport, JobOrder } from "../protocol/executor-messages.js";
import { makeDurable } from "../storage/part-file.js";
import { MonitorPages, type AttemptMonitor } from "./attempt-monitor.js";
import { ThreadPool } from "./thread-pool.js";
import type { AttemptReply, ThreadTask } from "./thread.js";

/** What an attempt that is told to stop gets for itself before its thread is ended. */
const STOP_GRACE = 150;
/** Attempts that a thread takes at once. */
const MOST_TAKEN = 8;

interface Entry {
  readonly job: JobOrder;
  readonly work: AttemptWork;
  readonly monitor: AttemptMonitor;
  /** Ends its thread, once it has one. */
  end: AbortController | undefined;
  pulse: number;
  /** Its thread is done with it, and its parts are on their way to the disk. */
  settling: boolean;
}

export class AttemptQueue {
  readonly #pool: ThreadPool;
  readonly #threads: number;
  readonly #report: (report: ExecutorReport) => void;
  /** All that have not ended. */
  readonly #entries = new Map<AttemptId, Entry>();
  readonly #monitors = new MonitorPages();
  #waiting: Entry[] = [];
  #busy = 0;

  constructor(threads: number, heap: number | undefined, report: (report: ExecutorReport) => void) {
    this.#threads = threads;
    this.#report = report;
    this.#pool = new ThreadPool(threads, heap, (reply) => this.#ended(reply));
  }

  async describe(task: Extract<ThreadTask, { type: "describe-job" }>): Promise<void> {
    const reply = await this.#pool.run(task);
    if (reply.type === "job-described" || reply.type === "describe-failed") this.#report(reply);
  }

  start(job: JobOrder, work: AttemptWork): void {
    const entry: Entry = { job, work, monitor: this.#monitors.next(), end: undefined, pulse: 0, settling: false };
    this.#entries.set(work.attempt, entry);
    // Those of one message are shared out together.
    if (this.#waiting.push(entry) === 1) queueMicrotask(() => this.#shareOut());
  }

  stop(attempt: AttemptId): void {
    const entry = this.#entries.get(attempt);
    if (entry === undefined) return;
    entry.monitor.requestStop();
    setTimeout(() => {
      // One that its thread has not begun, it will pass over; one that ended has its reply on the way.
      if (entry.monitor.pulse > 0 && !entry.monitor.ended && this.#entries.get(attempt) === entry) entry.end?.abort(attempt);
    }, STOP_GRACE);
  }

  /** The process is about to end, for which those that wait for a thread are not to blame. */
  failAll(failure: Failure): void {
    this.#collect(this.#entries.values());
    for (const [attempt, { monitor }] of this.#entries) this.#report({ type: "attempt-failed", attempt, failure: monitor.pulse > 0 ? failure : NOT_BEGUN });
  }

  reportProgress(): void {
    this.#collect(this.#entries.values());
    for (const [attempt, entry] of this.#entries) {
      const { pulse, records, bytes } = entry.monitor;
      // One without a pulse waits for a thread, which is no fault of its own.
      if (pulse === entry.pulse && pulse > 0) continue;
      entry.pulse = pulse;
      this.#report({ type: "attempt-progressed", attempt, progress: { records, bytes } });
    }
  }

  #shareOut(): void {
    while (this.#waiting.length > 0 && this.#busy < this.#threads) {
      const count = Math.min(MOST_TAKEN, Math.max(1, Math.floor(this.#waiting.length / this.#threads)));
      void this.#run(this.#waiting.splice(0, count));
    }
  }

  /** All of one job, for an executor has no other. */
  async #run(taken: readonly Entry[]): Promise<void> {
    const end = new AbortController();
    for (const entry of taken) entry.end = end;
    this.#busy++;
    const reply = await this.#pool.run({ type: "run-attempts", job: taken[0]!.job, attempts: taken.map(({ work, monitor }) => ({ work, monitor: monitor.place })) }, end.signal);
    this.#busy--;
    this.#collect(taken);
    if (reply.type === "attempts-ended") this.#ended(reply.reply);
    if (reply.type === "thread-died") this.#threadDied(taken, reply.failure, end.signal.reason);
    this.#shareOut();
  }

  /** Ends those whose threads have noted how they ended. */
  #collect(entries: Iterable<Entry>): void {
    for (const { work: { attempt }, monitor } of entries) {
      const { outcome } = monitor;
      if (outcome !== undefined) this.#end({ type: "finished", attempt, ...outcome });
    }
  }

  #threadDied(taken: readonly Entry[], failure: Failure, stopped: unknown): void {
    const left = taken.filter((entry) => this.#entries.get(entry.work.attempt) === entry && !entry.settling);
    const begun = left.filter(({ monitor }) => monitor.pulse > 0);
    // A thread that dies before it begins anything would do so again.
    const failed = begun.length > 0 ? begun : left;
    // One that ended, and whose reply is lost, is not to blame, unless nobody else is.
    const blameless = failed.filter(({ monitor }) => monitor.ended);
    for (const entry of failed) {
      const { attempt } = entry.work;
      const own = stopped === undefined ? blameless.length === failed.length || !blameless.includes(entry) : stopped === attempt;
      const cause = stopped === undefined ? "when another attempt ended it" : `to stop ${String(stopped)}`;
      this.#end({ attempt, type: "failed", failure: own ? failure : { kind: "cancelled", message: `Its thread ended ${cause}` } });
    }
    this.#waiting.unshift(...left.filter((entry) => !failed.includes(entry)));
  }

  #ended(reply: AttemptReply): void {
    const entry = this.#entries.get(reply.attempt);
    const parts = reply.type === "finished" ? partsOf(reply) : [];
    if (entry === undefined || parts.length === 0) return this.#end(reply);
    entry.settling = true;
    Promise.all(parts.map(({ file }) => makeDurable(join(entry.job.header.staging, file)))).then(
      () => this.#end(reply),
      (error: unknown) => this.#end({ type: "failed", attempt: reply.attempt, failure: (error as TaskFailure).failure }),
    );
  }

  #end(reply: AttemptReply): void {
    const { attempt } = reply;
    if (!this.#entries.delete(attempt)) return;
    if (reply.type === "finished") this.#report({ type: "attempt-finished", attempt, result: reply.result, stats: reply.stats });
    else this.#report({ type: "attempt-failed", attempt, failure: reply.failure });
  }
}

/** What the attempt wrote of the job's output. */
function partsOf({ result, stats }: Extract<AttemptReply, { type: "finished" }>): PartSummary[] {
  const output = (result.type === "map" || result.type === "reduce") && result.output.kind === "part" ? [result.output] : [];
  return stats.quarantine === undefined ? output : [...output, stats.quarantine];
}
