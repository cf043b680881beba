/** The books of running attempts: every launch and every end goes through here, so that all indexes agree. */
import { attemptId } from "../model/ids.js";
import type { MapSource } from "./commands.js";
import { offer, type Turn } from "./cluster-state.js";
import { requeue, setTaskState, WAITING, workOf, type JobState, type RunningAttempt, type Task } from "./job-state.js";
import { mapSources } from "./map-outputs.js";
import { idOf, remember } from "./trouble.js";
import type { WorkerState } from "./worker-state.js";

const NO_SOURCES: readonly MapSource[] = [];

export function launch(turn: Turn, task: Task, worker: WorkerState, backup = false): RunningAttempt {
  const { stage } = task;
  const { job } = stage;
  const number = Math.max(task.nextAttempt, turn.cluster.leastAttempt);
  task.nextAttempt = number + 1;
  const attempt: RunningAttempt = {
    id: attemptId(idOf(task), number),
    task,
    number,
    worker,
    launchedAt: turn.at,
    backup,
    sources: stage.kind === "reduce" ? mapSources(job) : NO_SOURCES,
    progressAt: turn.at,
    records: 0,
    bytes: 0,
    steps: 0,
    diedInCompany: false,
    placeByProgress: undefined,
    placeByLaunch: undefined,
  };
  attempt.placeByProgress = job.byProgress.add(attempt);
  if (!backup && task.trouble?.suspect !== true) attempt.placeByLaunch = stage.byLaunch.add(attempt);
  setTaskState(task, { state: "running", attempts: task.state.state === "running" ? [...task.state.attempts, attempt] : [attempt] });
  worker.running.push(attempt);
  job.runningAttempts++;
  turn.commands.push(launchCommand(attempt));
  offer(turn.cluster, worker);
  return attempt;
}

export function launchCommand(attempt: RunningAttempt): Turn["commands"][number] {
  const { id, task, worker, sources } = attempt;
  return { type: "launch-attempt", attempt: id, worker: worker.id, work: workOf(task), inputs: task.stage.job.inputs, sources };
}

/** Takes the attempt off all books but its task's state. */
export function release({ cluster, released }: Turn, attempt: RunningAttempt): void {
  const { task, worker } = attempt;
  const { stage } = task;
  const { job } = stage;
  if (attempt.placeByProgress !== undefined) job.byProgress.remove(attempt.placeByProgress);
  attempt.placeByProgress = undefined;
  ineligibleForBackup(attempt);
  stage.records -= attempt.records;
  stage.bytes -= attempt.bytes;
  const place = worker.running.indexOf(attempt);
  if (place >= 0) worker.running.splice(place, 1);
  const isolation = job.isolations.get(worker);
  if (isolation?.state === "occupied" && isolation.by === attempt) job.isolations.set(worker, { state: "emptying" });
  job.runningAttempts--;
  offer(cluster, worker);
  released.add(worker);
}

export function ineligibleForBackup(attempt: RunningAttempt): void {
  if (attempt.placeByLaunch !== undefined) attempt.task.stage.byLaunch.remove(attempt.placeByLaunch);
  attempt.placeByLaunch = undefined;
}

/** An attempt that ended without a result. True when its task has no other attempt and waits again. */
export function dropAttempt(turn: Turn, attempt: RunningAttempt): boolean {
  const { task } = attempt;
  const others = task.state.state === "running" ? task.state.attempts.filter((other) => other !== attempt) : [];
  release(turn, attempt);
  setTaskState(task, others.length > 0 ? { state: "running", attempts: others } : WAITING);
  return others.length === 0;
}

/** All attempts of the job end; their tasks wait again. */
export function stopAttempts(turn: Turn, job: JobState, reason: string): void {
  // In an order that signs of life, which no journal holds, do not change: it is the one in which workers are free again.
  for (const attempt of [...job.byProgress].sort((a, b) => a.launchedAt - b.launchedAt || (a.id < b.id ? -1 : 1))) {
    if (dropAttempt(turn, attempt)) requeue(attempt.task);
    cancelCommand(turn, attempt, reason);
  }
}

export function cancelCommand(turn: Turn, attempt: RunningAttempt, reason: string): void {
  // Nobody listens there; should the worker come back, its reports are answered with a cancel.
  if (attempt.worker.mode === "lost") return;
  remember(attempt.task, `${turn.at}: attempt ${attempt.number} on ${attempt.worker.id} cancelled: ${reason}`);
  turn.commands.push({ type: "cancel-attempt", attempt: attempt.id, worker: attempt.worker.id, reason });
}
