/**
 * Ids nest: job `wc-7f3a`, task `wc-7f3a_m_00005`, attempt `wc-7f3a_m_00005_0`. They hold no dots (NATS
 * splits subjects on them) and no slashes (they name files). This file alone builds and parses them.
 */
declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type JobId = Id<"job">;
export type TaskId = Id<"task">;
export type AttemptId = Id<"attempt">;
export type WorkerId = Id<"worker">;
/** Of a machine and the name that a worker has there: `host-1c2d/w1`. */
export type NodeId = Id<"node">;

/** Stages of a job, in the order in which they can run. The letter stands in task ids. */
export type StageKind = "survey" | "sample" | "map" | "reduce";

const letterOf: Record<StageKind, string> = { survey: "v", sample: "s", map: "m", reduce: "r" };
const stageOf: Record<string, StageKind> = { v: "survey", s: "sample", m: "map", r: "reduce" };

const SAFE = /^[A-Za-z0-9-]{1,64}$/;
const NODE = /^.{1,256}$/;
const TASK = /^([A-Za-z0-9-]{1,64})_([vsmr])_(\d{5,})$/;
const ATTEMPT = /^(([A-Za-z0-9-]{1,64})_([vsmr])_(\d{5,}))_(\d+)$/;

/** `suffix` tells runs of the same job apart: a few random characters from the edge. */
export function jobId(name: string, suffix: string): JobId {
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40) || "job";
  return parseJobId(`${slug}-${suffix}`);
}

export function parseJobId(text: string): JobId {
  if (!SAFE.test(text)) throw new Error(`Not a job id: ${JSON.stringify(text)}`);
  return text as JobId;
}

export function workerId(text: string): WorkerId {
  if (!isWorkerId(text)) throw new Error(`Not a worker id: ${JSON.stringify(text)}`);
  return text;
}

export function isWorkerId(text: unknown): text is WorkerId {
  return typeof text === "string" && SAFE.test(text);
}

export function nodeId(text: string): NodeId {
  if (!NODE.test(text)) throw new Error(`Not a node id: ${JSON.stringify(text)}`);
  return text as NodeId;
}

export function taskId(job: JobId, stage: StageKind, index: number): TaskId {
  return `${job}_${letterOf[stage]}_${String(index).padStart(5, "0")}` as TaskId;
}

export function attemptId(task: TaskId, attempt: number): AttemptId {
  return `${task}_${attempt}` as AttemptId;
}

export function isAttemptId(text: unknown): text is AttemptId {
  return typeof text === "string" && ATTEMPT.test(text);
}

export interface TaskAddress {
  readonly job: JobId;
  readonly stage: StageKind;
  readonly index: number;
}

export interface AttemptAddress extends TaskAddress {
  readonly task: TaskId;
  readonly attempt: number;
}

export function parseTaskId(text: string): TaskAddress {
  const [, job, letter, index] = TASK.exec(text) ?? [];
  if (job === undefined || letter === undefined) throw new Error(`Not a task id: ${JSON.stringify(text)}`);
  return { job: job as JobId, stage: stageOf[letter]!, index: Number(index) };
}

export function parseAttemptId(text: string): AttemptAddress {
  const [, task, job, letter, index, attempt] = ATTEMPT.exec(text) ?? [];
  if (task === undefined || letter === undefined) throw new Error(`Not an attempt id: ${JSON.stringify(text)}`);
  return { job: job as JobId, stage: stageOf[letter]!, index: Number(index), task: task as TaskId, attempt: Number(attempt) };
}
