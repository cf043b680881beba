/**
 * Short tasks bring thousands of messages of three kinds, and to check their members by their shapes took a quarter of all that
 * coordinator and worker do for a task. Here is a quick look at the plainest ones of each kind. It lets through only what the shape would,
 * and that unchanged; all other messages are for the shape to judge.
 */
import { isAttemptId, isWorkerId } from "../model/ids.js";
import type { ExecutorReport } from "./executor-messages.js";
import type { JobHeader, LaunchAttempt, WorkerReply, WorkerReport } from "./messages.js";

type Members = { readonly [name: string]: unknown };

const NONE: Members = {};
const COMPRESSIONS: readonly unknown[] = ["none", "gzip", "brotli", "zstd"];

export function usualReply(value: unknown): WorkerReply | undefined {
  const { type, epoch } = members(value, 2);
  return type === "acknowledged" && isWhole(epoch) ? (value as WorkerReply) : undefined;
}

/** That of a map whose output stays on its worker. */
export function usualReport(value: unknown): WorkerReport | undefined {
  const { type, worker, epoch, attempt, result, stats } = members(value, 6);
  const isUsual = type === "attempt-finished" && isWorkerId(worker) && isWhole(epoch) && isAttemptId(attempt) && isMapOutput(result) && isPlainStats(stats);
  return isUsual ? (value as WorkerReport) : undefined;
}

/** The same as executors tell it, several at once. */
export function usualExecutorReports(value: unknown): ExecutorReport[] | undefined {
  return Array.isArray(value) && value.every(isUsualExecutorReport) ? (value as ExecutorReport[]) : undefined;
}

/** A map of a job whose header is known. */
export function usualLaunch(value: unknown, knownHeader: (given: unknown) => JobHeader | undefined): LaunchAttempt | undefined {
  const { type, epoch, attempt, header: given, work } = members(value, 5);
  if (type !== "launch-attempt" || !isWhole(epoch) || !isAttemptId(attempt) || !isMap(work)) return undefined;
  const header = knownHeader(given);
  return header === undefined ? undefined : { type, epoch, attempt, header, work: work as LaunchAttempt["work"] };
}

function isUsualExecutorReport(value: unknown): boolean {
  const { type, attempt, result, stats } = members(value, 4);
  return type === "attempt-finished" && isAttemptId(attempt) && isMapOutput(result) && isPlainStats(stats);
}

function isMapOutput(value: unknown): boolean {
  const { type, output } = members(value, 2);
  const { kind, rows, bytes } = members(output, 3);
  return type === "map" && kind === "map-output" && isWhole(rows) && isWhole(bytes);
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

/** Those of an object that has just so many; of anything else none. */
function members(value: unknown, count: number): Members {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === count ? (value as Members) : NONE;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
