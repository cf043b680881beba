import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { ClusterError } from "../errors.js";
import { decode, encode } from "../protocol/codec.js";
import { coordinatorReply, type ClientRequest, type CoordinatorReply } from "../protocol/messages.js";
import { ClusterInProcess } from "../testing/cluster-in-process.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-takeover-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const input = join(folder, "input.txt");
writeFileSync(input, "a b a\n");
const job = join(folder, "count.ts");
writeFileSync(job, `import { defineJob, text, tsv, t, sum } from "millrace";
export default defineJob({ name: "count", input: text(), key: t.utf8(), value: t.float64(), map(line: string, emit) { for (const word of line.split(" ")) emit(word, 1); }, reduce: sum(), output: tsv() });\n`);

async function ask(cluster: ClusterInProcess, request: ClientRequest): Promise<CoordinatorReply> {
  return decode(coordinatorReply, await cluster.transport.request(cluster.subjects.requests, encode(request), 30_000));
}

test.serial("a second coordinator refuses to start beside another, unless it takes over or has the same state", async (t) => {
  const cluster = new ClusterInProcess(folder);
  const ends: string[] = [];
  const first = await cluster.startCoordinator(() => true, { onEnd: (error) => ends.push(error.message) });
  await t.throwsAsync(cluster.startCoordinator(() => true, { stateDir: join(cluster.folder, "other") }), { instanceOf: ClusterError, message: /answers on millrace\.test\.requests already/ });
  t.deepEqual(readdirSync(join(cluster.folder, "other")).filter((name) => name.startsWith("epoch")), [], "it claimed nothing");
  first.halt();
  await cluster.close();
});

test.serial("a coordinator that hears of a later one, or whose state folder was claimed, steps down and answers nobody", async (t) => {
  const cluster = new ClusterInProcess(folder);
  const end = new Promise<ClusterError>((resolve) => void cluster.startCoordinator(() => true, { onEnd: resolve }).then(() => cluster.transport.publish(cluster.subjects.coordinators, encode({ type: "coordinator-started", epoch: Number.MAX_SAFE_INTEGER }))));
  t.regex((await end).message, /has taken over.*steps down/);
  await t.throwsAsync(ask(cluster, { type: "list-jobs" }), { message: /nobody serves/ });

  const second = new Promise<ClusterError>((resolve) => void cluster.startCoordinator(() => true, { onEnd: resolve }).then(() => {
    writeFileSync(join(cluster.stateDir, `epoch-${Number.MAX_SAFE_INTEGER - 1}`), "{}");
    void ask(cluster, { type: "cancel-job", job: "x-1" as never, reason: "an event to record" }).catch(() => {});
  }));
  t.regex((await second).message, /has taken over the state folder .*steps down/);
  await cluster.close();
});

test.serial("the same submission again is the same job, also after it has ended and after a restart; another one under its id is refused", async (t) => {
  const cluster = new ClusterInProcess(folder);
  const first = await cluster.startCoordinator();
  await cluster.startWorker("w1", 1);
  const submission = await cluster.prepare(job, [input], { partitions: 1 });
  t.deepEqual(await Promise.all([cluster.run(submission), cluster.run(submission)]), [["a\t2\nb\t1\n"], ["a\t2\nb\t1\n"]]);
  const manifest = readFileSync(join(cluster.folder, "out/_SUCCESS"), "utf8");
  const other = { ...submission, priority: 7 };
  for (const restarted of [false, true]) {
    if (restarted) {
      await first.close();
      await cluster.startCoordinator();
    }
    t.deepEqual(await cluster.run(submission), ["a\t2\nb\t1\n"]);
    t.like(await ask(cluster, other), { type: "refused", code: "USAGE" });
    const reply = await ask(cluster, { type: "ask-job", job: submission.job });
    t.like(reply, { type: "job", output: join(cluster.folder, "out"), summary: { state: "done", tasks: 2, done: 2 }, latest: { type: "job-done", manifest } });
    t.like(await ask(cluster, { type: "list-jobs" }), { jobs: [{ job: submission.job, state: "done" }] });
  }
  t.is(readFileSync(join(cluster.folder, "out/_SUCCESS"), "utf8"), manifest, "it did not run again");
  t.like(await ask(cluster, { type: "ask-job", job: "unknown-1" as never }), { type: "refused", code: "UNKNOWN_JOB" });
  await cluster.close();
});

test.serial("a journal that was changed in the midst stops the start with what to do, and is left as it is", async (t) => {
  const cluster = new ClusterInProcess(folder);
  const first = await cluster.startCoordinator();
  for (let i = 0; i < 3; i++) await ask(cluster, { type: "cancel-job", job: "x-1" as never, reason: "an event to record" });
  await first.close();
  const path = join(cluster.stateDir, readdirSync(cluster.stateDir).find((name) => name.startsWith("journal-"))!);
  const bytes = readFileSync(path);
  bytes[40]! ^= 1;
  writeFileSync(path, bytes);
  await t.throwsAsync(cluster.startCoordinator(), { instanceOf: ClusterError, message: /is damaged at byte 19.*Restore it from a copy/ });
  t.deepEqual(readFileSync(path), bytes);
  await cluster.close();
});

test.serial("a coordinator whose disk is full stops with that reason; started again with room, it goes on", async (t) => {
  const cluster = new ClusterInProcess(folder);
  mkdirSync(cluster.stateDir);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", cluster.stateDir], { stdio: "ignore" });
  } catch {
    t.log("left out: this machine lets us mount no tmpfs");
    t.pass();
    return;
  }
  try {
    const submission = await cluster.prepare(job, [input], { partitions: 1 });
    let stopped: ClusterError | undefined;
    const end = new Promise<void>((resolve) => void cluster.startCoordinator(() => true, { onEnd: (error) => { stopped = error; resolve(); } }).then(async () => {
      t.like(await ask(cluster, submission), { type: "accepted" });
      while (stopped === undefined) void (await Promise.race([ask(cluster, { type: "cancel-job", job: "x-1" as never, reason: "x".repeat(4_000) }), end]));
    }).catch(() => {}));
    await end;
    t.regex(stopped!.message, /cannot be written: ENOSPC.*nothing that it acknowledged is lost/);
    execFileSync("mount", ["-o", "remount,size=4m", cluster.stateDir]);
    await cluster.startCoordinator();
    await cluster.startWorker("w1", 1);
    t.deepEqual(await cluster.run(submission), ["a\t2\nb\t1\n"]);
  } finally {
    await cluster.close();
    execFileSync("umount", [cluster.stateDir]);
  }
  t.false(existsSync(join(cluster.stateDir, "secret")));
});
