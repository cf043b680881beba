import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { attemptId, jobId, taskId, workerId } from "../model/ids.js";
import { decode, encode } from "../protocol/codec.js";
import { workerReport, type LaunchAttempt, type WorkerCommand, type WorkerReport } from "../protocol/messages.js";
import { subjectsOf } from "../protocol/subjects.js";
import { jobWorkDir } from "../storage/layout.js";
import { InProcessTransport } from "../transport/in-process.js";
import { Worker } from "./worker.js";

const subjects = subjectsOf("test");
const id = workerId("w1");
const job = jobId("wc", "7f3a");
const launch: LaunchAttempt = {
  type: "launch-attempt",
  epoch: 1,
  attempt: attemptId(taskId(job, "map", 0), 0),
  header: { job, bundle: "b".repeat(64), planHash: "a".repeat(64), request: { params: {} }, partitions: 1, memory: 1 << 20, maxRecordBytes: 1 << 20, staging: "/nowhere", token: "0".repeat(32), sides: {} },
  work: { type: "map", splits: [{ file: { path: "/nowhere/in.txt", size: 2, mtime: "0", compression: "none" }, start: 0, end: 2 }] },
};

test("a worker that joins again names jobs whose executor never began, for their folder is there: it goes when the job is over", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-worker-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const transport = new InProcessTransport();
  const joins: Extract<WorkerReport, { type: "worker-joined" }>[] = [];
  let joined: () => void = () => {};
  transport.serve(subjects.reports, async (payload) => {
    const report = decode(workerReport, payload);
    if (report.type === "worker-joined") {
      joins.push(report);
      joined();
    }
    // A coordinator that does not know the worker any more, as long as it has not joined twice.
    return encode(report.type === "worker-heartbeat" && joins.length < 2 && bundleAsked ? { type: "rejected", epoch: 1, reason: "not known" } : { type: "acknowledged", epoch: 1 });
  });
  let bundleAsked = false;
  let sawBundle: () => void = () => {};
  const asked = new Promise<void>((resolve) => (sawBundle = resolve));
  const worker = new Worker({
    id, slots: 1, transport, subjects, host: "here", folder, publishOutput: false, onOutput: () => {},
    heartbeatEvery: 20, leaseMillis: 10_000,
    bundleFile: () => {
      bundleAsked = true;
      sawBundle();
      return new Promise(() => {});
    },
  });
  t.teardown(() => worker.close());
  const first = new Promise<void>((resolve) => (joined = resolve));
  await worker.start();
  await first;
  const second = new Promise<void>((resolve) => (joined = resolve));
  await transport.request(subjects.worker(id), encode(launch), 5_000);
  await asked;
  await second;
  t.deepEqual(joins.map(({ jobs }) => jobs), [[], [job]]);
  t.true(existsSync(jobWorkDir(folder, job)));
  await transport.request(subjects.worker(id), encode({ type: "forget-job", epoch: 1, job }), 5_000);
  t.false(existsSync(jobWorkDir(folder, job)));
});

test("no folder stays of a job whose launch and whose end come in one breath", async (t) => {
  const top = mkdtempSync(join(tmpdir(), "millrace-worker-"));
  t.teardown(() => rmSync(top, { recursive: true, force: true }));
  const folder = join(top, "deep/".repeat(100));
  const transport = new InProcessTransport();
  transport.serve(subjects.reports, async () => encode({ type: "acknowledged", epoch: 1 }));
  const worker = new Worker({
    id, slots: 1, transport, subjects, host: "here", folder, publishOutput: false, onOutput: () => {},
    heartbeatEvery: 1_000, leaseMillis: 10_000, bundleFile: () => new Promise(() => {}),
  });
  t.teardown(() => worker.close());
  await worker.start();
  // Making the job's folder now takes far longer than seeing that it is not there.
  rmSync(join(top, "deep"), { recursive: true });
  const told: WorkerCommand[] = [launch, { type: "forget-job", epoch: 1, job }];
  await Promise.all(told.map((command) => transport.request(subjects.worker(id), encode(command), 5_000)));
  t.true(existsSync(folder));
  t.false(existsSync(jobWorkDir(folder, job)));
});
