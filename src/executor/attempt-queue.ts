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
import type { AttemptWork, ExecutorReport, JobOrder, OwnWork, SharedWork } from "../protocol/executor-messages.js";
import { makeDurable } from "../storage/part-file.js";
import { MonitorPage, type AttemptMonitor } from "./attempt-monitor.js";
import { ThreadPool } from "./thread-pool.js";
import type { AttemptReply, ThreadTask } from "./thread.js";

/** What an attempt that is told to stop gets for itself before its thread is ended. */
const STOP_GRACE = 150;
/** Attempts that a thread takes at once. */
const MOST_TAKEN = 32;

const STOPPED_BEFORE: Failure = { kind: "cancelled", message: "The attempt was stopped before it began" };

interface Entry {
  readonly job: JobOrder;
  readonly work: AttemptWork;
  /** Once a thread has taken it. */
  taken: { readonly monitor: AttemptMonitor; readonly endThread: AbortController } | undefined;
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
  #waiting: Entry[] = [];
  #busy = 0;

  constructor(threads: number, heap: number | undefined, report: (report: ExecutorReport) => void) {
    this.#threads = threads;
    this.#report = report;
    this.#pool = new ThreadPool(threads, heap, (reply) => this.#ended(reply));
  }

  async describe(task: Extract<ThreadTask, { type: "describe-job" }>): Promise<void> {
    const reply = await this.#pool.run(task);
    if (reply.type === "job-described") this.#report({ type: reply.type, spec: reply.spec, planHash: reply.planHash });
    if (reply.type === "describe-failed") this.#report(reply);
  }

  start(job: JobOrder, attempts: readonly OwnWork[], shared: SharedWork): void {
    // Those of one message are shared out together.
    if (this.#waiting.length === 0) queueMicrotask(() => this.#shareOut());
    const hasShared = Object.keys(shared).length > 0;
    for (const own of attempts) {
      const work = hasShared ? { ...own, ...shared } : own;
      const entry: Entry = { job, work, taken: undefined, pulse: 0, settling: false };
      this.#entries.set(work.attempt, entry);
      this.#waiting.push(entry);
    }
  }

  stop(attempt: AttemptId): void {
    const entry = this.#entries.get(attempt);
    if (entry === undefined) return;
    if (entry.taken === undefined) {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
      return this.#end({ type: "failed", attempt, failure: STOPPED_BEFORE });
    }
    const { monitor, endThread } = entry.taken;
    monitor.requestStop();
    setTimeout(() => {
      // One that its thread has not begun, it will pass over; one that ended has its reply on the way.
      if (monitor.pulse > 0 && !monitor.ended && this.#entries.get(attempt) === entry && entry.taken?.monitor === monitor) endThread.abort(attempt);
    }, STOP_GRACE);
  }

  /** The process is about to end, for which those that wait for a thread are not to blame. */
  failAll(failure: Failure): void {
    this.#collect(this.#entries.values());
    for (const [attempt, entry] of this.#entries) this.#report({ type: "attempt-failed", attempt, failure: hasBegun(entry) ? failure : NOT_BEGUN });
  }

  reportProgress(): void {
    this.#collect(this.#entries.values());
    for (const [attempt, entry] of this.#entries) {
      if (!hasBegun(entry)) continue;
      const { pulse, records, bytes, steps } = entry.taken!.monitor;
      if (pulse === entry.pulse) continue;
      entry.pulse = pulse;
      this.#report({ type: "attempt-progressed", attempt, progress: { records, bytes, steps } });
    }
  }

  #shareOut(): void {
    while (this.#waiting.length > 0 && this.#busy < this.#threads) {
      const count = Math.min(MOST_TAKEN, Math.max(1, Math.floor(this.#waiting.length / this.#threads)));
      void this.#run(this.#waiting.splice(0, count));
    }
  }

  /** All of one job, for an executor has no other. */
  async #run(entries: readonly Entry[]): Promise<void> {
    const endThread = new AbortController();
    const page = MonitorPage.of(entries.length);
    entries.forEach((entry, i) => (entry.taken = { monitor: page.monitor(i), endThread }));
    this.#busy++;
    const reply = await this.#pool.run({ type: "run-attempts", job: entries[0]!.job, attempts: entries.map(({ work }) => work), monitors: page.memory }, endThread.signal);
    this.#busy--;
    this.#collect(entries);
    if (reply.type === "attempts-ended") this.#ended(reply.reply);
    if (reply.type === "thread-died") this.#threadDied(entries, reply.failure, endThread.signal.reason);
    this.#shareOut();
  }

  /** Ends those whose threads have noted how they ended. */
  #collect(entries: Iterable<Entry>): void {
    for (const { work: { attempt }, taken } of entries) {
      const outcome = taken?.monitor.outcome;
      if (outcome !== undefined) this.#end({ type: "finished", attempt, ...outcome });
    }
  }

  #threadDied(taken: readonly Entry[], failure: Failure, stopped: unknown): void {
    const left = taken.filter((entry) => this.#entries.get(entry.work.attempt) === entry && !entry.settling);
    const begun = left.filter(hasBegun);
    // A thread that dies before it begins anything would do so again.
    const failed = begun.length > 0 ? begun : left;
    // One that ended, and whose reply is lost, is not to blame, unless nobody else is.
    const blameless = failed.filter((entry) => entry.taken?.monitor.ended);
    for (const entry of failed) {
      const { attempt } = entry.work;
      const own = stopped === undefined ? blameless.length === failed.length || !blameless.includes(entry) : stopped === attempt;
      const cause = stopped === undefined ? "when another attempt ended it" : `to stop ${String(stopped)}`;
      this.#end({ attempt, type: "failed", failure: own ? failure : { kind: "cancelled", message: `Its thread ended ${cause}` } });
    }
    this.#waitAgain(left.filter((entry) => !failed.includes(entry)));
  }

  #waitAgain(entries: readonly Entry[]): void {
    for (const entry of entries) {
      // It was told to stop, but had not begun.
      if (entry.taken?.monitor.stopRequested) this.#end({ type: "failed", attempt: entry.work.attempt, failure: STOPPED_BEFORE });
      entry.taken = undefined;
    }
    this.#waiting.unshift(...entries.filter(({ work }) => this.#entries.has(work.attempt)));
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

/** Its thread has. */
function hasBegun({ taken }: Entry): boolean {
  return taken !== undefined && taken.monitor.pulse > 0;
}

/** What the attempt wrote of the job's output. */
function partsOf({ result, stats }: Extract<AttemptReply, { type: "finished" }>): PartSummary[] {
  const output = (result.type === "map" || result.type === "reduce") && result.output.kind === "part" ? [result.output] : [];
  return stats.quarantine === undefined ? output : [...output, stats.quarantine];
}
