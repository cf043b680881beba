import type { Failure } from "../../model/failure.js";
import { parseTaskId, type AttemptId, type TaskId } from "../../model/ids.js";
import { isOrderly, type Scenario } from "./scenario.js";

/**
 * What is wrong with a job's failing so; undefined when the scenario gave it reason to. An attempt that reached a worker and never had
 * a thread there is `idle`: no reason to give its task up, as far as the coordinator can know the order in which launches arrived.
 */
export function judgeFailure(scenario: Scenario, failure: Failure, launchesOf: (task: TaskId) => readonly AttemptId[], idle: ReadonlySet<AttemptId>): string | undefined {
  if (failure.kind === "disk-full" && scenario.commitFails) return undefined;
  const task = /[A-Za-z0-9-]+_[vsmr]_\d{5,}/.exec(`${failure.context} ${failure.message}`)?.[0];
  if (task === undefined) return "the failure names no task";
  parseTaskId(task);
  const all = launchesOf(task as TaskId);
  const launches = isOrderly(scenario) ? all.filter((attempt) => !idle.has(attempt)).length : all.length;
  const { attempts, deaths } = scenario.limits;
  const atLeast = (needed: number) => (launches >= needed ? undefined : `${task} was given up after ${launches} attempts`);
  switch (failure.kind) {
    case "user-error":
      if (task === scenario.userError && scenario.sameUserError && scenario.flakyError === 0 && !failure.context?.includes("twice with the same error")) return `${task} ran on though its error is always the same`;
      if (task === scenario.userError) return atLeast(scenario.sameUserError ? 2 : attempts);
      return scenario.flakyError > 0 ? atLeast(attempts) : "no user code fails here";
    case "out-of-memory":
    case "disk-full":
    case "io-error":
      return scenario.flakyError > 0 ? atLeast(attempts) : "nothing of the kind happens here";
    case "task-timeout":
      return scenario.hang + scenario.stall + scenario.loss + scenario.partition + scenario.flakyError > 0 ? atLeast(attempts) : "nothing hangs here";
    case "executor-died":
      return task === scenario.poison || scenario.executorDeath > 0 ? atLeast(deaths) : `${task} kills no executor`;
    case "worker-lost":
      return scenario.kill + scenario.stall + scenario.loss + scenario.drain + scenario.delay + scenario.partition > 0 || scenario.flapping !== undefined ? atLeast(deaths) : "no worker is lost here";
    case "fetch-failed":
      return scenario.loseOutput + scenario.cutOff + scenario.kill + scenario.stall + scenario.partition > 0 ? atLeast(10) : "no output is lost here";
    default:
      return `a failure of kind ${failure.kind} is not for the scheduler to make up`;
  }
}
