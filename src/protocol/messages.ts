/**
 * Every message between client, coordinator and worker, by direction. Requests are acknowledged by a reply
 * and may arrive twice: handlers are idempotent, keyed by the ids inside. `epoch` is the incarnation of the
 * coordinator; a message of an older one changes nothing.
 */
import * as z from "zod/mini";
import type { QuickShape } from "./codec.js";
import { Remembered } from "./remembered.js";
import { attemptIdShape, attemptStats, csvStart, failure, inputFile, jobIdShape, jobRequest, jobSpec, nodeIdShape, partitionCount, progress, sha256Shape, taskResult, taskWork, whole, workerIdShape } from "./shapes.js";
import { MOST_IN_MESSAGE, usualLaunches, usualReply, usualReport, type KnownParts } from "./usual-messages.js";

/** Raises when the meaning of a message changes; both sides must agree. */
export const PROTOCOL_VERSION = 9;

const limits = z.strictObject({ attempts: whole, deaths: whole, taskTimeout: z.number(), speculation: z.boolean() });

/** client -> coordinator; each is answered by a CoordinatorReply. */
export const clientRequest = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("submit-job"),
    /** Chosen by the client: submitting the same id again is harmless. */
    job: jobIdShape,
    /** Of the client's millrace: all machines must run the same. */
    version: z.string(),
    bundle: sha256Shape,
    planHash: sha256Shape,
    request: jobRequest,
    spec: jobSpec,
    /** Folder that relative input paths start from. */
    folder: z.string(),
    output: z.strictObject({ path: z.string(), overwrite: z.boolean() }),
    splitBytes: z.exactOptional(whole),
    /** Bytes of memory for each worker's tasks of this job. */
    memory: whole,
    maxRecordBytes: whole,
    /** The coordinator reads the input and serves it to the workers, which cannot open it themselves. */
    ship: z.boolean(),
    priority: z.number(),
    limits,
  }),
  z.strictObject({ type: z.literal("cancel-job"), job: jobIdShape, reason: z.string() }),
  z.strictObject({ type: z.literal("list-jobs") }),
  /** Who is in charge? A coordinator that starts must know. */
  z.strictObject({ type: z.literal("ask-coordinator") }),
  z.strictObject({ type: z.literal("ask-job"), job: jobIdShape }),
  /** What the job's tasks printed and logged, from byte `from` on. */
  z.strictObject({ type: z.literal("read-log"), job: jobIdShape, from: whole }),
]);
export type ClientRequest = z.infer<typeof clientRequest>;
export type SubmitJob = Extract<ClientRequest, { type: "submit-job" }>;

const stageStatus = z.strictObject({
  kind: z.enum(["survey", "sample", "map", "reduce"]),
  tasks: whole,
  running: whole,
  done: whole,
  records: whole,
  bytes: whole,
  totalBytes: whole,
});
export type StageStatus = z.infer<typeof stageStatus>;

/** coordinator -> client, published to the job's subject. */
export const jobUpdate = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("job-progressed"),
    job: jobIdShape,
    stages: z.array(stageStatus),
    /** Why nothing runs, when nothing does. */
    waiting: z.exactOptional(z.string()),
  }),
  z.strictObject({ type: z.literal("job-warned"), job: jobIdShape, message: z.string() }),
  /** With the manifest as JSON text, for clients that do not see the output folder. */
  z.strictObject({ type: z.literal("job-done"), job: jobIdShape, manifest: z.exactOptional(z.string()) }),
  z.strictObject({ type: z.literal("job-failed"), job: jobIdShape, failure }),
  z.strictObject({ type: z.literal("job-cancelled"), job: jobIdShape, reason: z.string() }),
]);
export type JobUpdate = z.infer<typeof jobUpdate>;
export type JobProgress = Extract<JobUpdate, { type: "job-progressed" }>;

/** A line of `millrace jobs`. */
const jobSummary = z.strictObject({
  job: jobIdShape,
  name: z.string(),
  state: z.enum(["running", "committing", "done", "failed", "cancelled"]),
  /** ISO 8601. */
  submittedAt: z.string(),
  tasks: whole,
  done: whole,
});
export type JobSummary = z.infer<typeof jobSummary>;

export const coordinatorReply = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("accepted") }),
  /** The request cannot be met; `code` is that of an error class in errors.ts. */
  z.strictObject({ type: z.literal("refused"), code: z.string(), message: z.string() }),
  /** Answers ask-coordinator; `identity` is the same for all coordinators of one state folder. */
  z.strictObject({ type: z.literal("coordinator"), epoch: whole, identity: z.string() }),
  /** Answers list-jobs, the latest first. */
  z.strictObject({ type: z.literal("jobs"), jobs: z.array(jobSummary) }),
  /** Answers ask-job: the summary, how far it is, and how it ended when it has. */
  z.strictObject({ type: z.literal("job"), summary: jobSummary, output: z.string(), latest: jobUpdate }),
  /** Answers read-log; `next` is the `from` of what follows. */
  z.strictObject({ type: z.literal("log"), text: z.string(), next: whole }),
]);
export type CoordinatorReply = z.infer<typeof coordinatorReply>;

/** coordinator -> everybody, when it starts and when it hears of another: workers join it, and a coordinator of an older epoch steps down. */
export const coordinatorNotice = z.strictObject({ type: z.literal("coordinator-started"), epoch: whole });
export type CoordinatorNotice = z.infer<typeof coordinatorNotice>;

/** What a worker needs to know of a job to run its tasks. */
export const jobHeader = z.strictObject({
  job: jobIdShape,
  bundle: sha256Shape,
  planHash: sha256Shape,
  request: jobRequest,
  partitions: partitionCount,
  memory: whole,
  maxRecordBytes: whole,
  /** Folder where part files wait for the commit. */
  staging: z.string(),
  /** Lets its bearer read the job's blocks from block servers; secret. */
  token: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
  /** The block server that gives the inputs to who cannot open them; `always`: nobody is to try. */
  ship: z.exactOptional(z.strictObject({ address: z.string(), always: z.boolean() })),
  /** Files of the side inputs. */
  sides: z.record(z.string(), z.array(inputFile)),
});
export type JobHeader = z.infer<typeof jobHeader>;

/**
 * Where a worker keeps blocks. On the same host its folder is opened directly; from elsewhere its block server
 * at `address` (host:port, empty for a worker that serves none) is asked.
 */
export const blockPlace = z.strictObject({ worker: workerIdShape, host: z.string(), address: z.string(), folder: z.string() });
export type BlockPlace = z.infer<typeof blockPlace>;

/** Where the output of each map lies: map i was written by attempt `attempts[i]` at `places[place[i]]`, or is empty (null). */
export const mapSources = z.strictObject({ places: z.array(blockPlace), place: z.array(whole), attempts: z.array(z.nullable(whole)) });
export type MapSources = z.infer<typeof mapSources>;

const attemptLaunch = z.strictObject({ attempt: attemptIdShape, work: taskWork, csvState: z.exactOptional(csvStart) });
/** One of many launches that differ in these members only. */
export type AttemptLaunch = z.infer<typeof attemptLaunch>;

function commands(header: z.ZodMiniType<JobHeader>, sources: z.ZodMiniType<MapSources>) {
  return z.discriminatedUnion("type", [
    /** Several attempts of one job, in order; its maps have the splitters in common, its reduces the sources. */
    z.strictObject({
      type: z.literal("launch-attempts"),
      epoch: whole,
      header,
      splitters: z.exactOptional(z.readonly(z.array(z.string()))),
      sources: z.exactOptional(sources),
      attempts: z.array(attemptLaunch).check(z.minLength(1), z.maxLength(MOST_IN_MESSAGE)),
    }),
    z.strictObject({
      type: z.literal("launch-attempt"),
      epoch: whole,
      attempt: attemptIdShape,
      header,
      work: taskWork,
      /** State of the CSV scan where the split begins. */
      csvState: z.exactOptional(csvStart),
      /** Bounds of range partitions, base64. */
      splitters: z.exactOptional(z.readonly(z.array(z.string()))),
      sources: z.exactOptional(sources),
    }),
    z.strictObject({ type: z.literal("cancel-attempt"), epoch: whole, attempt: attemptIdShape, reason: z.string() }),
    /** The job is over: its executor ends and its files go. */
    z.strictObject({ type: z.literal("forget-job"), epoch: whole, job: jobIdShape }),
  ]);
}

/** coordinator -> worker; each is answered by `acknowledged`. */
export const workerCommand = commands(jobHeader, mapSources);
export type WorkerCommand = z.infer<typeof workerCommand>;
/** The same for one reader of many: the attempts of a job share one header, and its reduces what they read. */
export function workerCommands(): QuickShape<WorkerCommand> {
  const header = new Remembered(jobHeader);
  const sources = new Remembered(mapSources);
  const known: KnownParts = { header: (given) => header.known(given), sources: (given) => sources.known(given) };
  return { shape: commands(header.shape, sources.shape), quick: (value) => usualLaunches(value, known) };
}
export type LaunchAttempt = Extract<WorkerCommand, { type: "launch-attempt" }>;
export type LaunchAttempts = Extract<WorkerCommand, { type: "launch-attempts" }>;

const finishedAttempt = z.strictObject({ attempt: attemptIdShape, result: taskResult, stats: attemptStats });
export type FinishedAttempt = z.infer<typeof finishedAttempt>;

/** worker -> coordinator; each is answered by a WorkerReply. */
export const workerReport = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("worker-joined"),
    protocol: whole,
    /** Of millrace: executors of one job must be of one version. */
    version: z.string(),
    worker: workerIdShape,
    /** The same for all processes that the worker has been, whatever their ids: strikes are held against it. */
    node: nodeIdShape,
    /** Differs for each process of this id: what an earlier one had is lost. */
    process: z.exactOptional(z.string()),
    slots: whole,
    host: z.string(),
    address: z.string(),
    folder: z.string(),
    /** Jobs that it holds files of: it is told to forget those that are over. */
    jobs: z.array(jobIdShape),
  }),
  /** `jobs` as above: a launch may come late, when its job is over. */
  z.strictObject({ type: z.literal("worker-heartbeat"), worker: workerIdShape, epoch: whole, jobs: z.exactOptional(z.array(jobIdShape)) }),
  /** Takes no new tasks, but still serves its map outputs. */
  z.strictObject({ type: z.literal("worker-draining"), worker: workerIdShape, epoch: whole }),
  z.strictObject({ type: z.literal("worker-left"), worker: workerIdShape, epoch: whole }),
  z.strictObject({ type: z.literal("attempt-progressed"), worker: workerIdShape, epoch: whole, attempt: attemptIdShape, progress }),
  z.strictObject({ type: z.literal("attempt-finished"), worker: workerIdShape, epoch: whole, attempt: attemptIdShape, result: taskResult, stats: attemptStats }),
  z.strictObject({ type: z.literal("attempt-failed"), worker: workerIdShape, epoch: whole, attempt: attemptIdShape, failure }),
  /** Several at once. */
  z.strictObject({ type: z.literal("attempts-finished"), worker: workerIdShape, epoch: whole, attempts: z.array(finishedAttempt).check(z.minLength(1), z.maxLength(MOST_IN_MESSAGE)) }),
]);
export type WorkerReport = z.infer<typeof workerReport>;
export type AttemptsFinished = Extract<WorkerReport, { type: "attempts-finished" }>;
export const workerReports: QuickShape<WorkerReport> = { shape: workerReport, quick: usualReport };

export const workerReply = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("acknowledged"), epoch: whole }),
  z.strictObject({ type: z.literal("rejected"), epoch: whole, reason: z.string() }),
  /** It is no message of this protocol, or contradicts itself: sent again it would get the same answer. */
  z.strictObject({ type: z.literal("unreadable"), epoch: whole, reason: z.string() }),
]);
export type WorkerReply = z.infer<typeof workerReply>;
export const workerReplies: QuickShape<WorkerReply> = { shape: workerReply, quick: usualReply };

/** worker -> coordinator, published without acknowledgement: what the executor of a job printed. */
export const jobOutput = z.strictObject({ worker: workerIdShape, job: jobIdShape, text: z.string() });
export type JobOutput = z.infer<typeof jobOutput>;
