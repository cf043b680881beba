import { assertNever } from "../model/assert-never.js";
import type { AttemptOrder } from "../protocol/executor-messages.js";
import type { AttemptMonitor } from "./attempt-monitor.js";
import type { AttemptScope } from "./attempt-scope.js";
import { runMap, type Finished } from "./run-map.js";
import { runReduce } from "./run-reduce.js";
import { runSample } from "./run-sample.js";
import { runSurvey } from "./run-survey.js";
import { StopSignal } from "./stop-signal.js";
import { openTaskScope } from "./task-context.js";
import type { ThreadJob } from "./thread-job.js";

/** Runs one attempt to its end; rejects with TaskFailure. */
export async function runAttempt(job: ThreadJob, order: AttemptOrder, monitor: AttemptMonitor, writeLog: (line: string) => void): Promise<Finished & { counters: Record<string, number> }> {
  const reading = job.sides();
  const sides = reading instanceof Promise ? await reading : reading;
  const stop = new StopSignal(monitor);
  const side = (name: string): readonly unknown[] => {
    const records = sides.get(name);
    if (records === undefined) throw new TypeError(`ctx.side(${JSON.stringify(name)}): the job declares ${[...sides.keys()].join(", ") || "no side inputs"}`);
    return records;
  };
  const { context, counters } = openTaskScope({ attempt: order.attempt, params: job.described.params, signal: () => stop.get(), side, writeLog });
  try {
    const finished = await dispatch({ job: job.described, order, monitor, context, counters, sides: { side: context.side as (name: string) => never[], sideIndex: (spec) => job.sideIndex(spec, side(spec.lookup!.side) as readonly never[]) }, blocks: job.blocks, kernels: job.kernels, shuffleKernels: job.shuffleKernels, keyTable: (layout, recordBytes) => job.keyTable(layout, recordBytes), shuffleTypes: () => job.shuffleTypes() });
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
