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
  let random: TaskRandom | undefined;
  const counter = (name: string): Counter => {
    const known = counters.get(name);
    if (known !== undefined) return known;
    const counter = { add: (n = 1) => void totals.set(name, checkedCount(name, (totals.get(name) ?? 0) + checkedCount(name, n))) };
    counters.set(name, counter);
    return counter;
  };
  const context = new OpenContext({ params, task, log: taskLog(task, writeLog), counter, random: () => (random ??= new TaskRandom(task)).next(), side: (name) => side(name) as readonly never[] }, signal);
  return { context, counters: () => Object.fromEntries(totals) };
}

type Context = TaskContext<unknown, Record<string, never>>;

/**
 * The context of a task. A class, for an object with a getter of its own gets a shape of its own as well, which keeps
 * all that the getter sees alive for long.
 */
export class OpenContext implements Context {
  readonly params: unknown;
  readonly task: string;
  readonly log: TaskLog;
  readonly counter: Context["counter"];
  readonly random: Context["random"];
  readonly side: Context["side"];
  readonly #signal: () => AbortSignal;

  constructor({ params, task, log, counter, random, side }: Omit<Context, "signal">, signal: () => AbortSignal) {
    this.params = params;
    this.task = task;
    this.log = log;
    this.counter = counter;
    this.random = random;
    this.side = side;
    this.#signal = signal;
  }

  get signal(): AbortSignal {
    return this.#signal();
  }
}

function checkedCount(name: string, n: unknown): number {
  if (typeof n !== "number" || !Number.isFinite(n)) throw new TypeError(`counter(${JSON.stringify(name)}).add: expected a finite number, got ${String(n)}`);
  return n;
}

function taskLog(task: TaskId, write: (line: string) => void): TaskLog {
  const at = (level: string) => (message: string) => write(`${task}${level}: ${message}\n`);
  return Object.assign(at(""), { info: at(""), warn: at(" warning"), error: at(" error") });
}
