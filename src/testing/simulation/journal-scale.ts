/**
 * `node dist/testing/simulation/journal-scale.js [workers] [tasks] [ms between progress]`: how long a coordinator takes to go on from the
 * journal of one large job that is about to commit (R7). The journal is what the real scheduler, recorder and state folder make
 * of a simulated cluster; it is read by a process of its own, as after a crash.
 */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeEntries, type JournalEntry } from "../../coordinator/journal-entry.js";
import { restoreState } from "../../coordinator/restore-state.js";
import type { JobSpec } from "../../model/job-spec.js";
import { journalPath } from "../../storage/layout.js";
import { StateFolder } from "../../storage/state-folder.js";
import { isSignOfLife } from "../../scheduler/scheduler.js";
import type { SchedulerEvent } from "../../scheduler/events.js";
import { VERSION } from "../../version.js";
import { runScale } from "./scale-run.js";
import { answerHelp } from "../usage.js";

answerHelp("node dist/testing/simulation/journal-scale.js [workers; default 10000] [tasks; default 1000000] [ms between progress; default none]");

/** Events that share a frame: those that come while one is being written. */
const EVENTS_IN_FRAME = 64;

const [folderToRead = ""] = process.argv[2] === "--read" ? [process.argv[3]] : [];
if (folderToRead === "") await measure(Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 1_000_000), Number(process.argv[4] ?? Infinity));
else await read(folderToRead);

async function measure(workers: number, tasks: number, progressEvery: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-journal-"));
  try {
    await write(folder, workers, tasks, progressEvery);
    await new Promise((resolve) => fork(fileURLToPath(import.meta.url), ["--read", folder]).once("exit", resolve));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function write(path: string, workers: number, tasks: number, progressEvery: number): Promise<void> {
  let pending: JournalEntry[] = [];
  const payloads: Uint8Array[] = [];
  let events = 0;
  const run = runScale(workers, tasks, {
    progressEvery,
    uncommitted: true,
    onEvent: (event) => {
      events++;
      if (isSignOfLife(event) || pending.push(entryOf(event, path)) < EVENTS_IN_FRAME) return;
      payloads.push(encodeEntries(pending));
      pending = [];
    },
  });
  payloads.push(encodeEntries(pending));
  const folder = await StateFolder.open(path, () => 1);
  await (await folder.beginJournal(payloads)).close();
  console.log(`${workers} workers, ${tasks} tasks, job ${run.outcome}: ${events} events, journal of ${mib(statSync(journalPath(path, folder.epoch)).size)} MiB`);
}

async function read(path: string): Promise<void> {
  const start = performance.now();
  const { user, system } = process.cpuUsage();
  const folder = await StateFolder.open(path, () => 2);
  const { state, payloads } = await restoreState(folder, undefined);
  const replayed = performance.now();
  await (await folder.beginJournal(payloads)).close();
  const cpu = process.cpuUsage({ user, system });
  const [job] = state.jobs.keys();
  console.log(`read and replayed in ${seconds(replayed - start)} s, written anew in ${seconds(performance.now() - replayed)} s (${seconds((cpu.user + cpu.system) / 1000)} s of processor time), ${mib(process.resourceUsage().maxRSS * 1024)} MiB of memory`);
  console.log(`job ${job} is ${state.scheduler.status(job!)?.state}; the next journal begins with ${mib(payloads.reduce((sum, { length }) => sum + length, 0))} MiB`);
}

function entryOf(event: SchedulerEvent, folder: string): JournalEntry {
  if (event.type === "worker-joined") return { type: "member-joined", event, member: { place: { worker: event.worker, host: "host", address: "127.0.0.1:7400", folder: `/tmp/millrace-work-1-${event.worker}` }, process: "0123456789abcdef" } };
  if (event.type !== "job-submitted") return { type: "event", event };
  const { plan, priority, limits } = event;
  const spec: JobSpec = { name: plan.name, input: { format: "text", paths: ["input"] }, sides: {}, map: { style: "record", concurrency: 1 }, output: { format: "tsv" } as JobSpec["output"], badRecords: plan.badRecords, params: {} };
  const submission = { type: "submit-job" as const, job: plan.job, version: VERSION, bundle: "b".repeat(64), planHash: "a".repeat(64), request: { params: {} }, spec, folder: "/", output: { path: join(folder, "out"), overwrite: false }, memory: 1 << 30, maxRecordBytes: 1 << 26, ship: false, priority, limits: { ...limits, speculation: true } };
  return { type: "job-admitted", event, job: { submission, inputs: [], sides: {}, output: { path: join(folder, "out"), job: plan.job, overwrite: false, parent: folder, lock: join(folder, "lock"), staging: join(folder, "staging"), madeFolders: [] }, startedAt: new Date(0).toISOString() } };
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function seconds(millis: number): string {
  return (millis / 1000).toFixed(2);
}
