import { setFlagsFromString } from "node:v8";
import { Piscina } from "piscina";
import { errorText } from "../errors.js";
import type { Failure } from "../model/failure.js";
import { packageFile } from "../package-files.js";
import type { AttemptReply, ThreadReply, ThreadTask } from "./thread.js";

/**
 * Space for new objects in each thread. Strings of records die at once, so more saves hardly any work, and is memory that all
 * threads hold whatever the job's budget is.
 */
const YOUNG_MIB = 12;

/**
 * Bytes of bytecode that a function runs before V8 optimises it; thirteen times V8's own figure. Compilers share the cores with
 * the tasks, and what is compiled later is compiled with better knowledge, and so less often.
 */
const INTERRUPT_BUDGET = 900_000;

/**
 * The threads of an executor. One task runs on one thread; ending a task by force ends its thread. The first
 * thread starts with the pool, a second one when the job is described; more start when tasks come that find no thread free, for a short
 * job needs none.
 */
export class ThreadPool {
  readonly #pool: Piscina<ThreadTask, ThreadReply>;
  readonly #firstThread: Promise<ThreadReply>;
  readonly #allReady: Promise<void>;
  #flagsDecided = false;

  /** `heap`: bytes of JavaScript heap for each thread. `onReply` hears how attempts ended. */
  constructor(threads: number, heap: number | undefined, onReply: (reply: AttemptReply) => void) {
    this.#pool = new Piscina({
      filename: packageFile("executor/thread-entry.cjs").href,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: Infinity,
      concurrentTasksPerWorker: 1,
      // A thread that waits for work keeps its event loop turning, so that stray errors come up.
      atomics: "disabled",
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB, ...(heap === undefined ? {} : { maxOldGenerationSizeMb: Math.max(1, Math.floor(heap / 2 ** 20)) }) },
    });
    this.#pool.on("message", onReply);
    let ready = 0;
    this.#allReady = new Promise<void>((resolve) => this.#pool.on("workerCreate", () => ++ready === threads && resolve()));
    this.#firstThread = this.#run({ type: "warm-up" });
  }

  /** Never rejects: a thread that dies under its task is a failure, too. */
  async run(task: ThreadTask, signal?: AbortSignal): Promise<ThreadReply> {
    await this.#firstThread;
    const reply = this.#run(task, signal);
    if (!this.#flagsDecided) void this.#setFlags(task.type === "describe-job" ? reply : this.#firstThread);
    // A second thread, for a core is idle while the first one loads the job.
    if (task.type === "describe-job") void this.#run({ type: "warm-up" });
    return reply;
  }

  /** Not before all threads are ready: V8 refuses code, that of Node's own modules as well as kept code, under other flags than it was made with. */
  async #setFlags(firstReply: Promise<ThreadReply>): Promise<void> {
    this.#flagsDecided = true;
    const reply = await firstReply;
    await this.#allReady;
    // What is kept must serve the threads of later processes.
    if ("keepsCode" in reply && reply.keepsCode === false) setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
  }

  async #run(task: ThreadTask, signal?: AbortSignal): Promise<ThreadReply> {
    try {
      return await this.#pool.run(task, signal === undefined ? {} : { signal });
    } catch (error) {
      const failure = threadDeath(error, signal);
      return task.type === "describe-job" ? { type: "describe-failed", code: "INVALID_JOB", message: failure.message } : { type: "thread-died", failure };
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

function threadDeath(error: unknown, signal: AbortSignal | undefined): Failure {
  if (signal?.aborted === true) return { kind: "cancelled", message: "The attempt was stopped" };
  const text = errorText(error);
  const exit = /exited with code: (\d+)/.exec(text);
  if (exit !== null) return { kind: "user-error", message: `User code ended its thread with exit code ${exit[1]} (process.exit)` };
  if ((error as { code?: unknown } | null)?.code === "ERR_WORKER_OUT_OF_MEMORY") {
    return { kind: "out-of-memory", message: "User code ran out of JavaScript heap; hold less in memory at once, or allow more with --heap" };
  }
  return { kind: "internal", message: `A thread failed: ${text}` };
}
