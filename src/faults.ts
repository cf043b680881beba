/**
 * Named places at which a test makes a process die, freeze or stall. Nothing happens anywhere unless the process
 * was started with MILLRACE_TESTING=1 and a plan:
 *
 *     MILLRACE_FAULT=<point>[:<n>]:<action>[,...]      map.before-report:kill    map.record:500:kill-parent
 *     MILLRACE_FAULT_ONCE=<file>                       only the process that creates this file carries out the plan
 *
 *     MILLRACE_HOST=<name>                             a worker takes itself for one on another machine than workers of another name
 *
 * `n` is the hit (or the byte) at which it happens, by default the first. Actions: `kill` (SIGKILL), `stop` (SIGSTOP), `exit`
 * (code 1), `delay:<ms>` (blocks the thread), and `kill-parent`, `stop-parent`: in an executor, the worker that forked it.
 */
import { closeSync, openSync } from "node:fs";

interface Fault {
  readonly point: string;
  readonly at: number;
  readonly action: string;
  readonly millis: number;
}

const plan = process.env["MILLRACE_TESTING"] === "1" ? parsePlan(process.env["MILLRACE_FAULT"] ?? "") : [];
const once = process.env["MILLRACE_FAULT_ONCE"] ?? "";

/** A function to call at each hit of a point, with how much it counts; undefined when nothing is planned there. */
export function faultPoint(point: string): ((count?: number) => void) | undefined {
  const faults = plan.filter((fault) => fault.point === point);
  if (faults.length === 0) return undefined;
  let hits = 0;
  return (count = 1) => {
    const before = hits;
    hits += count;
    for (const fault of faults) if (before < fault.at && hits >= fault.at && isFirst()) carryOut(fault);
  };
}

/** Variables that an executor needs to take part in a plan; none outside tests. */
export function faultEnvironment(): Readonly<Record<string, string>> {
  if (plan.length === 0) return {};
  return { MILLRACE_TESTING: "1", MILLRACE_FAULT: process.env["MILLRACE_FAULT"]!, ...(once === "" ? {} : { MILLRACE_FAULT_ONCE: once }) };
}

/** The machine that this process plays in a test; undefined outside tests. */
export function playedHost(): string | undefined {
  return process.env["MILLRACE_TESTING"] === "1" ? process.env["MILLRACE_HOST"] : undefined;
}

function parsePlan(text: string): Fault[] {
  return text.split(",").filter((part) => part !== "").map((part) => {
    const [, point, at, action, millis] = /^([a-z.-]+)(?::(\d+))?:(kill|stop|exit|delay|kill-parent|stop-parent)(?::(\d+))?$/.exec(part) ?? [];
    if (point === undefined || action === undefined) throw new Error(`MILLRACE_FAULT: cannot read ${JSON.stringify(part)}`);
    return { point, at: Number(at ?? 1), action, millis: Number(millis ?? 0) };
  });
}

function isFirst(): boolean {
  if (once === "") return true;
  try {
    closeSync(openSync(once, "wx"));
    return true;
  } catch {
    return false;
  }
}

function carryOut({ action, millis }: Fault): void {
  const target = action.endsWith("-parent") ? process.ppid : process.pid;
  if (action.startsWith("kill")) process.kill(target, "SIGKILL");
  else if (action.startsWith("stop")) process.kill(target, "SIGSTOP");
  else if (action === "exit") process.exit(1);
  else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis);
}
