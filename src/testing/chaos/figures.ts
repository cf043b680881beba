/**
 * `node dist/testing/chaos/figures.js [lease] [rounds]`: how long a dead or frozen worker goes unnoticed (R6), what it costs when a
 * quarter of the workers is killed midway and started again (R4), and how soon a coordinator that was killed goes on (R7).
 * Tasks sleep, so the figures are those of the protocol and not of the machine.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestCluster } from "../cluster.js";
import { measureRestarts } from "./restart-figures.js";
import { answerHelp } from "../usage.js";

answerHelp("node dist/testing/chaos/figures.js [lease, such as 2s; default 10s] [rounds; default 3]");

const lease = process.argv[2] ?? "10s";
const rounds = Number(process.argv[3] ?? 3);

/** Each map notes its process and the time, and takes as long as its line says or until the gate is there. */
function sleeper(folder: string): string {
  return `{ name: "sleeper", input: text(), key: t.utf8(), value: t.float64(), async map(line, emit, ctx) {
    const { appendFileSync, existsSync } = await import("node:fs");
    appendFileSync(${JSON.stringify(join(folder, "ran"))}, process.ppid + " " + Date.now() + "\\n");
    for (const end = Date.now() + Number(line); Date.now() < end && !existsSync(${JSON.stringify(join(folder, "gate"))}); ) await new Promise((done) => setTimeout(done, 5));
    emit(line, 1);
  }, reduce: sum(), output: tsv() }`;
}

interface Run {
  readonly worker: number;
  readonly at: number;
}

async function withCluster(workers: number, use: (cluster: TestCluster, runs: () => Run[]) => Promise<void>): Promise<void> {
  const teardowns: (() => unknown)[] = [];
  try {
    const cluster = await TestCluster.start({ teardown: (end) => void teardowns.push(end), log: console.log, pass: () => {} }, { workers, lease });
    if (cluster === undefined) return;
    const ran = join(cluster.runs.folder, "ran");
    await use(cluster, () => (existsSync(ran) ? readFileSync(ran, "utf8").trim().split("\n").map((line) => line.split(" ").map(Number)).map(([worker = 0, at = 0]) => ({ worker, at })) : []));
  } finally {
    for (const end of teardowns) await end();
  }
}

/** Three tasks on six workers; the three that run them are struck at once. */
async function detection(signal: "SIGKILL" | "SIGSTOP"): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await withCluster(6, async (cluster, runs) => {
      const job = cluster.submit(cluster.runs.job("sleeper", sleeper(cluster.runs.folder)), { input: cluster.runs.write("in.txt", "600000\n600001\n600002\n"), splitSize: 7, speculation: false });
      const struck = await cluster.until("three tasks run", runs, ({ length }) => length === 3);
      const at = Date.now();
      for (const { worker } of struck) process.kill(worker, signal);
      const all = await cluster.until("they run elsewhere", runs, ({ length }) => length === 6, 60_000);
      times.push(...all.slice(3).map((run) => run.at - at));
      if (signal === "SIGSTOP") for (const { worker } of struck) process.kill(worker, "SIGKILL");
      writeFileSync(join(cluster.runs.folder, "gate"), "");
      await job.result;
    }).catch((error: unknown) => console.error(error));
  }
  times.sort((a, b) => a - b);
  console.log(`${signal}, lease ${lease}: running elsewhere after ${seconds(times[0])} to ${seconds(times.at(-1))}, median ${seconds(times[times.length >> 1])} (${times.length} of ${3 * rounds} workers)`);
}

/** 40 tasks of 1 s on four workers; one dies after a third of the time. */
async function killCost(): Promise<void> {
  const took: { readonly kill: boolean; readonly millis: number; readonly again: number }[] = [];
  let suspected = 0;
  for (let round = 0; round < rounds; round++) {
    await withCluster(4, async (cluster, runs) => {
      const job = cluster.runs.job("sleeper", sleeper(cluster.runs.folder));
      const options = { input: cluster.runs.write("in.txt", "1000\n".repeat(40)), splitSize: 5, partitions: 4 };
      for (const kill of [false, true]) {
        rmSync(join(cluster.runs.folder, "ran"), { force: true });
        const begun = performance.now();
        const submitted = cluster.submit(job, options);
        if (kill) {
          const midway = await cluster.until("a third has run", runs, ({ length }) => length >= 14);
          process.kill(midway.at(-1)!.worker, "SIGKILL");
          await cluster.startWorker("w5");
        }
        await submitted.result;
        took.push({ kill, millis: performance.now() - begun, again: runs().length - 40 });
      }
      suspected += [...cluster.logs().matchAll(/no coordinator answered for/g)].length;
    }).catch((error: unknown) => console.error(error));
  }
  for (const kill of [false, true]) {
    const these = took.filter((each) => each.kill === kill);
    console.log(`lease ${lease}, ${kill ? "1 of 4 workers killed midway and replaced" : "nobody killed"}: ${these.map(({ millis }) => seconds(millis)).join(", ")}; of 40 maps again ${these.map(({ again }) => again).join(", ")}`);
  }
  console.log(`${suspected} false suspicions`);
}

function seconds(millis: number | undefined): string {
  return millis === undefined ? "?" : `${(millis / 1000).toFixed(1)} s`;
}

await killCost();
await detection("SIGKILL");
await detection("SIGSTOP");
await measureRestarts(lease, rounds);
process.exit();
