import type { Split } from "../model/split.js";
import type { CsvState, StageInputs, TaskResult } from "../model/task.js";
import type { Plan } from "./plan.js";

/**
 * Strings survey results together: the state in which each map task's split begins. Surveys cover only
 * splits that another one of the same file follows, in the order of the map tasks.
 */
export function csvStatesFromSurvey(plan: Plan, results: readonly TaskResult[]): CsvState[] {
  const surveyed = splitsOf(plan, "survey");
  let survey = 0;
  let state: CsvState = "plain";
  return splitsOf(plan, "map").map((split) => {
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

/** The state in which a map or sample task's split begins. */
export function csvStateAt(plan: Plan, inputs: StageInputs, split: Split): CsvState {
  if (inputs.csvStates === undefined || split.start === 0) return "plain";
  const index = splitsOf(plan, "map").findIndex((other) => samePlace(other, split));
  const state = inputs.csvStates[index];
  if (state === undefined) throw new Error(`No split of ${plan.job} begins at ${split.file.path}:${split.start}`);
  return state;
}

function splitsOf(plan: Plan, kind: "survey" | "map"): Split[] {
  const stage = plan.stages.find((candidate) => candidate.kind === kind);
  return (stage?.tasks ?? []).flatMap((work) => (work.type === "reduce" ? [] : [work.split]));
}

function samePlace(left: Split | undefined, right: Split): boolean {
  return left?.start === right.start && left.file.path === right.file.path;
}
