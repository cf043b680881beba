import { taskId, type TaskId } from "../model/ids.js";
import type { Committed, Task } from "./job-state.js";
import type { NodeState } from "./node-state.js";

/** What went wrong with a task so far: counts toward its limits, and why it waits for a special place. */
export interface Trouble {
  /** Failed attempts that count. */
  failures: number;
  /** Executors that died with it. */
  deaths: number;
  /** Workers that were lost with it. */
  workerLosses: number;
  /** Times that its finished output could not be fetched. */
  outputLosses: number;
  /** Must run alone in its executor, so that another death is surely its own. */
  suspect: boolean;
  /** Message, file and offset of the last user error. */
  lastUserError: string | undefined;
  /** Another node is preferred until then. */
  avoid: { readonly node: NodeState; readonly until: number } | undefined;
  /** The attempt that was committed before its output was lost. It counts if the job ends before the task is done again. */
  former: Committed | undefined;
  /** For story(): one line per event, the oldest dropped. */
  readonly past: string[];
}

const STORY_LINES = 40;

export function troubleOf(task: Task): Trouble {
  return (task.trouble ??= {
    failures: 0,
    deaths: 0,
    workerLosses: 0,
    outputLosses: 0,
    suspect: false,
    lastUserError: undefined,
    avoid: undefined,
    former: undefined,
    past: [],
  });
}

/** What went wrong so far counts toward no limit; what is known of places stays. */
export function forgive({ trouble }: Task): void {
  if (trouble !== undefined) Object.assign(trouble, { failures: 0, deaths: 0, workerLosses: 0, lastUserError: undefined });
}

export function remember(task: Task, line: string): void {
  const { past } = troubleOf(task);
  past.push(line);
  if (past.length > STORY_LINES) past.shift();
}

/** What the scheduler decided about a task and what became of it, oldest first. */
export function storyOf(task: Task): string[] {
  const past = task.trouble?.past ?? [];
  switch (task.state.state) {
    case "waiting":
      return [...past, task.stage.firstFresh <= task.index ? "waiting, never launched" : "waiting to run again"];
    case "running":
      return [...past, ...task.state.attempts.map((attempt) => `${attempt.launchedAt}: attempt ${attempt.number} launched on ${attempt.worker.id}${attempt.backup ? " as a backup" : ""}`)];
    case "done": {
      const { number, worker, launchedAt, finishedAt } = task.state;
      return [...past, `${launchedAt}: attempt ${number} launched on ${worker.id}`, `${finishedAt}: attempt ${number} done and committed`];
    }
  }
}

export function idOf(task: Task): TaskId {
  return taskId(task.stage.job.id, task.stage.kind, task.index);
}
