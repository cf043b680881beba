import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { ClusterError } from "../errors.js";
import { nodeId, workerId } from "../model/ids.js";
import { decode, encode } from "../protocol/codec.js";
import { coordinatorNotice, coordinatorReply, PROTOCOL_VERSION, type ClientRequest, type CoordinatorReply, type WorkerReport } from "../protocol/messages.js";
import { ClusterInProcess } from "../testing/cluster-in-process.js";
import { VERSION } from "../version.js";

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

for (const stateful of [true, false]) {
  const options = { stateless: !stateful };
  const FAR = Number.MAX_SAFE_INTEGER - 1;
  const lie = (cluster: ClusterInProcess): void => {
    const report: WorkerReport = { type: "worker-heartbeat", worker: workerId("liar"), epoch: FAR };
    // Who is not in charge leaves it to the other to answer.
    void cluster.transport.request(cluster.subjects.reports, encode(report), 60_000).catch(() => {});
  };

  test.serial(`a worker that makes up an epoch, in a report or an answer, ends no coordinator ${stateful ? "with" : "without"} a state folder, which calls whoever may be there`, async (t) => {
    const cluster = new ClusterInProcess(folder);
    const { transport, subjects } = cluster;
    await cluster.startCoordinator(() => true, { ...options, onEnd: (error) => t.fail(error.message) });
    const called = new Promise<number>((resolve) => void transport.subscribe(subjects.coordinators, (payload) => resolve(decode(coordinatorNotice, payload).epoch)));
    const liar: WorkerReport = { type: "worker-joined", protocol: PROTOCOL_VERSION, version: VERSION, worker: workerId("liar"), node: nodeId("liar"), slots: 1, host: "h", address: "", folder: "/", jobs: ["gone-1" as never] };
    const answered = new Promise<void>((resolve) =>
      transport.serve(subjects.worker(workerId("liar")), async () => {
        resolve();
        return encode({ type: "rejected", epoch: FAR, reason: "because" });
      }),
    );
    await transport.request(subjects.reports, encode(liar), 5_000);
    await answered;
    lie(cluster);
    const { epoch } = (await ask(cluster, { type: "ask-coordinator" })) as Extract<CoordinatorReply, { type: "coordinator" }>;
    t.is(await called, epoch);
    t.like(await ask(cluster, { type: "list-jobs" }), { type: "jobs" });
    await cluster.close();
  });

  test.serial(`a coordinator ${stateful ? "with" : "without"} a state folder that missed the notice of the one that took its place steps down when a worker speaks of it`, async (t) => {
    const cluster = new ClusterInProcess(folder);
    const end = new Promise<ClusterError>((resolve) => {
      let misses = true;
      const start = async (): Promise<void> => {
        await cluster.startCoordinator(({ way, message }) => !(misses && way === "in" && message.type === "coordinator-started"), { ...options, onEnd: resolve });
        // The in-process transport has one server for a subject, so the later one is only what it writes and says.
        if (stateful) writeFileSync(join(cluster.stateDir, `epoch-${FAR}`), "{}");
        const answer = (payload: Uint8Array): void => {
          if (decode(coordinatorNotice, payload).epoch < FAR && !stateful) cluster.transport.publish(cluster.subjects.coordinators, encode({ type: "coordinator-started", epoch: FAR }));
        };
        cluster.transport.subscribe(cluster.subjects.coordinators, answer);
        misses = false;
        lie(cluster);
      };
      void start();
    });
    t.regex((await end).message, /has taken over.*steps down/);
    await cluster.close();
  });
}

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
