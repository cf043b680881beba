import type { StageKind } from "../model/ids.js";
import type { Plan } from "../plan/plan.js";
import { DurationHistogram } from "./duration-histogram.js";
import type { JobLimits } from "./events.js";
import { Fifo } from "./fifo.js";
import { WAITING, type JobState, type StageState, type Task } from "./job-state.js";
import { RecencyList } from "./recency-list.js";

const INPUTS: Record<StageKind, StageState["inputs"]> = { survey: "asleep", sample: "not-asked", map: "not-needed", reduce: "not-needed" };

export function newJob(plan: Plan, priority: number, limits: JobLimits, at: number): JobState {
  const stages: StageState[] = [];
  const job: JobState = {
    id: plan.job,
    plan,
    priority,
    limits,
    submittedAt: at,
    stages,
    phase: { state: "running" },
    inputs: {},
    runningAttempts: 0,
    byProgress: new RecencyList(),
    outputs: new Map(),
    isolations: new Map(),
    sources: undefined,
    badRecords: 0,
    recordsRead: 0,
  };
  for (const { kind, after, tasks } of plan.stages) {
    const own: Task[] = [];
    const stage: StageState = {
      kind,
      job,
      after: stages.filter((earlier) => after.includes(earlier.kind)),
      tasks: own,
      count: { waiting: tasks.length, running: 0, done: 0 },
      inputs: INPUTS[kind],
      firstFresh: 0,
      again: new Fifo(),
      suspects: new Fifo(),
      byLaunch: new RecencyList(),
      durations: new DurationHistogram(),
      taskMillis: undefined,
      backups: 0,
      records: 0,
      bytes: 0,
    };
    for (let index = 0; index < tasks.length; index++) own.push({ stage, index, state: WAITING, nextAttempt: 0, trouble: undefined });
    stages.push(stage);
  }
  return job;
}
