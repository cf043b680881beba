import { fork } from "node:child_process";
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { attemptId, jobId, taskId, type AttemptId } from "../model/ids.js";
import type { JobOrder } from "../protocol/executor-messages.js";
import { BegunNotes } from "../storage/begun-attempts.js";
import { begunFolder } from "../storage/layout.js";
import { ExecutorHost, type AttemptReport } from "./executor-host.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-host-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const job = jobId("wc", "7f3a");
const attempts = [0, 1].map((index) => attemptId(taskId(job, "map", index), 0));

const order: JobOrder = {
  header: { job, bundle: "b".repeat(64), planHash: "a".repeat(64), request: { params: {} }, partitions: 1, memory: 1 << 20, maxRecordBytes: 1 << 20, staging: folder, token: "0".repeat(32), sides: {} },
  bundleFile: join(folder, "none.mjs"), host: "here", folder, memory: 1 << 20,
};

for (const [what, reports] of [
  ["no report at all", '"hello"'],
  ["a report with a count that is none", `[{ type: "attempt-finished", attempt: "${attempts[0]}", result: { type: "map", output: { kind: "map-output", rows: 1, bytes: 1 } }, stats: { records: 1, bytesRead: 1, badRecords: 0, counters: { c: Infinity }, millis: 1, spills: 0 } }]`],
] as const) {
  test(`an executor that sends ${what} is ended, its attempts fail, and the worker lives`, async (t) => {
    const script = join(folder, `${what.replaceAll(" ", "-")}.mjs`);
    writeFileSync(script, `process.on("message", () => process.send(${reports}));\n`);
    const failed: AttemptReport[] = [];
    await new Promise<void>((resolve) => {
      const host = new ExecutorHost({
        threads: 1,
        forked: fork(script, [], { stdio: ["ignore", "pipe", "pipe", "ipc"], execArgv: [] }),
        onOutput: () => {},
        onReport: (report) => failed.push(report) === attempts.length && resolve(),
      });
      host.start(order, 1, attempts.map((attempt) => ({ attempt, work: { type: "reduce", partition: 0 } })));
    });
    t.deepEqual(failed.map(({ attempt }) => attempt), attempts);
    for (const report of failed) t.like(report, { type: "attempt-failed", failure: { kind: "executor-died" } });
    t.regex(JSON.stringify(failed), /What an executor reported cannot be read, so it was ended/);
  });
}

for (const [title, began, expected] of [
  ["only those that had begun are to blame when an executor dies", [attempts[1]!], ["cancelled", "executor-died"]],
  ["all are, when none had begun", [], ["executor-died", "executor-died"]],
] as const) {
  test(title, async (t) => {
    const script = join(folder, "dies.mjs");
    writeFileSync(script, 'process.on("message", () => process.kill(process.pid, "SIGKILL"));\n');
    const child = fork(script, [], { stdio: ["ignore", "pipe", "pipe", "ipc"], execArgv: [] });
    // As a thread of that process would.
    for (const attempt of began) noteAs(child.pid!, attempt);
    const failed: AttemptReport[] = [];
    await new Promise<void>((resolve) => {
      const host = new ExecutorHost({ threads: 1, forked: child, onOutput: () => {}, onReport: (report) => failed.push(report) === attempts.length && resolve() });
      host.start(order, 1, attempts.map((attempt) => ({ attempt, work: { type: "reduce", partition: 0 } })));
    });
    t.deepEqual(failed.map((report) => report.type === "attempt-failed" && report.failure.kind), expected);
    t.false(existsSync(begunFolder(folder, job, child.pid!)));
  });
}

function noteAs(executor: number, attempt: AttemptId): void {
  new BegunNotes(1).note(folder, job, attempt);
  renameSync(begunFolder(folder, job, process.pid), begunFolder(folder, job, executor));
}
