import { faultPoint } from "../faults.js";
import type { JobOrder, OwnWork, SharedWork } from "../protocol/executor-messages.js";
import type { LaunchAttempt } from "../protocol/messages.js";
import type { FinalReport } from "../protocol/shared-messages.js";

/** What an executor is told once of a job: what the coordinator says with each launch, and what this worker adds. */
export function jobOrder({ header }: LaunchAttempt, here: { readonly bundleFile: string; readonly host: string; readonly folder: string; readonly slots: number }): JobOrder {
  const { bundleFile, host, folder, slots } = here;
  return { header, bundleFile, host, folder, memory: Math.floor(header.memory / slots) };
}

/** What it is told of one attempt. */
export function attemptWork({ attempt, work, csvState }: LaunchAttempt): OwnWork {
  return csvState === undefined ? { attempt, work } : { attempt, work, csvState };
}

/** And what of all that are launched together. */
export function sharedWork({ splitters, sources }: LaunchAttempt): SharedWork {
  return { ...(splitters === undefined ? {} : { splitters }), ...(sources === undefined ? {} : { sources }) };
}

/** Whether the report tells of files that reduces will read from this worker. */
export function isMapOutput(report: FinalReport | undefined): boolean {
  return report?.type === "attempt-finished" && report.result.type === "map" && report.result.output.kind === "map-output";
}

const POINTS = {
  map: { "before-report": faultPoint("map.before-report"), "after-report": faultPoint("map.after-report") },
  reduce: { "before-report": faultPoint("reduce.before-report"), "after-report": faultPoint("reduce.after-report") },
};

/** The fault point of a result on its way. */
export function reportPoint(report: FinalReport, when: "before-report" | "after-report"): (() => void) | undefined {
  const type = report.type === "attempt-finished" ? report.result.type : undefined;
  return type === "map" || type === "reduce" ? POINTS[type][when] : undefined;
}
