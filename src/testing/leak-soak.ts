/**
 * Whether anything is left behind by jobs (R13): many small ones, some of which fail or are cancelled, go through one cluster of real
 * processes; after a warm-up and at the end all is counted that a job may leave. Ends with 1 when a count has grown.
 * Memory is told as a slope, for it comes and goes with garbage collection.
 */
import { readdirSync, readFileSync } from "node:fs";
import { TestCluster } from "./cluster.js";
import { toolOptions } from "./usage.js";

const USAGE = `node dist/testing/leak-soak.js [--jobs <n>] [--warm-up <n>] [--at-once <n>]
  --jobs     jobs that are counted (default 200): every 5th fails in user code, every 10th is cancelled
  --warm-up  jobs before that (default 30)
  --at-once  jobs that run side by side (default 3)`;
const flags = toolOptions(USAGE, { jobs: { type: "string", default: "200" }, "warm-up": { type: "string", default: "30" }, "at-once": { type: "string", default: "3" } });
const [jobs, warmUp, atOnce] = [Number(flags.jobs), Number(flags["warm-up"]), Number(flags["at-once"])];
const WORKERS = ["w1", "w2"];
const SAMPLES = 10;

const teardowns: (() => Promise<void>)[] = [];
try {
  const cluster = await TestCluster.start({ teardown: (end) => void teardowns.push(end), log: console.log, pass: () => {} }, { workers: WORKERS.length, stateful: true });
  if (cluster !== undefined) await soak(cluster);
} finally {
  for (const end of teardowns.reverse()) await end();
}

async function soak(cluster: TestCluster): Promise<void> {
  const ends = { done: 0, failed: 0, cancelled: 0 };
  const run = runner(cluster, ends);
  await all(warmUp, run);
  const before = await counts(cluster);
  const memory = new Map<string, [number, number][]>();
  for (let sample = 0; sample <= SAMPLES; sample++) {
    for (const name of ["coordinator", ...WORKERS]) memory.set(name, [...(memory.get(name) ?? []), [(sample * jobs) / SAMPLES, statusOf(cluster.member(name).pid, "VmRSS")]]);
    if (sample < SAMPLES) await all(Math.round(jobs / SAMPLES), run);
  }
  const after = await counts(cluster);
  console.log(`${Object.entries(ends).map(([how, count]) => `${count} ${how}`).join(", ")} (${warmUp} of them before the first count)`);
  let grown = 0;
  for (const [what, count] of Object.entries(after)) {
    if (count > before[what]!) grown++;
    console.log(`${what}: ${before[what]} -> ${count}${count > before[what]! ? "  GROWN" : ""}`);
  }
  for (const [name, points] of memory) console.log(`${name}: ${(points[0]![1] / 1024).toFixed(0)} -> ${(points.at(-1)![1] / 1024).toFixed(0)} MiB resident, slope over the second half ${slope(points.slice(SAMPLES / 2)).toFixed(1)} KiB a job`);
  process.exitCode = grown === 0 ? 0 : 1;
}

function runner(cluster: TestCluster, ends: Record<"done" | "failed" | "cancelled", number>): () => Promise<void> {
  let begun = 0;
  const job = (name: string, map: string): string => cluster.runs.job(name, `{ name: "${name}", input: text(), key: t.utf8(), value: t.float64(), ${map}, reduce: sum(), output: tsv() }`);
  const good = job("good", "map(line, emit) { console.log(line); emit(line, 1); }");
  const bad = job("bad", 'map(line) { throw new Error("this one fails"); }');
  const endless = job("endless", "async map(line, emit) { emit(line, 1); for (;;) await new Promise((done) => setTimeout(done, 20)); }");
  const input = cluster.runs.write("in.txt", "a\nb\na\nc\nd\n");
  const options = { input, splitSize: 4, partitions: 2 };
  return async () => {
    const index = begun++;
    const how = index % 10 === 9 ? "cancelled" : index % 5 === 2 ? "failed" : "done";
    const submitted = cluster.submit({ done: good, failed: bad, cancelled: endless }[how], options);
    submitted.accepted.catch(() => {});
    if (how === "cancelled") void submitted.accepted.then(() => submitted.cancel("asked"));
    const ended = await submitted.result.then(
      () => "done",
      (error: unknown) => ({ JOB_FAILED: "failed", CANCELLED: "cancelled" })[(error as { code?: string }).code ?? ""] ?? String(error),
    );
    if (ended !== how) throw new Error(`A job that should be ${how} was ${ended}`);
    ends[how]++;
  };
}

async function all(count: number, run: () => Promise<void>): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await run();
    }),
  );
}

/** Once nothing runs any more. */
async function counts(cluster: TestCluster): Promise<Record<string, number>> {
  await cluster.until("the files of jobs are gone", () => cluster.leftoverFiles(), ({ length }) => length === 0);
  await cluster.until("the executors are gone", () => cluster.processes(), ({ length }) => length === 1 + WORKERS.length);
  const counted: Record<string, number> = { processes: cluster.processes().length, "files of jobs": cluster.leftoverFiles().length, subscriptions: (await cluster.nats.subscriptions()).length };
  for (const name of ["coordinator", ...WORKERS]) {
    const { pid } = cluster.member(name);
    counted[`${name}: open files`] = readdirSync(`/proc/${pid}/fd`).length;
    counted[`${name}: threads`] = statusOf(pid, "Threads");
  }
  return { ...counted, ...(await cluster.nats.stored()) };
}

function statusOf(pid: number, what: "VmRSS" | "Threads"): number {
  return Number(new RegExp(`^${what}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** Of the least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  return points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
