import type { Counter, TaskContext, TaskLog } from "../job/context.js";
import type { AttemptId, TaskId } from "../model/ids.js";
import { parseAttemptId } from "../model/ids.js";
import { TaskRandom } from "./task-random.js";

/** What `ctx` offers in map and reduce alike; the counters stay with the attempt until it reports. */
export interface TaskScope {
  readonly context: TaskContext<unknown, Record<string, never>>;
  /** What the attempt counted so far. */
  counters(): Record<string, number>;
}

export interface TaskScopeOptions {
  readonly attempt: AttemptId;
  readonly params: unknown;
  readonly signal: () => AbortSignal;
  readonly side: (name: string) => readonly unknown[];
  readonly writeLog: (line: string) => void;
}

export function openTaskScope({ attempt, params, signal, side, writeLog }: TaskScopeOptions): TaskScope {
  const { task } = parseAttemptId(attempt);
  const totals = new Map<string, number>();
  const counters = new Map<string, Counter>();
  const random = new TaskRandom(task);
  const context = {
    params,
    task,
    get signal() {
      return signal();
    },
    log: taskLog(task, writeLog),
    counter(name: string): Counter {
      const known = counters.get(name);
      if (known !== undefined) return known;
      const counter = { add: (n = 1) => void totals.set(name, (totals.get(name) ?? 0) + checkedCount(name, n)) };
      counters.set(name, counter);
      return counter;
    },
    random: () => random.next(),
    side: (name: string) => side(name) as readonly never[],
  };
  return { context, counters: () => Object.fromEntries(totals) };
}

function checkedCount(name: string, n: unknown): number {
  if (typeof n !== "number" || !Number.isFinite(n)) throw new TypeError(`counter(${JSON.stringify(name)}).add: expected a finite number, got ${String(n)}`);
  return n;
}

function taskLog(task: TaskId, write: (line: string) => void): TaskLog {
  const at = (level: string) => (message: string) => write(`${task}${level}: ${message}\n`);
  return Object.assign(at(""), { info: at(""), warn: at(" warning"), error: at(" error") });
}
