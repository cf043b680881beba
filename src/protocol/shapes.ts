/** Schemas of the nouns that messages carry; each mirrors its type in model/, and the compiler checks that it does. */
import * as z from "zod/mini";
import type { Failure } from "../model/failure.js";
import { nodeId, parseAttemptId, parseJobId, workerId, type AttemptId, type JobId, type NodeId, type WorkerId } from "../model/ids.js";
import { MOST_PARTITIONS, type JobRequest } from "../model/job-request.js";
import type { BadRecordPolicy, JobSpec } from "../model/job-spec.js";
import type { InputFile, Split } from "../model/split.js";
import { CRC_32, PART_FILE, type AttemptStats, type CsvStart, type CsvState, type PartSummary, type Progress, type TaskResult, type TaskWork } from "../model/task.js";

export const whole = z.number().check(z.int(), z.nonnegative());
/** 0 for a job without a reduce. */
export const partitionCount = whole.check(z.maximum(MOST_PARTITIONS));
export const jobIdShape: z.ZodMiniType<JobId> = idShape(parseJobId);
export const workerIdShape: z.ZodMiniType<WorkerId> = idShape(workerId);
export const nodeIdShape: z.ZodMiniType<NodeId> = idShape(nodeId);
export const attemptIdShape: z.ZodMiniType<AttemptId> = idShape((text) => {
  parseAttemptId(text);
  return text as AttemptId;
});
export const sha256Shape = z.string().check(z.regex(/^[0-9a-f]{64}$/));

const csvState: z.ZodMiniType<CsvState> = z.enum(["plain", "quoted", "quote-in-quoted"]);
export const csvStart: z.ZodMiniType<CsvStart> = z.union([csvState, z.literal("presumed-plain")]);
const counters = z.record(z.string(), z.number());

export const inputFile: z.ZodMiniType<InputFile> = z.strictObject({
  path: z.string(),
  size: whole,
  mtime: z.string(),
  compression: z.enum(["none", "gzip", "brotli", "zstd"]),
  batchBytes: z.exactOptional(z.array(whole)),
});
const split: z.ZodMiniType<Split> = z.strictObject({ file: inputFile, start: whole, end: whole });
const splits = z.array(split).check(z.minLength(1));

export const taskWork: z.ZodMiniType<TaskWork> = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("survey"), split }),
  z.strictObject({ type: z.literal("sample"), splits }),
  z.strictObject({ type: z.literal("map"), splits }),
  z.strictObject({ type: z.literal("reduce"), partition: whole }),
]);

const part: z.ZodMiniType<PartSummary> = z.strictObject({
  kind: z.literal("part"),
  file: z.string().check(z.regex(PART_FILE)),
  rows: whole,
  bytes: whole,
  crc32: z.string().check(z.regex(CRC_32)),
});

export const taskResult: z.ZodMiniType<TaskResult> = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("survey"), transitions: z.record(csvState, csvState) }),
  z.strictObject({ type: z.literal("sample"), keys: z.array(z.string()) }),
  z.strictObject({ type: z.literal("map"), output: z.union([z.strictObject({ kind: z.literal("map-output"), rows: whole, bytes: whole }), part]) }),
  z.strictObject({ type: z.literal("reduce"), output: part }),
]);

export const attemptStats: z.ZodMiniType<AttemptStats> = z.strictObject({
  records: whole,
  bytesRead: whole,
  badRecords: whole,
  counters,
  millis: z.number(),
  spills: whole,
  quarantine: z.exactOptional(part),
});

export const progress: z.ZodMiniType<Progress> = z.strictObject({ records: whole, bytes: whole, steps: whole });

export const failure: z.ZodMiniType<Failure> = z.strictObject({
  kind: z.enum([
    "user-error", "bad-record", "too-many-bad-records", "needs-survey", "bad-input", "input-changed", "out-of-memory", "executor-died", "task-timeout",
    "worker-lost", "fetch-failed", "disk-full", "io-error", "plan-not-deterministic", "cancelled", "internal",
  ]),
  message: z.string(),
  context: z.exactOptional(z.string()),
  stack: z.exactOptional(z.string()),
  file: z.exactOptional(z.string()),
  offset: z.exactOptional(z.number()),
  record: z.exactOptional(z.string()),
  lostMap: z.exactOptional(z.strictObject({ index: whole, attempt: whole, unreachable: z.exactOptional(z.literal(true)) })),
});

export const jobRequest: z.ZodMiniType<JobRequest> = z.strictObject({
  params: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  inputs: z.exactOptional(z.array(z.string())),
  partitions: z.exactOptional(partitionCount),
  onBadRecord: z.exactOptional(z.enum(["fail", "skip", "quarantine"])),
  maxBadRecords: z.exactOptional(z.string()),
});

const badRecords: z.ZodMiniType<BadRecordPolicy> = z.strictObject({
  action: z.enum(["fail", "skip", "quarantine"]),
  limit: z.exactOptional(z.union([z.strictObject({ count: whole }), z.strictObject({ share: z.number() })])),
});

/** Only what the coordinator reads is checked: whoever may submit a job is trusted with more than its spec. */
export const jobSpec = z.looseObject({
  name: z.string(),
  input: z.looseObject({ format: z.string(), paths: z.array(z.string()) }),
  output: z.looseObject({ format: z.string() }),
  map: z.looseObject({ style: z.string() }),
  partitions: z.optional(partitionCount),
  badRecords,
}) as unknown as z.ZodMiniType<JobSpec>;

function idShape<T extends string>(parse: (text: string) => T): z.ZodMiniType<T> {
  return z.pipe(
    z.string(),
    z.transform((text, context) => {
      try {
        return parse(text);
      } catch (error) {
        context.issues.push({ code: "custom", message: (error as Error).message, input: text });
        return z.NEVER;
      }
    }),
  );
}
