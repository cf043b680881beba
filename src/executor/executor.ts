/**
 * The executor: a process that a worker forks for one job, so that user code can neither block nor bring down
 * the worker. It hosts the thread pool and passes orders in and reports out; its own thread runs no user code.
 */
import type { AttemptId } from "../model/ids.js";
import type { AttemptOrder, ExecutorCommand, ExecutorReport } from "../protocol/executor-messages.js";
import { AttemptMonitor } from "./attempt-monitor.js";
import { MemoryWatch } from "./memory-watch.js";
import { ThreadPool } from "./thread-pool.js";

const PROGRESS_EVERY = 200;
/** What an attempt that is told to stop gets for itself before its thread is ended. */
const STOP_GRACE = 150;

interface Running {
  readonly monitor: AttemptMonitor;
  readonly end: AbortController;
  pulse: number;
}

const [threads = "1", heap = ""] = process.argv.slice(2);
const pool = new ThreadPool(Number(threads), heap === "" ? undefined : Number(heap));
const running = new Map<AttemptId, Running>();
const send = (report: ExecutorReport): void => void process.send?.(report);

process.on("message", (command: ExecutorCommand) => {
  switch (command.type) {
    case "describe-job":
      void describe(command);
      break;
    case "start-attempt":
      void start(command.order);
      break;
    case "stop-attempt":
      stop(command.attempt);
      break;
  }
});
// The worker is gone: nobody wants the results any more.
process.on("disconnect", () => process.exit(0));
// Ctrl-C reaches the whole process group; the worker decides what happens.
process.on("SIGINT", () => {});

setInterval(reportProgress, PROGRESS_EVERY).unref();
new MemoryWatch((message) => {
  for (const attempt of running.keys()) send({ type: "attempt-failed", attempt, failure: { kind: "out-of-memory", message } });
  process.exit(1);
}).start();
send({ type: "executor-ready" });

async function describe(command: Extract<ExecutorCommand, { type: "describe-job" }>): Promise<void> {
  const reply = await pool.run(command);
  if (reply.type === "job-described" || reply.type === "describe-failed") send(reply);
}

async function start(order: AttemptOrder): Promise<void> {
  const monitor = new AttemptMonitor();
  const end = new AbortController();
  running.set(order.attempt, { monitor, end, pulse: 0 });
  const reply = await pool.run({ type: "run-attempt", order, monitor: monitor.buffer }, end.signal);
  running.delete(order.attempt);
  if (reply.type === "finished") send({ type: "attempt-finished", attempt: order.attempt, result: reply.result, stats: reply.stats });
  if (reply.type === "failed") send({ type: "attempt-failed", attempt: order.attempt, failure: reply.failure });
}

function stop(attempt: AttemptId): void {
  const found = running.get(attempt);
  if (found === undefined) return;
  found.monitor.requestStop();
  setTimeout(() => found.end.abort(), STOP_GRACE);
}

function reportProgress(): void {
  for (const [attempt, run] of running) {
    const { pulse, records, bytes } = run.monitor;
    if (pulse === run.pulse) continue;
    run.pulse = pulse;
    send({ type: "attempt-progressed", attempt, progress: { records, bytes } });
  }
}
