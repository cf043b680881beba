import { assertNever } from "../model/assert-never.js";
import type { AttemptOrder } from "../protocol/executor-messages.js";
import type { AttemptMonitor } from "./attempt-monitor.js";
import type { AttemptScope } from "./attempt-scope.js";
import type { SideRows } from "./derive-columns.js";
import { runMap, type Finished } from "./run-map.js";
import { runReduce } from "./run-reduce.js";
import { runSample } from "./run-sample.js";
import { runSurvey } from "./run-survey.js";
import { StopSignal } from "./stop-signal.js";
import { openTaskScope } from "./task-context.js";
import type { ThreadJob } from "./thread-job.js";

/** Runs one attempt to its end; rejects with TaskFailure. */
export async function runAttempt(thread: ThreadJob, order: AttemptOrder, monitor: AttemptMonitor, writeLog: (line: string) => void): Promise<Finished & { counters: Record<string, number> }> {
  const { described: job } = thread;
  const reading = thread.sides();
  const sides = reading instanceof Promise ? await reading : reading;
  const stop = new StopSignal(monitor);
  const side = (name: string): readonly never[] => {
    const records = sides.get(name);
    if (records === undefined) throw new TypeError(`ctx.side(${JSON.stringify(name)}): the job declares ${[...sides.keys()].join(", ") || "no side inputs"}`);
    return records as readonly never[];
  };
  const { context, counters } = openTaskScope({ attempt: order.attempt, params: job.params, signal: () => stop.get(), side, writeLog });
  const sideRows: SideRows = { side, sideIndex: (spec) => thread.sideIndex(spec, side(spec.lookup!.side)) };
  try {
    const finished = await dispatch({ job, order, monitor, context, counters, sides: sideRows, thread });
    return { counters: counters(), ...finished };
  } finally {
    stop.close();
  }
}

function dispatch(scope: AttemptScope): Promise<Finished> {
  const { work } = scope.order;
  switch (work.type) {
    case "survey":
      return runSurvey(scope, work.split);
    case "sample":
      return runSample(scope, work.splits);
    case "map":
      return runMap(scope, work.splits);
    case "reduce":
      return runReduce(scope, work.partition);
    default:
      return assertNever(work);
  }
}
