/**
 * The entry of an executor's threads, which is loaded with the code that V8 kept. Where that is not of jobs like this one, the first
 * thread keeps it with what a map and a reduce of this one ran.
 */
import { isMainThread, threadId } from "node:worker_threads";
import { loadEntry } from "../compiled-entry.js";
import type { JobSpec } from "../model/job-spec.js";
import type * as Thread from "./thread.js";

const { exports, covered, canKeep, keepCode } = loadEntry<typeof Thread>("executor/thread");
/** The others may have begun when the pool had given V8 flags of its own, under which code would serve nobody (thread-pool.ts). */
const isFirst = !isMainThread && threadId === 1;
/** A worker's thread does not know what kind of job it has. */
let kind: string | undefined;
const kept = new Set<string>();

export default async function run(task: Thread.ThreadTask): Promise<Thread.ThreadReply> {
  if (task.type === "warm-up") return { type: "warm", keepsCode: keepsCode() };
  const reply = await exports.default(task);
  if (reply.type === "job-described") {
    kind = kindOf(reply.spec);
    return { ...reply, keepsCode: keepsCode() };
  }
  if (task.type === "run-attempts") keepOnce(task.attempts[0]!.work.type);
  return reply;
}

function keepsCode(): boolean {
  return isFirst && (covered === undefined || (kind !== undefined && !covered.includes(kind))) && canKeep();
}

function keepOnce(work: string): void {
  if (kept.has(work) || !keepsCode()) return;
  kept.add(work);
  keepCode([...new Set([...(covered ?? []), kind ?? ""])]);
}

/** Coarse: what is missing of a job's code is compiled. */
function kindOf({ input, map, shuffle, output }: JobSpec): string {
  return [input.format, map.style, map.operator?.name ?? "", shuffle?.reduce.kind ?? "", output.format].join("-");
}
