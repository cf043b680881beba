/** What shares a message says the same as what travels by itself, in the same order. */
import test from "ava";
import fc from "fast-check";
import { attemptId, jobId, taskId, workerId } from "../model/ids.js";
import type { AttemptStats } from "../model/task.js";
import { decode, encode } from "./codec.js";
import { workerCommand, workerReport, type JobHeader, type LaunchAttempt, type MapSources, type WorkerCommand, type WorkerReport } from "./messages.js";
import { launchesOf, sharedCommands, sharedReports, type FinalReport, type SingleCommand } from "./shared-messages.js";
import { MOST_IN_MESSAGE } from "./usual-messages.js";

const jobs = [jobId("a", "1"), jobId("b", "2")];
const header = (job: JobHeader["job"]): JobHeader => ({ job, bundle: "b".repeat(64), planHash: "a".repeat(64), request: { params: {} }, partitions: 1, memory: 1, maxRecordBytes: 1, staging: "/s", token: "0".repeat(32), sides: {} });
const split = { file: { path: "/in", size: 2, mtime: "0", compression: "none" as const }, start: 0, end: 2 };
const splitters = [["AA=="], ["AQ=="]];
const stats: AttemptStats = { records: 1, bytesRead: 2, badRecords: 0, counters: {}, millis: 1, spills: 0 };

const launch = fc
  .record({ job: fc.constantFrom(...jobs), index: fc.nat(999), splits: fc.constantFrom(1, 1, 1, 4, 5), state: fc.constantFrom(undefined, undefined, "quoted" as const), bounds: fc.constantFrom(undefined, undefined, undefined, ...splitters), epoch: fc.constantFrom(1, 1, 1, 2) })
  .map(({ job, index, splits, state, bounds, epoch }): SingleCommand => ({
    type: "launch-attempt", epoch, attempt: attemptId(taskId(job, "map", index), 0), header: header(job), work: { type: "map", splits: Array.from({ length: splits }, () => split) },
    ...(state === undefined ? {} : { csvState: state }), ...(bounds === undefined ? {} : { splitters: bounds }),
  }));
const sources = [[null], [0]].map((attempts): MapSources => ({ places: [], place: [0], attempts }));
const reduce = fc
  .record({ partition: fc.nat(9), of: fc.constantFrom(...sources, sources[0]!, sources[0]!) })
  .map(({ partition, of }): SingleCommand => ({ type: "launch-attempt", epoch: 1, attempt: attemptId(taskId(jobs[0]!, "reduce", partition), 0), header: header(jobs[0]!), work: { type: "reduce", partition }, sources: of }));
const other = fc.constantFrom<SingleCommand>({ type: "cancel-attempt", epoch: 1, attempt: attemptId(taskId(jobs[0]!, "map", 1), 0), reason: "r" }, { type: "forget-job", epoch: 1, job: jobs[1]! });
const command = fc.oneof({ weight: 8, arbitrary: launch }, { weight: 4, arbitrary: reduce }, other);

function singles(message: WorkerCommand): SingleCommand[] {
  return message.type === "launch-attempts" ? launchesOf(message) : [message];
}

test("commands come out as they went in, in their order, and in fewer messages", (t) => {
  let messages = 0;
  let all = 0;
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
      const entries = commands.map((each) => ({ command: each }));
      const shared = sharedCommands(entries);
      t.deepEqual(shared.flatMap(({ of }) => of), entries);
      t.deepEqual(shared.flatMap(({ message }) => singles(decode(workerCommand, encode(message)))), commands);
      for (const { message, of } of shared) t.deepEqual(singles(message), of.map((entry) => entry.command));
      messages += shared.length;
      all += commands.length;
    }),
  );
  t.true(messages < all);
});

test("short launches of one job are one message, up to so many; launches of many files go alone, and reduces with those that read the same", (t) => {
  const of = (count: number, files = 1): { command: LaunchAttempt }[] => Array.from({ length: count }, (_, index) => ({ command: { type: "launch-attempt", epoch: 1, attempt: attemptId(taskId(jobs[0]!, "map", index), 0), header: header(jobs[0]!), work: { type: "map", splits: Array.from({ length: files }, () => split) } } }));
  t.deepEqual(sharedCommands(of(MOST_IN_MESSAGE + 2)).map((each) => each.of.length), [MOST_IN_MESSAGE, 2]);
  const reduces = Array.from({ length: 4 }, (_, partition): { command: LaunchAttempt } => ({ command: { type: "launch-attempt", epoch: 1, attempt: attemptId(taskId(jobs[0]!, "reduce", partition), 0), header: header(jobs[0]!), work: { type: "reduce", partition }, sources: sources[partition < 3 ? 0 : 1]! } }));
  t.deepEqual(sharedCommands(reduces).map((each) => each.of.length), [3, 1]);
  t.deepEqual(sharedCommands(of(3, 100)).map(({ message }) => message.type), ["launch-attempt", "launch-attempt", "launch-attempt"]);
  t.deepEqual(sharedCommands([]), []);
});

const finished = fc.nat(999).map((index): FinalReport => ({ type: "attempt-finished", attempt: attemptId(taskId(jobs[0]!, "map", index), 0), result: { type: "map", output: { kind: "map-output", rows: index, bytes: 1 } }, stats }));
const others = fc.constantFrom<FinalReport>(
  { type: "attempt-finished", attempt: attemptId(taskId(jobs[0]!, "reduce", 1), 0), result: { type: "reduce", output: { kind: "part", file: "p-1.tsv", rows: 1, bytes: 2, crc32: "0123abcd" } }, stats },
  { type: "attempt-failed", attempt: attemptId(taskId(jobs[0]!, "map", 1), 0), failure: { kind: "cancelled", message: "m" } },
  { type: "attempt-finished", attempt: attemptId(taskId(jobs[0]!, "sample", 1), 0), result: { type: "sample", keys: ["AA=="] }, stats },
);

test("reports come out as they went in, in their order", (t) => {
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: finished }, others), { maxLength: 40 }), (reports) => {
      const entries = reports.map((report) => ({ report }));
      const shared = sharedReports(entries);
      t.deepEqual(shared.flatMap(({ of }) => of), entries);
      const told = shared.flatMap(({ message }): FinalReport[] => {
        const { worker: _, epoch: __, ...report } = decode(workerReport, encode({ worker: workerId("w1"), epoch: 1, ...message })) as Extract<WorkerReport, { type: "attempts-finished" | "attempt-finished" | "attempt-failed" }>;
        return report.type === "attempts-finished" ? report.attempts.map((each) => ({ type: "attempt-finished", ...each })) : [report];
      });
      t.deepEqual(told, reports);
    }),
  );
});
