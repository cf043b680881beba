import { attemptId } from "../model/ids.js";
import type { CommittedAttempt } from "./commands.js";
import type { Turn } from "./cluster-state.js";
import { stopAttempts } from "./attempts.js";
import { isComplete, isReady, lastStage, type Committed, type JobState, type StageState, type Task } from "./job-state.js";
import { idOf } from "./trouble.js";

/** Goes on to what finished stages allow: asks for the inputs of the next stage, or for the commit. */
export function advanceJob(turn: Turn, job: JobState): void {
  if (job.phase.state !== "running") return;
  const last = lastStage(job);
  // Reduces that are done stay done, though a map of theirs may be running again, for nobody now.
  if (isComplete(last) && (last.tasks.length > 0 || isReady(last))) {
    stopAttempts(turn, job, "every reduce is done");
    job.phase = { state: "committing" };
    // Of a million maps these are large, and nobody reads their outputs any more.
    job.sources = undefined;
    job.outputs.clear();
    turn.commands.push(commitCommand(job));
    return;
  }
  for (const stage of job.stages) {
    if (stage.inputs !== "not-asked" || !isComplete(stage) || !isReady(stage)) continue;
    stage.inputs = "asked";
    turn.commands.push(resolveCommand(stage));
  }
}

export function commitCommand(job: JobState): Turn["commands"][number] {
  const committed: CommittedAttempt[] = [];
  for (const stage of job.stages) {
    // Surveys and samples read what maps read again: their counts would count twice.
    if (stage.kind !== "map" && stage.kind !== "reduce") continue;
    for (const task of stage.tasks) committed.push(committedAttempt(task));
  }
  return { type: "commit-job", job: job.id, committed };
}

export function resolveCommand(stage: StageState): Turn["commands"][number] {
  if (stage.kind !== "survey" && stage.kind !== "sample") throw new Error(`Stage ${stage.kind} of ${stage.job.id} has no inputs to give`);
  return { type: "resolve-stage-inputs", job: stage.job.id, stage: stage.kind, results: stage.tasks.map((task) => committedOf(task).result) };
}

function committedAttempt(task: Task): CommittedAttempt {
  const { number, worker, result, stats } = committedOf(task);
  return { attempt: attemptId(idOf(task), number), worker: worker.id, result, stats };
}

/** Of a map whose output was lost after the last reduce had read it, the attempt that was read. */
function committedOf(task: Task): Committed {
  const committed = task.state.state === "done" ? task.state : task.trouble?.former;
  if (committed === undefined) throw new Error(`Task ${idOf(task)} is ${task.state.state}, not done`);
  return committed;
}
