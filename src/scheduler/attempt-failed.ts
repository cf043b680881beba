import type { Failure } from "../model/failure.js";
import type { Split } from "../model/split.js";
import { splitsOf } from "../model/task.js";
import { dropAttempt } from "./attempts.js";
import type { Turn } from "./cluster-state.js";
import { failJob } from "./end-job.js";
import { strike } from "./exclusion.js";
import { excuseFetchFailure } from "./fetch-failures.js";
import { isAlone, suspectCompany } from "./isolation.js";
import { requeue, workOf, type RunningAttempt, type Task } from "./job-state.js";
import { avoidNode } from "./placement.js";
import { retryTable } from "./retry.js";
import { demandSurvey } from "./survey.js";
import { idOf, remember, troubleOf } from "./trouble.js";

/** Applies the retry table: the task runs again elsewhere, or its job fails with this failure as the one cause, unless a survey can tell that it is none. */
export function attemptFailed(turn: Turn, attempt: RunningAttempt, failure: Failure): void {
  const { task, worker } = attempt;
  const rule = retryTable[failure.kind];
  remember(task, `${attempt.launchedAt}: attempt ${attempt.number} launched on ${worker.id}, failed at ${turn.at}: ${failure.kind}: ${failure.message}`);

  const alone = isAlone(attempt);
  if (rule.strikesNode) strike(turn, worker.node);
  if (failure.kind === "executor-died" && !alone) suspectCompany(attempt);
  const mustWait = dropAttempt(turn, attempt);

  const excused = rule.alsoAgain === "the lost map" && excuseFetchFailure(turn, attempt, failure);
  if (task.stage.job.phase.state === "ended") return;
  const problem = excused ? undefined : charge(attempt, failure, alone);
  if (problem === undefined) {
    if (failure.kind !== "cancelled") avoidNode(turn, task, worker.node);
  } else if (!demandSurvey(turn, task.stage)) {
    failJob(turn, task.stage.job, describeEnd(attempt, failure, problem));
    return;
  }
  if (mustWait) requeue(task);
}

/** Why the job must fail now; undefined when the task may run again. */
function charge(attempt: RunningAttempt, failure: Failure, alone: boolean): string | undefined {
  const { task } = attempt;
  const { limits } = task.stage.job;
  const trouble = troubleOf(task);
  const rule = retryTable[failure.kind];
  if (!rule.retry) return "failed";

  // What ended its thread (process.exit) says nothing of where, and so not whether it was the same.
  if (failure.kind === "user-error" && (failure.stack !== undefined || failure.file !== undefined || failure.offset !== undefined)) {
    const error = JSON.stringify([failure.message, failure.file, failure.offset]);
    const before = trouble.lastUserError;
    trouble.lastUserError = error;
    if (before === error) return "failed twice with the same error";
  }
  switch (rule.counts) {
    case "deaths":
      trouble.deaths++;
      // A death in company may have been another task's doing: first see what happens when it runs alone.
      return alone && trouble.deaths >= limits.deaths ? `killed its executor ${times(trouble.deaths)} (limit ${limits.deaths}), the last time while alone in it` : undefined;
    case "worker-losses":
      trouble.workerLosses++;
      return trouble.workerLosses >= limits.deaths ? `lost its worker ${times(trouble.workerLosses)} (limit ${limits.deaths})` : undefined;
    case "attempts":
      return chargeAttempt(task);
    case "nothing":
      return rule.alsoAgain === "the lost map" ? chargeAttempt(task) : undefined;
  }
}

function chargeAttempt(task: Task): string | undefined {
  const trouble = troubleOf(task);
  const limit = task.stage.job.limits.attempts;
  trouble.failures++;
  return trouble.failures >= limit ? `failed ${times(trouble.failures)} (limit ${limit})` : undefined;
}

function describeEnd({ task, worker }: RunningAttempt, failure: Failure, problem: string): Failure {
  const splits = splitsOf(workOf(task));
  // Of several files nobody knows which one it was.
  const place = splits.length === 1 ? { file: splits[0]!.file.path } : {};
  return { ...place, ...failure, context: `Task ${idOf(task)}${describeReading(splits)} ${problem}; last on worker ${worker.id}` };
}

function describeReading(splits: readonly Split[]): string {
  const [first] = splits;
  if (first === undefined) return "";
  if (splits.length === 1) return ` (${first.file.path}, ${first.start} to ${first.end})`;
  return ` (${splits.length} files, ${first.file.path} to ${splits.at(-1)!.file.path})`;
}

function times(n: number): string {
  return n === 1 ? "once" : `${n} times`;
}
