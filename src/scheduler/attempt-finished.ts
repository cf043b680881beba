import type { AttemptStats, TaskResult } from "../model/task.js";
import { cancelCommand, release } from "./attempts.js";
import { countRecords } from "./bad-record-budget.js";
import type { Turn } from "./cluster-state.js";
import { advanceJob } from "./advance-job.js";
import { setTaskState, type RunningAttempt } from "./job-state.js";
import { keepOutput } from "./map-outputs.js";
import { learnTaskMillis } from "./run-ahead.js";
import { remember } from "./trouble.js";

/** The first attempt of a task to finish is the one that counts; any other is cancelled here and refused later. */
export function attemptFinished(turn: Turn, attempt: RunningAttempt, result: TaskResult, stats: AttemptStats): void {
  const { task, worker } = attempt;
  const { stage } = task;
  if (task.state.state !== "running") return;
  for (const other of task.state.attempts) {
    release(turn, other);
    if (other !== attempt) cancelCommand(turn, other, `attempt ${attempt.number} finished first`);
  }
  setTaskState(task, { state: "done", number: attempt.number, worker, launchedAt: attempt.launchedAt, finishedAt: turn.at, result, stats });
  stage.durations.add(turn.at - attempt.launchedAt);
  learnTaskMillis(stage, stats.millis);
  if (result.type === "map" && result.output.kind === "map-output") keepOutput(task, worker);
  const former = task.trouble?.former;
  stage.records += stats.records - (former?.stats.records ?? 0);
  stage.bytes += stats.bytesRead - (former?.stats.bytesRead ?? 0);
  const withinBudget = countRecords(turn, task, stats, former?.stats);
  if (task.trouble !== undefined) {
    remember(task, `${turn.at}: attempt ${attempt.number} done on ${worker.id}`);
    // Deaths that it shared were another task's doing.
    Object.assign(task.trouble, { former: undefined, suspect: false, deaths: 0, workerLosses: 0, avoid: undefined });
  }
  if (withinBudget) advanceJob(turn, stage.job);
}
