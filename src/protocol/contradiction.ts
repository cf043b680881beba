import { parseAttemptId } from "../model/ids.js";
import type { WorkerCommand, WorkerReport } from "./messages.js";

/** What makes a message impossible whose members are all as they should be; undefined for a sound one. */
export function contradiction(message: WorkerReport | WorkerCommand): string | undefined {
  if (message.type === "attempt-finished") {
    const { stage } = parseAttemptId(message.attempt);
    return message.result.type === stage ? undefined : `the result of ${message.attempt} is one of a ${message.result.type}`;
  }
  if (message.type !== "launch-attempt") return undefined;
  const { job, stage } = parseAttemptId(message.attempt);
  if (message.header.job !== job) return `${message.attempt} comes with the header of ${message.header.job}`;
  return message.work.type === stage ? undefined : `the work of ${message.attempt} is that of a ${message.work.type}`;
}
