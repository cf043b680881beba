/**
 * An executor that dies takes all of its tasks with it, and nothing says which of them did it. All become
 * suspects: each runs alone in an executor next time, so that the one to blame shows itself and the others
 * succeed. A worker where a suspect is to run is first emptied of the job's other tasks:
 *
 *     emptying -> occupied by the suspect -> emptying -> (next suspect, or given back)
 */
import type { Isolation, JobState, RunningAttempt, StageState, Task } from "./job-state.js";
import { isReady } from "./job-state.js";
import { troubleOf } from "./trouble.js";
import { countRunning, type WorkerState } from "./worker-state.js";

/** Workers that one job may have emptied for suspects at the same time. */
const MOST_ISOLATIONS = 8;

/** Whether the job has no other task in the attempt's executor, and had none when it died. */
export function isAlone(attempt: RunningAttempt): boolean {
  return !attempt.diedInCompany && countRunning(attempt.worker, attempt.task.stage.job) === 1;
}

export function suspectCompany(attempt: RunningAttempt): void {
  const { job } = attempt.task.stage;
  troubleOf(attempt.task).suspect = true;
  for (const other of attempt.worker.running) {
    if (other.task.stage.job === job) other.diedInCompany = true;
  }
}

export type IsolatedChoice = { readonly type: "nothing-here" } | { readonly type: "any" } | { readonly type: "suspect"; readonly task: Task };

/** What the job may run on a worker with a free slot, as far as suspects are concerned. */
export function chooseIsolated(job: JobState, worker: WorkerState, mayRun: (task: Task) => boolean): IsolatedChoice {
  const isolation = job.isolations.get(worker);
  if (isolation?.state === "occupied") return { type: "nothing-here" };
  const stage = job.stages.find((candidate) => candidate.suspects.size > 0 && isReady(candidate));
  const first = stage?.suspects.first;
  if (stage === undefined || first === undefined || !mayRun(first)) {
    job.isolations.delete(worker);
    return { type: "any" };
  }
  if (countRunning(worker, job) === 0) return { type: "suspect", task: takeSuspect(stage) };
  if (isolation === undefined && job.isolations.size >= MOST_ISOLATIONS) return { type: "any" };
  job.isolations.set(worker, { state: "emptying" });
  return { type: "nothing-here" };
}

export function occupy(attempt: RunningAttempt): void {
  const occupied: Isolation = { state: "occupied", by: attempt };
  attempt.task.stage.job.isolations.set(attempt.worker, occupied);
}

function takeSuspect(stage: StageState): Task {
  const task = stage.suspects.shift();
  if (task === undefined) throw new Error(`Stage ${stage.kind} of ${stage.job.id} has no suspects`);
  return task;
}
