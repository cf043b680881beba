/** Jobs on a cluster of real processes over a real nats-server. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { CancelledError, ClusterError, InputError, InvalidJobError, JobFailedError } from "../errors.js";
import { TestCluster } from "../testing/cluster.js";

const WORD_COUNT = `{ name: "wc", input: text(), key: t.utf8(), value: t.float64(), map(line, emit) { for (const word of line.split(" ")) emit(word, 1); }, reduce: sum(), output: tsv() }`;
/** Takes long enough to be met in the midst of it: each record waits until the file of its name is there. */
const GATED = `{ name: "gated", input: text(), async map(line, emit) { const { existsSync } = await import("node:fs"); while (!existsSync(line)) await new Promise((done) => setTimeout(done, 10)); emit(line); }, output: text() }`;

function lines(count: number): string {
  return Array.from({ length: count }, (_, i) => `w${i % 97} w${(i * i) % 31} common`).join("\n");
}

test("a job over three workers gives what a local run gives, byte for byte, and leaves nothing behind", async (t) => {
  const cluster = await TestCluster.start(t, { workers: 3 });
  if (cluster === undefined) return;
  const before = await cluster.nats.subscriptions();
  const job = cluster.runs.job("wc", WORD_COUNT);
  const options = { input: cluster.runs.write("in.txt", lines(20_000)), splitSize: 20_000, partitions: 5 };
  const submitted = cluster.submit(job, options);
  const stages: string[] = [];
  submitted.onProgress((progress) => stages.push(...progress.stages.map((stage) => stage.kind)));
  const { manifest, parts } = await cluster.finish(submitted);
  t.deepEqual(parts, await cluster.localParts(job, options));
  t.is(Object.keys(parts).length, 5);
  t.is(manifest.records, 20_000);
  t.is(manifest.job, submitted.id);
  t.true(stages.includes("map") && stages.includes("reduce"));
  await cluster.until("files of the job are gone", () => cluster.leftoverFiles(), (files) => files.length === 0);
  t.deepEqual(await cluster.until("subscriptions are as before", () => cluster.nats.subscriptions(), (now) => now.length === before.length), before);
  t.is((await cluster.until("executors are gone", () => cluster.processes(), (left) => left.length === 4)).length, 4);
});

test("what is wrong with a job shows at submit, and the cluster never hears of it", async (t) => {
  const cluster = await TestCluster.start(t, { workers: 1 });
  if (cluster === undefined) return;
  const input = cluster.runs.write("in.txt", "a\n");
  await t.throwsAsync(cluster.submit(cluster.runs.write("missing.ts", `import "not-there";`), { input }).result, { instanceOf: InvalidJobError, message: /npm install not-there/ });
  cluster.runs.write("addon.node", "x");
  await t.throwsAsync(cluster.submit(cluster.runs.write("native.ts", `import "./addon.node";`), { input }).result, { instanceOf: InvalidJobError, message: /native addon/ });
  await t.throwsAsync(cluster.submit(cluster.runs.job("wc", WORD_COUNT), { input: "gone.txt" }).result, { instanceOf: InputError });
  await t.throwsAsync(cluster.submit(cluster.runs.job("boom", `{ name: "boom", input: text(), map() { throw new Error("boom"); }, output: text() }`), { input }).result, { instanceOf: JobFailedError, message: /boom/ });
  await t.throwsAsync(cluster.submit(cluster.runs.job("wc", WORD_COUNT), { input, cluster: "other" }).result, { instanceOf: ClusterError, message: /No coordinator answers in cluster other at nats:\/\/127\.0\.0\.1:\d+\. Start one/ });
});

test("submitting the same id again follows the job that has it; nothing runs twice", async (t) => {
  const cluster = await TestCluster.start(t, { workers: 1, slots: 2 });
  if (cluster === undefined) return;
  const gate = join(cluster.runs.folder, "gate");
  const job = cluster.runs.job("gated", GATED);
  const options = { input: cluster.runs.write("in.txt", gate), id: "one-of-a-kind", output: join(cluster.runs.folder, "out") };
  const first = cluster.submit(job, options);
  await first.accepted;
  const second = cluster.submit(job, options);
  await second.accepted;
  cluster.runs.write("gate", "");
  t.deepEqual(await first.result, await second.result);
  t.is((await cluster.submit(job, options).result).job, "one-of-a-kind");
});

test("cancelling removes all that the job wrote, and says so to whoever follows", async (t) => {
  const cluster = await TestCluster.start(t, { workers: 2 });
  if (cluster === undefined) return;
  const job = cluster.submit(cluster.runs.job("gated", GATED), { input: cluster.runs.write("in.txt", "/never/there"), output: join(cluster.runs.folder, "parent", "out") });
  await new Promise<void>((resolve) => job.onProgress(({ stages }) => stages.some((stage) => stage.running > 0) && resolve()));
  job.cancel("no longer wanted");
  await t.throwsAsync(job.result, { instanceOf: CancelledError, message: "no longer wanted" });
  t.false(existsSync(join(cluster.runs.folder, "parent")));
  await cluster.until("files of the job are gone", () => cluster.leftoverFiles(), (files) => files.length === 0);
});

test("two jobs at once share the slots, and the one with the higher priority goes first", async (t) => {
  const cluster = await TestCluster.start(t, { workers: 1, slots: 1 });
  if (cluster === undefined) return;
  const order = join(cluster.runs.folder, "order");
  const gate = join(cluster.runs.folder, "gate");
  const noting = (name: string): string =>
    cluster.runs.job(name, `{ name: "${name}", input: text(), async map(line, emit) { const { appendFileSync, existsSync } = await import("node:fs"); while (!existsSync(${JSON.stringify(gate)})) await new Promise((done) => setTimeout(done, 10)); appendFileSync(${JSON.stringify(order)}, "${name}\\n"); emit(line); }, output: text() }`);
  const input = cluster.runs.write("in.txt", "1\n2\n3\n4\n");
  const low = cluster.submit(noting("low"), { input, splitSize: 2, priority: 0 });
  await low.accepted;
  const high = cluster.submit(noting("high"), { input, splitSize: 2, priority: 5 });
  await high.accepted;
  cluster.runs.write("gate", "");
  await Promise.all([low.result, high.result]);
  const names = readFileSync(order, "utf8").trim().split("\n");
  // The first of the low one was running already.
  t.deepEqual(names, ["low", "high", "high", "high", "high", "low", "low", "low"]);
});

test("user code on a worker sees no variable of Millrace and no secret of the operator", async (t) => {
  const cluster = await TestCluster.start(t, { workers: 0 });
  if (cluster === undefined) return;
  await cluster.startWorker("w1", { environment: { MILLRACE_NATS_PASSWORD: "hunter2", AWS_SECRET_ACCESS_KEY: "hunter3", SHOWN: "yes" }, args: ["--pass-env", "SHOWN"] });
  const job = cluster.runs.job("env", `{ name: "env", input: text(), map(line, emit) { emit(Object.keys(process.env).sort().join(",") + " " + process.env.SHOWN); }, output: text() }`);
  const { parts } = await cluster.finish(cluster.submit(job, { input: cluster.runs.write("in.txt", "x") }));
  const seen = parts["part-00000.txt"] ?? "";
  t.regex(seen, /PATH/);
  t.regex(seen, / yes\n$/);
  t.notRegex(seen, /MILLRACE|AWS|npm/i);
});

test("workers on different machines fetch blocks from each other, and with ship the input from the coordinator", async (t) => {
  const cluster = await TestCluster.start(t, { workers: 0 });
  if (cluster === undefined) return;
  await Promise.all(["here", "there"].map((host) => cluster.startWorker(host, { environment: { MILLRACE_TESTING: "1", MILLRACE_HOST: host } })));
  const job = cluster.runs.job("wc", WORD_COUNT);
  const options = { input: cluster.runs.write("in.txt", lines(20_000)), splitSize: 40_000, partitions: 3 };
  const { manifest, parts } = await cluster.finish(cluster.submit(job, { ...options, ship: true }));
  t.deepEqual(parts, await cluster.localParts(job, options));
  t.is(manifest.records, 20_000);
  await cluster.until("files of the job are gone", () => cluster.leftoverFiles(), (files) => files.length === 0);
});
