import { parseJobId, taskId, type TaskAddress, type TaskId } from "../../model/ids.js";
import type { InputFile, Split } from "../../model/split.js";
import type { CsvState } from "../../model/task.js";
import type { Plan, Stage } from "../../plan/plan.js";
import type { JobLimits } from "../../scheduler/events.js";
import { Random } from "./random.js";

/** What a seed stands for: some jobs, some workers, and what goes wrong until the calm. */
export interface Scenario {
  readonly jobs: readonly { readonly plan: Plan; readonly content: readonly SplitContent[]; readonly priority: number; readonly submitAt: number; readonly submitAgainAt: number | undefined; readonly cancelAt: number | undefined }[];
  readonly limits: JobLimits;
  readonly slots: readonly number[];
  /** Chance for each message. */
  readonly loss: number;
  readonly duplication: number;
  readonly delay: number;
  /** Whether what is said in one instant shares a message. */
  readonly sharedMessages: boolean;
  /** Chance for each worker, about every second. */
  readonly kill: number;
  readonly stall: number;
  readonly loseOutput: number;
  readonly drain: number;
  readonly cutOff: number;
  /** Chance for each attempt. */
  readonly executorDeath: number;
  readonly flakyError: number;
  readonly hang: number;
  /** Chance about every second: that the coordinator dies, or freezes for longer than its successor waits. */
  readonly coordinatorDeath: number;
  readonly coordinatorFreeze: number;
  /** That a host and the coordinators do not hear each other, or one of them not the other, for a while. */
  readonly partition: number;
  /** A host whose worker ends and starts again every two seconds; whether it says farewell. */
  readonly flapping: { readonly host: number; readonly farewell: boolean } | undefined;
  /** Pairs of hosts that never reach each other. */
  readonly cutHosts: readonly (readonly [number, number])[];
  readonly commitFails: boolean;
  readonly poison: TaskId | undefined;
  readonly userError: TaskId | undefined;
  /** Whether it says the same each time. */
  readonly sameUserError: boolean;
  /** What workers say that a task took: whether attempts run ahead of slots. */
  readonly taskMillis: number;
  /** Nothing goes wrong of itself from then on, and every host has a worker. */
  readonly calmAt: number;
}

/** What a scan of the input finds in the split of a map. */
export interface SplitContent {
  readonly begins: CsvState;
  readonly quoted: boolean;
}

/** The number of the map whose split a map or sample reads. Pieces of samples begin where splits do, the first where the last one does. */
export function splitNumber({ stage, index }: TaskAddress, maps: number): number {
  return stage === "sample" ? maps - 1 - index : index;
}

export const CALM_AT = 60_000;

/** Of an otherwise quiet world. */
export const NO_TROUBLE = {
  loss: 0, duplication: 0, delay: 0, kill: 0, stall: 0, loseOutput: 0, drain: 0, cutOff: 0, executorDeath: 0, flakyError: 0, hang: 0,
  coordinatorDeath: 0, coordinatorFreeze: 0, partition: 0, flapping: undefined, cutHosts: [], commitFails: false, poison: undefined, userError: undefined,
} satisfies Partial<Scenario>;

/** Whether messages come as they were sent, and to processes that are awake. */
export function isOrderly({ loss, duplication, delay, partition, stall, coordinatorDeath, coordinatorFreeze }: Scenario): boolean {
  return loss + duplication + delay + partition + stall + coordinatorDeath + coordinatorFreeze === 0;
}

export function scenarioOf(seed: number): Scenario {
  const random = new Random(seed);
  const rate = (often: number, most: number) => (random.chance(often) ? random.next() * most : 0);
  const jobs = Array.from({ length: random.chance(0.2) ? 2 : 1 }, (_, index) => {
    const plan = somePlan(random, `sim-${index}`);
    return {
      plan,
      content: someContent(random, plan),
      priority: random.between(0, 1),
      submitAt: random.between(0, index * 5_000),
      submitAgainAt: random.chance(0.2) ? random.between(0, 60_000) : undefined,
      cancelAt: random.chance(0.05) ? random.between(0, 60_000) : undefined,
    };
  });
  const someTask = () => {
    const { plan } = random.pick(jobs);
    const stages = plan.stages.filter((stage) => stage.tasks.length > 0);
    if (stages.length === 0) return undefined;
    const stage = random.pick(stages);
    return taskId(plan.job, stage.kind, random.between(0, stage.tasks.length - 1));
  };
  const speculation = random.chance(0.8);
  const slots = Array.from({ length: random.between(1, 5) }, () => random.between(1, 3));
  return {
    jobs,
    limits: { attempts: 4, deaths: 3, taskTimeout: 60_000, speculation },
    slots,
    loss: rate(0.6, 0.2),
    duplication: rate(0.5, 0.3),
    delay: rate(0.5, 0.2),
    kill: rate(0.5, 0.03),
    stall: rate(0.4, 0.03),
    loseOutput: rate(0.3, 0.03),
    drain: rate(0.2, 0.01),
    cutOff: rate(0.2, 0.02),
    executorDeath: rate(0.3, 0.1),
    flakyError: rate(0.3, 0.1),
    hang: rate(0.2, 0.03),
    coordinatorDeath: rate(0.4, 0.05),
    coordinatorFreeze: rate(0.2, 0.03),
    partition: rate(0.2, 0.02),
    commitFails: random.chance(0.02),
    poison: random.chance(0.05) ? someTask() : undefined,
    userError: random.chance(0.06) ? someTask() : undefined,
    sameUserError: random.chance(0.5),
    taskMillis: random.pick([1, 10_000]),
    flapping: random.chance(0.15) ? { host: random.between(0, slots.length - 1), farewell: random.chance(0.5) } : undefined,
    cutHosts: someCuts(random, slots.length),
    sharedMessages: random.chance(0.5),
    calmAt: CALM_AT,
  };
}

/** Two hosts, or one and all others. */
function someCuts(random: Random, hosts: number): Scenario["cutHosts"] {
  if (hosts < 2 || !random.chance(0.2)) return [];
  return random.chance(0.5) ? [[0, 1]] : Array.from({ length: hosts - 1 }, (_, other) => [0, other + 1] as const);
}

const FILE: InputFile = { path: "input", size: 1_000_000, mtime: "0", compression: "none" };

export function somePlan(random: Random, name: string): Plan {
  const maps = random.chance(0.05) ? 0 : random.between(1, 12);
  const reduces = random.chance(0.2) ? 0 : random.between(1, 5);
  const survey = random.chance(0.25) ? random.between(1, 3) : 0;
  const sample = reduces > 0 && random.chance(0.15) ? random.between(1, 3) : 0;
  return planOf({ name, survey, sample, maps, reduces });
}

/** There may be quotes from some split on, if anybody could survey them; only behind one can a split begin otherwise than plain. */
function someContent(random: Random, { stages }: Plan): SplitContent[] {
  const splits = stages.find((stage) => stage.kind === "map")?.tasks ?? [];
  const surveyed = stages.some((stage) => stage.kind === "survey");
  const first = surveyed && random.chance(0.7) ? random.between(0, splits.length) : Infinity;
  let begins: CsvState = "plain";
  return splits.map((_, index) => {
    const content = { begins, quoted: index === first || (index > first && random.chance(0.3)) };
    if (content.quoted) begins = random.pick(["plain", "quoted", "quote-in-quoted"] as const);
    return content;
  });
}

export function planOf({ name, survey = 0, sample = 0, maps, reduces }: { name: string; survey?: number; sample?: number; maps: number; reduces: number }): Plan {
  const stages: Stage[] = [];
  const before = () => stages.map((stage) => stage.kind);
  if (survey > 0) stages.push({ kind: "survey", after: [], tasks: splits(survey).map((split) => ({ type: "survey", split })) });
  if (sample > 0) stages.push({ kind: "sample", after: before(), tasks: splits(sample).map((split) => ({ type: "sample", splits: [split] })) });
  stages.push({ kind: "map", after: before(), tasks: splits(maps).map((split) => ({ type: "map", splits: [split] })) });
  if (reduces > 0) stages.push({ kind: "reduce", after: ["map"], tasks: Array.from({ length: reduces }, (_, partition) => ({ type: "reduce", partition })) });
  return { job: parseJobId(name), name, bundle: "b", planHash: "p", stages, partitions: reduces, badRecords: { action: "fail" } };
}

function splits(count: number): Split[] {
  return Array.from({ length: count }, (_, index) => ({ file: FILE, start: index, end: index + 1 }));
}
