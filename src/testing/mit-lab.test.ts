/**
 * The seven tests of the MapReduce lab of MIT 6.5840, with its semantics: real processes, eight input files, ten
 * reduce partitions, the answer computed by a sequential MapReduce. MILLRACE_LAB=full lets the crash test sleep as
 * long as the lab's does (up to 10 s in each call).
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import test, { type ExecutionContext } from "ava";
import { TestCluster, type ClusterSetup } from "./cluster.js";

const SLEEP = process.env["MILLRACE_LAB"] === "full" ? 10_000 : 500;
const FOLDER = resolve("datasets/sotu");
const INPUT = readdirSync(FOLDER).filter((name) => name.endsWith(".txt")).sort().slice(0, 8).map((name) => join(FOLDER, name));
const SIZES = { input: INPUT, partitions: 10 };
const WORKERS = ["w1", "w2", "w3"];

/** A job over whole files, `map` and `reduce` given as code, whose output is lines. */
function labJob(cluster: TestCluster, name: string, map: string, reduce: string): string {
  const shared = join(cluster.runs.folder, "shared");
  return cluster.runs.write(`${name}.ts`, `
    import * as fs from "node:fs";
    import { basename } from "node:path";
    import { defineJob, files, t, text } from "millrace";
    const shared = ${JSON.stringify(shared)};
    function sleep(millis: number): void { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis); }
    /** Notes that a call of this process is under way, and gives how many were, at most, until two were or the time is up. */
    function atOnce(phase: string): number {
      fs.mkdirSync(shared, { recursive: true });
      const own = shared + "/" + phase + "-" + process.pid;
      fs.writeFileSync(own, "");
      let most = 0;
      for (let i = 0; i < 1000 && (most < 2 || i < 20); i++) {
        most = Math.max(most, fs.readdirSync(shared).filter((name) => name.startsWith(phase + "-")).length);
        sleep(10);
      }
      fs.rmSync(own, { force: true });
      return most;
    }
    /** With p = 1/3 ends the executor or the worker, with p = 1/3 sleeps. */
    function maybeCrash(): void {
      const roll = Math.random();
      if (roll < 1 / 3) {
        process.kill(Math.random() < 0.5 ? process.pid : process.ppid, "SIGKILL");
        sleep(5_000);
      } else if (roll < 2 / 3) sleep(Math.random() * ${SLEEP});
    }
    export default defineJob({
      name: "${name}", input: files(), key: t.utf8(), value: t.utf8(),
      map({ path, text: contents }, emit, ctx) { ${map} },
      reduce(key, values, emit) { ${reduce} },
      output: text(),
    });
  `);
}

type Pairs = Iterable<readonly [string, string]>;

/** Map, group, reduce, one after the other. */
function sequential(map: (name: string, contents: string) => Pairs, reduce: (key: string, values: string[]) => string): string[] {
  const groups = new Map<string, string[]>();
  for (const path of INPUT) {
    for (const [key, value] of map(basename(path), readFileSync(path, "utf8"))) groups.set(key, [...(groups.get(key) ?? []), value]);
  }
  return [...groups].map(([key, values]) => `${key} ${reduce(key, values)}`).sort();
}

function wordsIn(contents: string): string[] {
  return contents.split(/[^\p{L}]+/u).filter((word) => word !== "");
}

async function start(t: ExecutionContext, setup: ClusterSetup = {}): Promise<TestCluster | undefined> {
  return TestCluster.start(t, { workers: WORKERS.length, slots: 1, lease: "2s", ...setup });
}

function linesOf(parts: Record<string, string>): string[] {
  return Object.values(parts).flatMap((part) => part.split("\n").filter((line) => line !== "")).sort();
}

test.serial("wc: words are counted", async (t) => {
  const cluster = await start(t);
  if (cluster === undefined) return;
  const job = labJob(cluster, "wc", `for (const word of contents.split(/[^\\p{L}]+/u)) if (word !== "") emit(word, "1");`, `let n = 0; for (const _ of values) n++; emit(key + " " + n);`);
  const { parts, manifest } = await cluster.finish(cluster.submit(job, SIZES));
  t.is(Object.keys(parts).length, 10);
  t.is(manifest.records, 8);
  const counts = new Map<string, number>();
  for (const path of INPUT) for (const word of wordsIn(readFileSync(path, "utf8"))) counts.set(word, (counts.get(word) ?? 0) + 1);
  t.deepEqual(linesOf(parts), [...counts].map(([word, n]) => `${word} ${n}`).sort());
});

test.serial("indexer: each word is listed with its documents", async (t) => {
  const cluster = await start(t);
  if (cluster === undefined) return;
  const job = labJob(cluster, "indexer", `for (const word of new Set(contents.split(/[^\\p{L}]+/u))) if (word !== "") emit(word, basename(path));`, `const names = [...values].sort(); emit(key + " " + names.length + " " + names.join(","));`);
  const { parts } = await cluster.finish(cluster.submit(job, SIZES));
  const expected = sequential(
    (name, contents) => [...new Set(wordsIn(contents))].map((word) => [word, name] as const),
    (_, names) => `${names.length} ${names.sort().join(",")}`,
  );
  t.deepEqual(linesOf(parts), expected);
});

test.serial("map parallelism: two workers map at once", async (t) => {
  const cluster = await start(t, { workers: 2 });
  if (cluster === undefined) return;
  const job = labJob(cluster, "mtiming", `emit("parallel-" + process.pid, String(atOnce("map")));`, `emit(key + " " + [...values].join(" "));`);
  const lines = linesOf((await cluster.finish(cluster.submit(job, SIZES))).parts);
  t.is(lines.length, 2, "workers that mapped");
  t.true(lines.every((line) => line.split(" ").includes("2")), lines.join("; "));
});

test.serial("reduce parallelism: two workers reduce at once", async (t) => {
  const cluster = await start(t, { workers: 2 });
  if (cluster === undefined) return;
  const job = labJob(cluster, "rtiming", `for (const key of "abcdefghij") emit(key, "1");`, `emit(key + " " + process.pid + " " + atOnce("reduce"));`);
  const lines = linesOf((await cluster.finish(cluster.submit(job, SIZES))).parts);
  t.is(lines.length, 10);
  t.is(new Set(lines.map((line) => line.split(" ")[1])).size, 2, "workers that reduced");
  t.true(lines.filter((line) => line.endsWith(" 2")).length >= 2, lines.join("; "));
});

test.serial("job count: each map runs exactly once when nothing fails", async (t) => {
  const cluster = await start(t);
  if (cluster === undefined) return;
  const job = labJob(cluster, "jobcount", `fs.mkdirSync(shared, { recursive: true }); fs.writeFileSync(shared + "/map-" + process.pid + "-" + Math.random(), basename(path)); sleep(200 + Math.random() * 300); emit("a", "x");`, `emit(key + " " + [...values].length + " " + fs.readdirSync(shared).length);`);
  const { parts } = await cluster.finish(cluster.submit(job, SIZES));
  t.deepEqual(linesOf(parts), ["a 8 8"]);
  const shared = join(cluster.runs.folder, "shared");
  t.deepEqual(readdirSync(shared).map((name) => readFileSync(join(shared, name), "utf8")).sort(), INPUT.map((path) => basename(path)));
});

test.serial("early exit: no process leaves before the output is final", async (t) => {
  const cluster = await start(t, { slots: 4 });
  if (cluster === undefined) return;
  // One reduce is slow; the others are done long before it.
  const job = labJob(cluster, "early", `for (const key of "abcdefghij") emit(key, basename(path)); sleep(200);`, `if (key === "c") while (!fs.existsSync(shared + "-go")) sleep(10); emit(key + " " + [...values].sort().join(","));`);
  const output = join(cluster.runs.folder, "early-out");
  const submit = cluster.command(["submit", job, "-o", output, "--id", "early", "--partitions", "10", "-i", ...INPUT]);
  await cluster.until("only the slow reduce is left", async () => (await cluster.millrace(["status", "early", "--json"])).stdout, (status) => /"kind":"reduce"[^}]*"running":1,[^}]*"done":9/.test(status));
  const processes = [submit, ...WORKERS.map((name) => cluster.member(name))];
  const complete = processes.map(async (process) => {
    const how = await process.ended;
    return { name: process.name, how, complete: existsSync(join(output, "_SUCCESS")), lines: existsSync(output) ? linesOf(cluster.parts(output)) : [] };
  });
  // Told to leave, the workers stay as long as their map outputs may be needed.
  for (const name of WORKERS) cluster.member(name).signal("SIGTERM");
  await Promise.all(WORKERS.map((name) => cluster.member(name).logs(/draining/)));
  cluster.runs.write("shared-go", "");
  const expected = sequential((name) => [..."abcdefghij"].map((key) => [key, name] as const), (_, names) => names.sort().join(","));
  for (const left of await Promise.all(complete)) t.deepEqual(left, { name: left.name, how: "exit code 0", complete: true, lines: expected });
});

test.serial("crash: workers that die or stall in a third of all calls each cost time, and nothing else", async (t) => {
  t.timeout(180_000);
  const cluster = await start(t);
  if (cluster === undefined) return;
  const job = labJob(
    cluster, "crash",
    `maybeCrash(); emit("a", basename(path)); emit("b", String(basename(path).length)); emit("c", String(contents.length)); emit("d", "xyzzy");`,
    `maybeCrash(); emit(key + " " + [...values].sort().join(" "));`,
  );
  let over = false;
  // As the lab's script does: whoever dies is followed by another one.
  const shifts = WORKERS.map(async (name) => {
    for (let starts = 0; !over && starts < 200; starts++) {
      await cluster.member(name).ended;
      if (!over) await cluster.startWorker(name, { await: false });
    }
  });
  // Deaths by chance are not the task's doing, and the job says so.
  const submitted = cluster.submit(job, { ...SIZES, maxAttempts: 100 });
  const { parts } = await cluster.finish(submitted).finally(() => (over = true));
  const expected = sequential(
    (name, contents) => [["a", name], ["b", String(name.length)], ["c", String(contents.length)], ["d", "xyzzy"]],
    (_, values) => values.sort().join(" "),
  );
  t.deepEqual(linesOf(parts), expected);
  await cluster.stop();
  await Promise.all(shifts);
});
