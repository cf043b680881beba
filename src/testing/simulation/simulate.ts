import { taskId } from "../../model/ids.js";
import type { JobOutcome } from "../../scheduler/commands.js";
import { scenarioOf, type Scenario } from "./scenario.js";
import { World } from "./world.js";

/** Far beyond what the slowest run needs after the calm has come. */
const MOST_VIRTUAL_MILLIS = 60 * 60_000;
/** So that a timer that is due again at once cannot stop the time. */
const MOST_EVENTS = 20_000;

export interface SimulationRun {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly events: number;
  readonly virtualMillis: number;
  readonly outcomes: readonly string[];
  /** What went against the rules; empty for a good run. */
  readonly problems: readonly string[];
  /** Stories of tasks of jobs that had not ended. */
  readonly stories: readonly string[];
}

/** Runs the scenario of a seed, or another one by the chances of the seed, until all jobs have ended. The same seed always gives the same run. */
export function simulate(seed: number, scenario = scenarioOf(seed)): SimulationRun {
  const world = new World(scenario, seed);
  const { judge, time } = world;
  while (!judge.allEnded && judge.problems.length === 0 && time.now < MOST_VIRTUAL_MILLIS && judge.events < MOST_EVENTS && time.step());
  const problems = [...judge.problems];
  const stories: string[] = [];
  for (const { plan } of scenario.jobs) {
    const { coordinator } = world;
    const status = coordinator.scheduler.status(plan.job);
    if (!judge.outcomes.has(plan.job) && problems.length === 0) problems.push(`(f) ${plan.job} does not end; it is ${JSON.stringify(status)}`);
    for (const { kind, tasks } of plan.stages) {
      for (const index of tasks.keys()) stories.push(...coordinator.scheduler.story(taskId(plan.job, kind, index)).map((line) => `${taskId(plan.job, kind, index)}  ${line}`));
    }
  }
  return { seed, scenario, events: judge.events, virtualMillis: time.now, outcomes: [...judge.outcomes.values()].map(describe), problems, stories };
}

function describe(outcome: JobOutcome): string {
  return outcome.type === "failed" ? `failed: ${outcome.failure.kind}` : outcome.type;
}
