import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { parseAttemptId, type StageKind } from "../model/ids.js";
import { ClusterInProcess } from "../testing/cluster-in-process.js";
import { finishesIn, launchesIn, type Passing } from "../testing/tapped-transport.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-restart-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const MAPS = 6;
const REDUCES = 4;
const inputs = Array.from({ length: MAPS }, (_, index) => {
  const path = join(folder, `input-${index}.txt`);
  writeFileSync(path, Array.from({ length: 400 }, (_line, line) => `w${(index * 7 + line * 13) % 97} w${line % 11}\n`).join(""));
  return path;
});
const job = join(folder, "count.ts");
writeFileSync(job, `import { defineJob, text, tsv, t, sum } from "millrace";
export default defineJob({ name: "count", input: text(), key: t.utf8(), value: t.float64(), map(line: string, emit) { for (const word of line.split(" ")) emit(word, 1); }, reduce: sum(), output: tsv() });\n`);

/** The answer, computed another way. */
function expected(): string[] {
  const counts = new Map<string, number>();
  for (let index = 0; index < MAPS; index++) {
    for (let line = 0; line < 400; line++) for (const word of [`w${(index * 7 + line * 13) % 97}`, `w${line % 11}`]) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${word}\t${count}`).sort();
}

/** True for the message with the nth report of a stage's finished attempts that passes this way. */
const nth = (n: number, way: Passing["way"], stage: StageKind): ((passing: Passing) => boolean) => {
  let seen = 0;
  return (passing) => {
    const before = seen;
    if (passing.way === way) seen += finishesIn(passing.message).filter(({ attempt }) => parseAttemptId(attempt).stage === stage).length;
    return before < n && seen >= n;
  };
};

/** When the coordinator dies: at the first message for which this is true, which is lost with it. */
const killPoints: Readonly<Record<string, () => (passing: Passing) => boolean>> = {
  "when it has accepted the job": () => (passing) => passing.way === "reply" && passing.message.type === "submit-job",
  "before it knows of half of the maps": () => nth(MAPS / 2, "in", "map"),
  "when it knows of half of the maps": () => nth(MAPS / 2, "reply", "map"),
  "between maps and reduces": () => (passing) => passing.way === "out" && launchesIn(passing.message).some(({ attempt }) => parseAttemptId(attempt).stage === "reduce"),
  "when it knows of half of the reduces": () => nth(REDUCES / 2, "reply", "reduce"),
  "when it commits": () => nth(REDUCES, "reply", "reduce"),
  "after the commit, before it says so": () => (passing) => passing.way === "out" && passing.message.type === "job-done",
};

for (const [when, killPoint] of Object.entries(killPoints)) {
  test.serial(`a coordinator that dies ${when} is replaced by another, which goes on without doing anything twice`, async (t) => {
    const cluster = new ClusterInProcess(folder);
    const isTime = killPoint();
    let died: (() => void) | undefined;
    const death = new Promise<void>((resolve) => (died = resolve));
    let dead = false;
    const launched = new Set<string>();
    const watch = (passing: Passing): boolean => {
      if (passing.way === "out") for (const { attempt } of launchesIn(passing.message)) launched.add(attempt);
      return true;
    };
    const first = await cluster.startCoordinator((passing) => {
      if (dead) return false;
      watch(passing);
      if (!isTime(passing)) return true;
      dead = true;
      first.halt();
      died?.();
      return false;
    });
    try {
      await cluster.startWorker("w1", 2);
      const submission = await cluster.prepare(job, inputs, { partitions: REDUCES });
      const parts = cluster.run(submission);
      await death;
      await cluster.startCoordinator(watch);
      t.deepEqual((await parts).join("").trimEnd().split("\n").sort(), expected());
      t.deepEqual([...launched].filter((attempt) => parseAttemptId(attempt).attempt > 0), [], "attempts that were not the first of their task");
      t.deepEqual(readdirSync(cluster.folder).sort(), ["out", "state", "w1"]);
      t.deepEqual(readdirSync(join(cluster.folder, "out")).sort(), ["_SUCCESS", "part-00000.tsv", "part-00001.tsv", "part-00002.tsv", "part-00003.tsv"]);
    } finally {
      await cluster.close();
    }
  });
}

for (const [when, isTime] of Object.entries({
  "has taken the report of a quote": ({ way, message }: Passing) => way === "reply" && message.type === "attempt-failed",
  "has half of the survey": nth(2, "reply", "survey"),
  "knows what was misread": ({ way, message }: Passing) => way === "out" && launchesIn(message).some((launch) => launch["csvState"] === "quoted"),
})) {
  test.serial(`a coordinator that dies when it ${when} is replaced by one that knows it too`, async (t) => {
    const cluster = new ClusterInProcess(folder);
    const copy = join(folder, "copy.ts");
    writeFileSync(copy, `import { csv, defineJob, jsonl, t } from "millrace";\nexport default defineJob({ name: "copy", input: csv({ k: t.utf8(), n: t.int32() }), map: (row, emit) => emit(row), output: jsonl() });\n`);
    const rows = (from: number) => Array.from({ length: 500 }, (_, i) => ({ k: `key ${from + i}`, n: i }));
    const cell = "key 1,1\n".repeat(400);
    const all = [...rows(0), { k: cell, n: 1 }, ...rows(500)];
    const input = join(folder, "late.csv");
    writeFileSync(input, `k,n\n${all.map(({ k, n }) => `${k === cell ? `"${k}"` : k},${n}\n`).join("")}`);
    let dead = false;
    let died: (() => void) | undefined;
    const death = new Promise<void>((resolve) => (died = resolve));
    const first = await cluster.startCoordinator((passing) => {
      if (dead || !isTime(passing)) return !dead;
      dead = true;
      first.halt();
      died?.();
      return false;
    });
    try {
      await cluster.startWorker("w1", 2);
      const parts = cluster.run(await cluster.prepare(copy, [input], { splitSize: 1000 }));
      await death;
      await cluster.startCoordinator();
      t.deepEqual((await parts).join("").trimEnd().split("\n").map((line) => JSON.parse(line) as unknown), all);
    } finally {
      await cluster.close();
    }
  });
}
