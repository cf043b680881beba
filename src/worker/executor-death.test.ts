import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { parseAttemptId } from "../model/ids.js";
import { ClusterInProcess } from "../testing/cluster-in-process.js";
import { finishesIn, launchesIn } from "../testing/tapped-transport.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-death-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const LINES = 300;
const lines = Array.from({ length: LINES }, (_, i) => `w${i % 7}`);
const input = join(folder, "in.txt");
writeFileSync(input, lines.map((line) => `${line}\n`).join(""));
/** One line to a map; that of byte 600 ends its process twice. */
const job = join(folder, "deadly.ts");
writeFileSync(job, `import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { defineJob, text, tsv, t, sum } from "millrace";
const deaths = ${JSON.stringify(join(folder, "deaths"))};
export default defineJob({ name: "deadly", input: text(), key: t.utf8(), value: t.float64(), map(line: string, emit, ctx) {
  if (ctx.offset === 600 && !(existsSync(deaths) && readFileSync(deaths).length === 2)) {
    appendFileSync(deaths, "x");
    process.kill(process.pid, "SIGKILL");
  }
  emit(line, 1);
}, reduce: sum(), output: tsv() });
`);

test.serial("of the attempts that wait at an executor when it dies, none is blamed", async (t) => {
  const cluster = new ClusterInProcess(folder);
  const waiting: number[] = [];
  const failed: string[] = [];
  const launched = new Set<string>();
  try {
    await cluster.startCoordinator(({ way, message }) => {
      const attempt = String(message["attempt"]);
      if (way === "out") for (const launch of launchesIn(message)) launched.add(launch.attempt);
      if (way === "reply") for (const finish of finishesIn(message)) launched.delete(finish.attempt);
      if (way === "reply" && message.type === "attempt-failed") launched.delete(attempt);
      if (way === "in" && message.type === "attempt-failed") {
        const { kind } = message["failure"] as { kind: string };
        failed.push(`${kind} ${parseAttemptId(attempt).index}`);
        waiting.push(launched.size - 1);
      }
      return true;
    });
    await cluster.startWorker("w1", 1);
    const counts = new Map<string, number>();
    for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
    t.deepEqual(await cluster.run(await cluster.prepare(job, [input], { splitSize: 3, partitions: 1 })), [[...counts].sort().map(([word, count]) => `${word}\t${count}\n`).join("")]);
    t.deepEqual(failed.filter((each) => !each.startsWith("cancelled")), ["executor-died 200", "executor-died 200"]);
    t.true(Math.max(...waiting) > 1, `attempts waited with it: ${waiting.join(" ")}`);
  } finally {
    await cluster.close();
  }
});
