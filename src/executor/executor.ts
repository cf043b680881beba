/**
 * The executor: a process that a worker forks for one job, so that user code can neither block nor bring down
 * the worker. It hosts the thread pool and passes orders in and reports out; its own thread runs no user code.
 */
import type { ExecutorCommand, ExecutorCommands, ExecutorReport, JobOrder } from "../protocol/executor-messages.js";
import { AttemptQueue } from "./attempt-queue.js";
import { MemoryWatch } from "./memory-watch.js";

const PROGRESS_EVERY = 200;

let queue: AttemptQueue | undefined;
let job: JobOrder | undefined;
/** Of this turn of the event loop. */
let reports: ExecutorReport[] = [];

process.on("message", (commands: ExecutorCommands) => commands.forEach(obey));
// The worker is gone: nobody wants the results any more. An exit would wait for threads that user code may hold up.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
// Ctrl-C reaches the whole process group; the worker decides what happens.
process.on("SIGINT", () => {});

setInterval(() => queue?.reportProgress(), PROGRESS_EVERY).unref();
new MemoryWatch((message) => {
  queue?.failAll({ kind: "out-of-memory", message });
  flush();
  process.exit(1);
}).start();

function obey(command: ExecutorCommand): void {
  switch (command.type) {
    case "open-threads":
      queue = new AttemptQueue(command.threads, command.heap, send);
      break;
    case "describe-job":
      void queue?.describe(command);
      break;
    case "take-job":
      job = command.job;
      break;
    case "start-attempts":
      if (job !== undefined) queue?.start(job, command.attempts, command.shared);
      break;
    case "stop-attempt":
      queue?.stop(command.attempt);
      break;
  }
}

function send(report: ExecutorReport): void {
  if (reports.push(report) === 1) setImmediate(flush);
}

function flush(): void {
  if (reports.length > 0) process.send?.(reports);
  reports = [];
}
