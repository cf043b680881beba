/** Workers as real processes: how they die, freeze, drain, and come back. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { TestCluster, type ClusterSetup } from "../testing/cluster.js";

const WORD_COUNT = `{ name: "wc", input: text(), key: t.utf8(), value: t.float64(), map(line, emit) { for (const word of line.split(" ")) emit(word, 1); }, reduce: sum(), output: tsv() }`;
const LINES = Array.from({ length: 4_000 }, (_, i) => `w${i % 97} w${(i * i) % 31} common`).join("\n");
const SIZES = { splitSize: 8_000, partitions: 3 };

/** Each map notes that it runs, and waits until the file `gate` is there. */
function gated(folder: string): string {
  return `{ name: "gated", input: text(), key: t.utf8(), value: t.float64(), async map(line, emit, ctx) {
    const { appendFileSync, existsSync } = await import("node:fs");
    appendFileSync(${JSON.stringify(join(folder, "ran"))}, ctx.task + "\\n");
    while (!existsSync(${JSON.stringify(join(folder, "gate"))})) await new Promise((done) => setTimeout(done, 10));
    emit(line, 1);
  }, reduce: sum(), output: tsv() }`;
}

async function start(t: ExecutionContext, setup: ClusterSetup): Promise<TestCluster | undefined> {
  return TestCluster.start(t, { lease: "2s", ...setup });
}

for (const fault of ["task.received:2:kill", "map.record:300:kill-parent", "map.before-report:2:kill", "map.after-report:3:kill", "reduce.key:5:kill-parent", "reduce.before-report:kill"]) {
  test.serial(`a worker that dies at ${fault} costs time, and nothing else`, async (t) => {
    const cluster = await start(t, { workers: 0 });
    if (cluster === undefined) return;
    const faultOnce = join(cluster.runs.folder, "struck");
    const workers = await Promise.all(["w1", "w2", "w3"].map((name) => cluster.startWorker(name, { fault, faultOnce })));
    const job = cluster.runs.job("wc", WORD_COUNT);
    const options = { input: cluster.runs.write("in.txt", LINES), ...SIZES };
    const { parts } = await cluster.finish(cluster.submit(job, options));
    t.is(workers.filter((worker) => !worker.isRunning).length, 1, cluster.logs());
    t.deepEqual(parts, await cluster.localParts(job, options));
    await cluster.until("executors of the dead worker are gone", () => cluster.processes(), (left) => left.length === 3);
    // Whoever starts next sweeps what the dead one left.
    await cluster.startWorker("w4");
    await cluster.until("files of the job are gone", () => cluster.leftoverFiles(), (files) => files.length === 0);
  });
}

test.serial("a worker that freezes past its lease and wakes up again disturbs nothing", async (t) => {
  const cluster = await start(t, { workers: 2 });
  if (cluster === undefined) return;
  const job = cluster.runs.job("gated", gated(cluster.runs.folder));
  const options = { input: cluster.runs.write("in.txt", "a\nb\nc\nd\n"), splitSize: 2, partitions: 2 };
  const submitted = cluster.submit(job, options);
  await new Promise<void>((resolve) => submitted.onProgress(({ stages }) => stages.some((stage) => stage.running === 2) && resolve()));
  cluster.member("w1").signal("SIGSTOP");
  await cluster.until("the frozen worker is given up", () => submittedState(cluster, submitted.id), ({ running }) => running === 1);
  cluster.member("w1").signal("SIGCONT");
  await cluster.member("w1").logs(/no coordinator answered for 2 s: stopping 1 attempts[^]*joined as w1/);
  cluster.runs.write("gate", "");
  const { parts } = await cluster.finish(submitted);
  t.deepEqual(parts, await cluster.localParts(job, options));
  await cluster.until("files of the job are gone", () => cluster.leftoverFiles(), (files) => files.length === 0);
});

test.serial("SIGTERM drains: the task at hand is finished, map outputs are served to the end, and then the worker leaves", async (t) => {
  const cluster = await start(t, { workers: 1 });
  if (cluster === undefined) return;
  const job = cluster.runs.job("gated", gated(cluster.runs.folder));
  const options = { input: cluster.runs.write("in.txt", "a\nb\n"), splitSize: 2 };
  const submitted = cluster.submit(job, options);
  await new Promise<void>((resolve) => submitted.onProgress(({ stages }) => stages.some((stage) => stage.running === 1) && resolve()));
  const w1 = cluster.member("w1");
  w1.signal("SIGTERM");
  await w1.logs(/draining/);
  cluster.runs.write("gate", "");
  await cluster.until("the first map is done", () => submittedState(cluster, submitted.id), ({ done }) => done === 1);
  t.true(w1.isRunning);
  await cluster.startWorker("w2");
  const { parts } = await cluster.finish(submitted);
  t.is(await w1.ended, "exit code 0");
  t.deepEqual(parts, await cluster.localParts(job, options));
  const ran = cluster.runs.read("ran");
  t.deepEqual(ran.trim().split("\n").slice(0, 2).map((task) => task.slice(-5)), ["00000", "00001"]);
});

test.serial("a second SIGTERM hands the task back at once", async (t) => {
  const cluster = await start(t, { workers: 1 });
  if (cluster === undefined) return;
  const submitted = cluster.submit(cluster.runs.job("gated", gated(cluster.runs.folder)), { input: cluster.runs.write("in.txt", "a\n") });
  await new Promise<void>((resolve) => submitted.onProgress(({ stages }) => stages.some((stage) => stage.running === 1) && resolve()));
  const w1 = cluster.member("w1");
  w1.signal("SIGTERM");
  await w1.logs(/draining/);
  w1.signal("SIGTERM");
  t.is(await w1.ended, "exit code 0");
  await cluster.startWorker("w2");
  cluster.runs.write("gate", "");
  await submitted.result;
  t.deepEqual(readdirSync(cluster.tmp).filter((name) => name.startsWith("millrace-work-")).length, 1);
});

test.serial("a worker without a coordinator ends after a while, with an error and without leftovers", async (t) => {
  const cluster = await start(t, { workers: 0 });
  if (cluster === undefined) return;
  const w1 = await cluster.startWorker("w1", { args: ["--orphan-timeout", "3s"] });
  await cluster.member("coordinator").kill();
  t.is(await w1.ended, "exit code 1");
  t.regex(w1.stderr, /ending: no coordinator has answered for 3 s/);
  t.deepEqual(cluster.leftoverFiles(), []);
  t.deepEqual(readdirSync(cluster.tmp), []);
});

test.serial("a coordinator that is killed and starts again finds its job and workers: running tasks go on", async (t) => {
  const cluster = await start(t, { workers: 2, stateful: true, lease: "5s" });
  if (cluster === undefined) return;
  const job = cluster.runs.job("gated", gated(cluster.runs.folder));
  const options = { input: cluster.runs.write("in.txt", "a\nb\nc\nd\n"), splitSize: 2, partitions: 2 };
  const submitted = cluster.submit(job, options);
  await new Promise<void>((resolve) => submitted.onProgress(({ stages }) => stages.some((stage) => stage.running === 2) && resolve()));
  await cluster.member("coordinator").kill();
  await cluster.startCoordinator();
  await Promise.all(["w1", "w2"].map((name) => cluster.member(name).logs(/joined[^]*joined/)));
  cluster.runs.write("gate", "");
  const { parts } = await cluster.finish(submitted);
  t.is(cluster.runs.read("ran").trim().split("\n").length, 4, "each map ran once");
  t.deepEqual(parts, await cluster.localParts(job, options));
});

test.serial("a nats-server that is killed, wiped and started again costs time, and nothing else", async (t) => {
  const cluster = await start(t, { workers: 2, lease: "5s" });
  if (cluster === undefined) return;
  const job = cluster.runs.job("gated", gated(cluster.runs.folder));
  const options = { input: cluster.runs.write("in.txt", "a\nb\nc\nd\n"), splitSize: 2, partitions: 2 };
  const submitted = cluster.submit(job, options);
  await new Promise<void>((resolve) => submitted.onProgress(({ stages }) => stages.some((stage) => stage.running === 2) && resolve()));
  await cluster.restartNats({ wipe: true, between: async () => void cluster.runs.write("gate", "") });
  const { parts } = await cluster.finish(submitted);
  t.deepEqual(parts, await cluster.localParts(job, options));
});

async function submittedState(cluster: TestCluster, id: string): Promise<{ running: number; done: number }> {
  const { stdout } = await cluster.millrace(["status", id, "--json"]);
  const { latest } = JSON.parse(stdout) as { latest: { stages?: { running: number; done: number }[] } };
  return { running: latest.stages?.[0]?.running ?? 0, done: latest.stages?.[0]?.done ?? 0 };
}
