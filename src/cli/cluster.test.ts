/** The cluster as its users meet it on the command line. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { TestCluster } from "../testing/cluster.js";

const WORD_COUNT = `{ name: "wc", input: text(), key: t.utf8(), value: t.float64(), map(line, emit, ctx) { ctx.log("saw " + line); for (const word of line.split(" ")) emit(word, 1); }, reduce: sum(), output: tsv() }`;
const ENDLESS = `{ name: "endless", input: text(), async map(line, emit, ctx) { ctx.log("begun"); await new Promise(() => {}); }, output: text() }`;

test.serial("submit follows a job, and --detach leaves it: jobs, status and logs tell of it", async (t) => {
  const cluster = await TestCluster.start(t, { workers: 2 });
  if (cluster === undefined) return;
  cluster.runs.job("wc", WORD_COUNT);
  cluster.runs.write("in.txt", "b a\na c\n");
  const { code, stdout, stderr } = await cluster.millrace(["submit", "wc.ts", "-i", "in.txt", "-o", "out"]);
  t.is(code, "exit code 0", stderr);
  t.is(stdout, "");
  t.regex(stderr, /job wc-[0-9a-f]{6}\n[^]*wc: 2 records in, 3 rows out/);
  t.deepEqual(Object.values(cluster.parts(join(cluster.runs.folder, "out"))).join(""), "a\t2\nb\t1\nc\t1\n");

  const detached = await cluster.millrace(["submit", "wc.ts", "-i", "in.txt", "-o", "out2", "--detach", "--id", "mine"]);
  t.is(detached.code, "exit code 0", detached.stderr);
  t.is(detached.stdout, "mine\n");
  const logs = await cluster.millrace(["logs", "mine", "--follow"]);
  t.regex(logs.stdout, /mine_m_00000: saw b a\nmine_m_00000: saw a c\n/);
  t.regex((await cluster.millrace(["status", "mine"])).stdout, /mine {2}done {2}\d\/\d tasks[^]*-> .*out2/);
  t.like(JSON.parse((await cluster.millrace(["status", "mine", "--json"])).stdout), { job: "mine", state: "done" });
  t.regex((await cluster.millrace(["jobs"])).stdout, /^JOB +STATE +TASKS +SUBMITTED\nmine +done/);
  const again = await cluster.millrace(["submit", "wc.ts", "-i", "in.txt", "-o", "out2", "--id", "mine", "--json", "-q"]);
  t.like(JSON.parse(again.stdout), { status: "done", job: "mine", records: 2 });
});

test.serial("cancel ends a job; Ctrl-C of a submit does the same and exits with 130", async (t) => {
  const cluster = await TestCluster.start(t, { workers: 1 });
  if (cluster === undefined) return;
  cluster.runs.job("endless", ENDLESS);
  cluster.runs.write("in.txt", "x\n");
  await cluster.millrace(["submit", "endless.ts", "-i", "in.txt", "-o", "parent/a", "--detach", "--id", "one"]);
  t.is((await cluster.millrace(["cancel", "one"])).stdout, "one  cancelled\n");
  const submit = cluster.command(["submit", "endless.ts", "-i", "in.txt", "-o", "parent/b", "--id", "two"]);
  await submit.logs(/two_m_00000: begun/);
  submit.signal("SIGINT");
  t.is(await submit.ended, "exit code 130");
  t.regex(submit.stderr, /interrupted by SIGINT/);
  t.like(JSON.parse((await cluster.millrace(["status", "two", "--json"])).stdout), { state: "cancelled" });
  t.false(readdirSync(cluster.runs.folder).includes("parent"));
});

test.serial("what is missing is named: the server, the coordinator, the job, the workers", async (t) => {
  const cluster = await TestCluster.start(t, { workers: 0 });
  if (cluster === undefined) return;
  cluster.runs.job("wc", WORD_COUNT);
  cluster.runs.write("in.txt", "x\n");
  const nowhere = await cluster.millrace(["jobs", "--nats", "nats://127.0.0.1:1"]);
  t.is(nowhere.code, "exit code 1");
  t.regex(nowhere.stderr, /^error: .*nats:\/\/127\.0\.0\.1:1/);
  t.regex((await cluster.millrace(["jobs"], { environment: { MILLRACE_NATS: "" } })).stderr, /--nats nats:\/\/host:4222 or set MILLRACE_NATS/);
  t.regex((await cluster.millrace(["jobs", "--cluster", "elsewhere"])).stderr, /^error: No coordinator answers in cluster elsewhere at nats:/);
  t.regex((await cluster.millrace(["status", "nobody"])).stderr, /^error: .*nobody/);
  const submit = cluster.command(["submit", "wc.ts", "-i", "in.txt", "-o", "out"]);
  await submit.logs(/waiting: no workers/);
  await cluster.startWorker("w1");
  t.is(await submit.ended, "exit code 0");
});

test.serial("a coordinator that cannot begin ends, also when the process that started it listens to it", async (t) => {
  const cluster = await TestCluster.start(t, { workers: 0 });
  if (cluster === undefined) return;
  const second = cluster.command(["coordinator"]);
  t.is(await second.ended, "exit code 1");
  t.regex(second.stderr, /--takeover/);
});

test.serial("up starts a whole cluster, and Ctrl-C ends all of it", async (t) => {
  const cluster = await TestCluster.start(t, { workers: 0 });
  if (cluster === undefined) return;
  const binary = cluster.serverBinary;
  const up = cluster.command(["up", "--workers", "2", "--slots", "1"], { environment: { NATS_SERVER_BIN: binary } });
  const [, url = ""] = await up.logs(/MILLRACE_NATS=(nats:\/\/\S+)/);
  cluster.runs.job("wc", WORD_COUNT);
  cluster.runs.write("in.txt", "b a\na c\n");
  const submit = await cluster.millrace(["submit", "wc.ts", "-i", "in.txt", "-o", "out", "--nats", url]);
  t.is(submit.code, "exit code 0", submit.stderr);
  t.true(cluster.processes().length >= 4);
  up.signal("SIGINT");
  t.is(await up.ended, "exit code 130");
  // Of this cluster's own processes only the coordinator is left.
  await cluster.until("all processes of up are gone", () => cluster.processes(), (left) => left.length === 1);
  t.deepEqual(readdirSync(cluster.tmp), []);
});
