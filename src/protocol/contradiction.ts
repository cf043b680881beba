import { parseAttemptId } from "../model/ids.js";
import type { JobHeader, LaunchAttempt, WorkerCommand, WorkerReport } from "./messages.js";

/** What makes a message impossible whose members are all as they should be; undefined for a sound one. */
export function contradiction(message: WorkerReport | WorkerCommand): string | undefined {
  switch (message.type) {
    case "attempt-finished":
      return wrongResult(message);
    case "attempts-finished":
      return firstOf(message.attempts, wrongResult);
    case "launch-attempt":
      return wrongLaunch(message.header, message);
    case "launch-attempts":
      return firstOf(message.attempts, (launch) => wrongLaunch(message.header, launch));
    default:
      return undefined;
  }
}

function wrongResult({ attempt, result }: Pick<Extract<WorkerReport, { type: "attempt-finished" }>, "attempt" | "result">): string | undefined {
  return result.type === parseAttemptId(attempt).stage ? undefined : `the result of ${attempt} is one of a ${result.type}`;
}

function wrongLaunch(header: JobHeader, { attempt, work }: Pick<LaunchAttempt, "attempt" | "work">): string | undefined {
  const { job, stage } = parseAttemptId(attempt);
  if (header.job !== job) return `${attempt} comes with the header of ${header.job}`;
  return work.type === stage ? undefined : `the work of ${attempt} is that of a ${work.type}`;
}

function firstOf<T>(items: readonly T[], wrong: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = wrong(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
