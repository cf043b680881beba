/**
 * Surveys on demand. Only a survey of the splits before it tells for sure whether a CSV split begins inside quotes. Until one is
 * demanded, samples and maps presume that none does:
 *
 *     asleep -> demanded by a failure -> surveyed -> what was misread runs again
 *
 * A presumption can be wrong only behind a quote, and a map that meets a quote fails with `needs-survey`. So when all maps are done
 * without a survey, none has met a quote, and every split began as presumed: reduces and the commit, which wait for all maps, use
 * nothing that is not proven. Before that, any failure may come of a wrong presumption: one that would end the job demands the
 * survey instead, and ends the job when it comes again.
 */
import type { CsvState } from "../model/task.js";
import { stopAttempts } from "./attempts.js";
import type { Turn } from "./cluster-state.js";
import { stageOf, type JobState, type StageState } from "./job-state.js";
import { loseOutput } from "./map-outputs.js";
import { forgive } from "./trouble.js";

/** Has what the stage presumes surveyed first. False when it presumes nothing. */
export function demandSurvey(turn: Turn, { job, after }: StageState): boolean {
  const survey = after.find((before) => before.inputs === "asleep");
  if (survey === undefined) return false;
  survey.inputs = "not-asked";
  stopAttempts(turn, job, "where its split begins is surveyed first");
  for (const stage of job.stages) if (stage.after.includes(survey)) stage.tasks.forEach(forgive);
  return true;
}

/** The survey is over: what began in another state than presumed runs again, like lost outputs. */
export function retakeMisread({ at }: Turn, job: JobState, csvStates: readonly CsvState[]): void {
  const sample = stageOf(job, "sample");
  for (const task of stageOf(job, "map")?.tasks ?? []) {
    if (csvStates[task.index] !== "plain") loseOutput(task, at, `its split begins ${csvStates[task.index]}`);
    else if (sample !== undefined) loseOutput(task, at, "its partitions were placed by samples that may be wrong");
  }
  if (sample === undefined) return;
  for (const task of sample.tasks) loseOutput(task, at, "its piece may begin inside quotes");
  sample.inputs = "not-asked";
}
