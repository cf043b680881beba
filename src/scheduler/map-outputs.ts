/**
 * Map outputs live on the workers that wrote them and are needed until the last reduce is committed.
 * A lost one takes its task back to waiting, and the reduce stage with it to not ready.
 */
import { attemptId } from "../model/ids.js";
import type { MapSource } from "./commands.js";
import { isComplete, lastStage, requeue, setTaskState, stageOf, WAITING, type JobState, type Task } from "./job-state.js";
import { idOf, remember, troubleOf } from "./trouble.js";
import type { WorkerState } from "./worker-state.js";

export function keepOutput(task: Task, worker: WorkerState): void {
  const { outputs } = task.stage.job;
  const held = outputs.get(worker);
  if (held === undefined) outputs.set(worker, [task]);
  else held.push(task);
}

/** Only while all maps are done. */
export function mapSources(job: JobState): readonly MapSource[] {
  return (job.sources ??= (stageOf(job, "map")?.tasks ?? []).map(sourceOf));
}

function sourceOf(task: Task): MapSource {
  if (task.state.state !== "done") throw new Error(`Task ${idOf(task)} is ${task.state.state}: reduces cannot read it`);
  const { number, worker, result } = task.state;
  return { attempt: attemptId(idOf(task), number), worker: worker.id, empty: result.type === "map" && result.output.rows === 0 };
}

export function loseOutput(task: Task, at: number, reason: string): void {
  if (task.state.state !== "done") return;
  const committed = task.state;
  const { number, worker, launchedAt } = committed;
  remember(task, `${launchedAt}: attempt ${number} launched on ${worker.id}, committed at ${committed.finishedAt}`);
  remember(task, `${at}: output of attempt ${number} lost: ${reason}`);
  troubleOf(task).former = committed;
  task.stage.job.sources = undefined;
  setTaskState(task, WAITING);
  requeue(task);
}

/** All outputs that a lost or unreachable worker holds and that are still needed. */
export function loseOutputsOf(worker: WorkerState, job: JobState, at: number, reason: string): void {
  const held = job.outputs.get(worker) ?? [];
  job.outputs.delete(worker);
  if (isComplete(lastStage(job))) return;
  for (const task of held) {
    if (task.state.state === "done" && task.state.worker === worker) loseOutput(task, at, reason);
  }
}
