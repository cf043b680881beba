import { isWholeFile, type Split } from "../model/split.js";
import { splitsOf, type CsvStart, type CsvState, type StageInputs, type TaskResult, type TaskWork } from "../model/task.js";
import type { Plan } from "./plan.js";

/**
 * Strings survey results together: the state in which each map task's split begins. Surveys cover only
 * splits that another one of the same file follows, in the order of the map tasks.
 */
export function csvStatesFromSurvey(plan: Plan, results: readonly TaskResult[]): CsvState[] {
  const surveyed = firstSplits(plan, "survey");
  let survey = 0;
  let state: CsvState = "plain";
  return firstSplits(plan, "map").map((split) => {
    if (split.start === 0) state = "plain";
    const atStart = state;
    if (samePlace(surveyed[survey], split)) {
      const result = results[survey++];
      if (result?.type !== "survey") throw new Error(`Survey task ${survey - 1} of ${plan.job} reported ${result?.type ?? "nothing"}`);
      state = result.transitions[state];
    }
    return atStart;
  });
}

/** How a task begins its first split; undefined where nothing could ask for a survey. `index` is that of the task in its stage. */
export function csvStartOf(plan: Plan, { csvStates }: StageInputs, work: TaskWork, index: number): CsvStart | undefined {
  if ((work.type !== "map" && work.type !== "sample") || firstSplits(plan, "survey").length === 0) return undefined;
  const split = work.splits[0]!;
  // No other split of its file depends on how it ends.
  if (csvStates === undefined) return isWholeFile(split) ? "plain" : "presumed-plain";
  if (split.start === 0) return "plain";
  const state = csvStates[work.type === "map" ? index : firstSplits(plan, "map").findIndex((other) => samePlace(other, split))];
  if (state === undefined) throw new Error(`No split of ${plan.job} begins at ${split.file.path}:${split.start}`);
  return state;
}

/** Of each task: any more are whole files, whose states are known and no concern of others. */
function firstSplits(plan: Plan, kind: "survey" | "map"): Split[] {
  const stage = plan.stages.find((candidate) => candidate.kind === kind);
  return (stage?.tasks ?? []).map((work) => splitsOf(work)[0]!);
}

function samePlace(left: Split | undefined, right: Split): boolean {
  return left?.start === right.start && left.file.path === right.file.path;
}
