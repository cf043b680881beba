/** The entry of an executor's threads, which is loaded with the code that V8 kept. */
import { isMainThread, threadId } from "node:worker_threads";
import { loadEntry } from "../compiled-entry.js";
import type * as Thread from "./thread.js";

const { exports, hasCode, keepCode } = loadEntry<typeof Thread>("executor/thread");
/** The first thread begins before the pool gives V8 flags of its own, under which code would serve nobody (thread-pool.ts). */
const keepsCode = !hasCode && !isMainThread && threadId === 1;
const kept = new Set<string>();

export default async function run(task: Thread.ThreadTask): Promise<Thread.ThreadReply> {
  if (task.type === "warm-up") return { type: "warm", hasCode };
  const reply = await exports.default(task);
  if (keepsCode && task.type === "run-attempts") keepOnce(task.attempts[0]!.work.type);
  return reply;
}

/** Once a map and a reduce have run, code of both is kept. */
function keepOnce(work: string): void {
  if (kept.has(work)) return;
  kept.add(work);
  keepCode();
}
