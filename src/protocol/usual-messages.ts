/**
 * Short tasks bring thousands of messages of three kinds, and to check their members by their shapes took a quarter of all that
 * coordinator and worker do for a task. Here is a quick look at the plainest ones of each kind. It lets through only what the shape would,
 * and that unchanged; all other messages are for the shape to judge.
 */
import { isAttemptId, isWorkerId } from "../model/ids.js";
import { CRC_32, PART_FILE } from "../model/task.js";
import type { ExecutorReport } from "./executor-messages.js";
import type { AttemptLaunch, JobHeader, LaunchAttempts, MapSources, WorkerReply, WorkerReport } from "./messages.js";

type Members = { readonly [name: string]: unknown };

/** Tasks that a message names at most. */
export const MOST_IN_MESSAGE = 256;
const NONE: Members = {};
const COMPRESSIONS: readonly unknown[] = ["none", "gzip", "brotli", "zstd"];

export function usualReply(value: unknown): WorkerReply | undefined {
  const { type, epoch } = members(value, 2);
  return type === "acknowledged" && isWhole(epoch) ? (value as WorkerReply) : undefined;
}

/** Of maps whose output stays on their worker, and of reduces. */
export function usualReport(value: unknown): WorkerReport | undefined {
  const { type, worker, epoch, attempts } = members(value, 4);
  return type === "attempts-finished" && isWorkerId(worker) && isWhole(epoch) && isList(attempts, isFinished) ? (value as WorkerReport) : undefined;
}

/** The same as executors tell it, several at once. */
export function usualExecutorReports(value: unknown): ExecutorReport[] | undefined {
  return Array.isArray(value) && value.every(isUsualExecutorReport) ? (value as ExecutorReport[]) : undefined;
}

/** What a reader of launches has read before. */
export interface KnownParts {
  readonly header: (given: unknown) => JobHeader | undefined;
  readonly sources: (given: unknown) => MapSources | undefined;
}

/** Maps of a job whose header is known, and reduces whose sources are as well. */
export function usualLaunches(value: unknown, known: KnownParts): LaunchAttempts | undefined {
  const readsMaps = typeof value === "object" && value !== null && Object.hasOwn(value, "sources");
  const { type, epoch, header: givenHeader, sources: givenSources, attempts } = members(value, readsMaps ? 5 : 4);
  if (type !== "launch-attempts" || !isWhole(epoch) || !isList(attempts, readsMaps ? isReduceLaunch : isMapLaunch)) return undefined;
  const header = known.header(givenHeader);
  const launches = attempts as AttemptLaunch[];
  if (header === undefined) return undefined;
  if (!readsMaps) return { type, epoch, header, attempts: launches };
  const sources = known.sources(givenSources);
  return sources === undefined ? undefined : { type, epoch, header, sources, attempts: launches };
}

function isMapLaunch(value: unknown): boolean {
  const { attempt, work } = members(value, 2);
  return isAttemptId(attempt) && isMap(work);
}

function isReduceLaunch(value: unknown): boolean {
  const { attempt, work } = members(value, 2);
  const { type, partition } = members(work, 2);
  return isAttemptId(attempt) && type === "reduce" && isWhole(partition);
}

function isFinished(value: unknown): boolean {
  const { attempt, result, stats } = members(value, 3);
  return isAttemptId(attempt) && isPlainResult(result) && isPlainStats(stats);
}

function isUsualExecutorReport(value: unknown): boolean {
  const { type, attempt, result, stats } = members(value, 4);
  if (type === "attempt-finished") return isAttemptId(attempt) && isPlainResult(result) && isPlainStats(stats);
  return isProgress(value);
}

function isProgress(value: unknown): boolean {
  const { type, attempt, progress } = members(value, 3);
  const { records, bytes, steps } = members(progress, 3);
  return type === "attempt-progressed" && isAttemptId(attempt) && isWhole(records) && isWhole(bytes) && isWhole(steps);
}

function isPlainResult(value: unknown): boolean {
  const { type, output } = members(value, 2);
  return type === "map" ? isMapOutput(output) : type === "reduce" && isPart(output);
}

function isMapOutput(value: unknown): boolean {
  const { kind, rows, bytes } = members(value, 3);
  return kind === "map-output" && isWhole(rows) && isWhole(bytes);
}

function isPart(value: unknown): boolean {
  const { kind, file, rows, bytes, crc32 } = members(value, 5);
  return kind === "part" && typeof file === "string" && PART_FILE.test(file) && isWhole(rows) && isWhole(bytes) && typeof crc32 === "string" && CRC_32.test(crc32);
}

/** Of an attempt that counted nothing. */
function isPlainStats(value: unknown): boolean {
  const { records, bytesRead, badRecords, counters, millis, spills } = members(value, 6);
  return isWhole(records) && isWhole(bytesRead) && isWhole(badRecords) && members(counters, 0) !== NONE && Number.isFinite(millis) && isWhole(spills);
}

function isMap(value: unknown): boolean {
  const { type, splits } = members(value, 2);
  return type === "map" && Array.isArray(splits) && splits.length > 0 && splits.every(isSplit);
}

function isSplit(value: unknown): boolean {
  const { file, start, end } = members(value, 3);
  const { path, size, mtime, compression } = members(file, 4);
  return isWhole(start) && isWhole(end) && typeof path === "string" && isWhole(size) && typeof mtime === "string" && COMPRESSIONS.includes(compression);
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.length <= MOST_IN_MESSAGE && value.every(isItem);
}

/** Those of an object that has just so many; of anything else none. */
function members(value: unknown, count: number): Members {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === count ? (value as Members) : NONE;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
