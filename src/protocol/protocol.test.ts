import test from "ava";
import fc from "fast-check";
import { attemptId, jobId, taskId, workerId } from "../model/ids.js";
import { decode, encode, ProtocolError } from "./codec.js";
import { executorReports } from "./executor-messages.js";
import { clientRequest, jobUpdate, workerCommand, workerReply, workerReport, type WorkerReport } from "./messages.js";
import { readable } from "./readable.js";
import { subjectsOf } from "./subjects.js";

const job = jobId("Word Count!", "7f3a");
const attempt = attemptId(taskId(job, "map", 5), 0);
const finished: WorkerReport = {
  type: "attempt-finished",
  worker: workerId("w1"),
  epoch: 1,
  attempt,
  result: { type: "map", output: { kind: "map-output", rows: 3, bytes: 99 } },
  stats: { records: 3, bytesRead: 40, badRecords: 0, counters: { constructor: 2 }, millis: 1.5, spills: 0 },
};

test("a message comes out as it went in", (t) => {
  t.deepEqual(decode(workerReport, encode(finished)), finished);
});

test("a message that lacks a member, has one too many, or a wrong id is refused with the place", (t) => {
  const { epoch: _, ...lacking } = finished;
  t.throws(() => decode(workerReport, encode(lacking)), { instanceOf: ProtocolError, message: /at epoch/ });
  t.throws(() => decode(workerReport, encode({ ...finished, extra: 1 })), { instanceOf: ProtocolError });
  t.throws(() => decode(workerReport, encode({ ...finished, attempt: "../../etc/passwd" })), { instanceOf: ProtocolError, message: /Not an attempt id/ });
  t.throws(() => decode(workerReport, encode({ ...finished, worker: "a.b" })), { instanceOf: ProtocolError, message: /Not a worker id/ });
});

test("no message asks for more partitions than a job may have", (t) => {
  const submission = (count: number, inSpec: number): unknown => ({
    type: "submit-job", job, version: "1", bundle: "0".repeat(64), planHash: "0".repeat(64), request: { params: {}, partitions: count },
    spec: { name: "wc", input: { format: "text", paths: [] }, output: { format: "tsv" }, map: { style: "record" }, badRecords: { action: "fail" }, partitions: inSpec },
    folder: "/", output: { path: "/out", overwrite: false }, memory: 1, maxRecordBytes: 1, ship: false, priority: 0, limits: { attempts: 1, deaths: 1, taskTimeout: 1, speculation: true },
  });
  t.truthy(decode(clientRequest, encode(submission(100_000, 100_000))));
  t.throws(() => decode(clientRequest, encode(submission(100_001, 1))), { instanceOf: ProtocolError, message: /at request\.partitions/ });
  t.throws(() => decode(clientRequest, encode(submission(1, 1e9))), { instanceOf: ProtocolError, message: /at spec\.partitions/ });
});

test("the name of a part file cannot lead out of its folder", (t) => {
  const part = (file: string): unknown => ({ ...finished, result: { type: "reduce", output: { kind: "part", file, rows: 1, bytes: 1, crc32: "00000000" } } });
  t.truthy(decode(workerReport, encode(part(`${attempt}.tsv`))));
  for (const file of ["../x.tsv", "a/b", "/etc/x", "..", ".", "a\0b", ".hidden"]) t.throws(() => decode(workerReport, encode(part(file))), { instanceOf: ProtocolError }, file);
});

test("any bytes and any JSON are a message or a ProtocolError, nothing else", (t) => {
  const shapes = [clientRequest, jobUpdate, workerCommand, workerReply, workerReport, executorReports];
  const junk = fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.jsonValue().map(encode), fc.record({ type: fc.constantFrom("submit-job", "launch-attempt", "attempt-failed", "job-failed"), job: fc.anything(), attempt: fc.anything(), failure: fc.jsonValue() }).map((value) => Buffer.from(JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? 0 : member)))));
  fc.assert(
    fc.property(junk, fc.constantFrom(...shapes), (bytes, shape) => {
      try {
        decode(shape as typeof workerReply, bytes);
      } catch (error) {
        t.true(error instanceof ProtocolError);
      }
    }),
  );
  t.pass();
});

test("subjects hold each id as one token", (t) => {
  const subjects = subjectsOf("c1");
  for (const subject of [subjects.requests, subjects.reports, subjects.worker(workerId("w1")), subjects.job(job)]) t.regex(subject, /^millrace\.c1\.[\w-]+(\.[\w-]+)?$/);
});

test("who sends what cannot be read is told so; a handler's own error is not taken for that", async (t) => {
  const told = (payload: Uint8Array) => readable("The coordinator", workerReport, payload, async ({ type }) => type, (reason) => reason);
  t.is(await told(encode(finished)), "attempt-finished");
  t.regex(await told(encode({ ...finished, later: true })), /millrace \S+, cannot read this: .*Run the same version on all machines/);
  await t.throwsAsync(readable("The coordinator", workerReport, encode(finished), () => Promise.reject(new TypeError("a defect")), () => ""), { message: "a defect" });
});
