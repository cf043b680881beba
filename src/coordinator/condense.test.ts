/** The journal of a coordinator that runs on and on: what it holds when no job is live. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { parseAttemptId, parseJobId } from "../model/ids.js";
import { decode, encode } from "../protocol/codec.js";
import { coordinatorReply, type ClientRequest, type CoordinatorReply, type SubmitJob } from "../protocol/messages.js";
import { ClusterInProcess } from "../testing/cluster-in-process.js";
import { finishesIn, launchesIn, type Passing } from "../testing/tapped-transport.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-condense-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const inputs = Array.from({ length: 6 }, (_, i) => {
  writeFileSync(join(folder, `in-${i}.txt`), `${"ab".charAt(i % 2)} c${i}\n`.repeat(i + 1));
  return join(folder, `in-${i}.txt`);
});
const EXPECTED = ["a\t9", "b\t12", ...inputs.map((_, i) => `c${i}\t${i + 1}`)];
const job = join(folder, "count.ts");
writeFileSync(job, `import { defineJob, text, tsv, t, sum } from "millrace";
export default defineJob({ name: "count", input: text(), key: t.utf8(), value: t.float64(), map(line: string, emit) { for (const word of line.split(" ")) emit(word, 1); }, reduce: sum(), output: tsv() });\n`);

function journalBytes(cluster: ClusterInProcess): number {
  const journals = readdirSync(cluster.stateDir).filter((name) => name.startsWith("journal-"));
  return journals.reduce((sum, name) => sum + statSync(join(cluster.stateDir, name)).size, 0);
}

async function ask(cluster: ClusterInProcess, request: ClientRequest): Promise<CoordinatorReply> {
  return decode(coordinatorReply, await cluster.transport.request(cluster.subjects.requests, encode(request), 5_000));
}

async function runAs(cluster: ClusterInProcess, submission: SubmitJob, name: string): Promise<string[]> {
  const parts = await cluster.run({ ...submission, job: parseJobId(name), output: { path: join(cluster.folder, name), overwrite: false } });
  return parts.join("").trimEnd().split("\n").sort();
}

test.serial("the journal begins anew when the last live job has ended: it grows by ends of jobs, and not by what happened", async (t) => {
  const cluster = new ClusterInProcess(folder);
  try {
    const first = await cluster.startCoordinator(() => true, { journalBytes: 1 });
    await cluster.startWorker("w1", 2);
    const submission = await cluster.prepare(job, inputs, { partitions: 2 });
    const sizes: number[] = [];
    for (let i = 0; i < 8; i++) {
      t.deepEqual(await runAs(cluster, submission, `job-${i}`), EXPECTED);
      // Answered when it is durable, and so behind the new beginning.
      await ask(cluster, { type: "cancel-job", job: parseJobId("none"), reason: "an event" });
      sizes.push(journalBytes(cluster));
    }
    // One that holds all events of the last job is larger by several times.
    t.log(sizes);
    t.true(Math.min(...sizes.slice(4)) < 4_000, sizes.join(" "));
    await first.close();
    await cluster.startCoordinator();
    const reply = await ask(cluster, { type: "list-jobs" });
    t.deepEqual(reply.type === "jobs" && reply.jobs.map(({ job, state }) => `${job} ${state}`).sort(), Array.from({ length: 8 }, (_, i) => `job-${i} done`));
  } finally {
    await cluster.close();
  }
});

test.serial("a coordinator that dies in the midst of a job, after its journal has begun anew, is replaced by one that does nothing twice", async (t) => {
  const cluster = new ClusterInProcess(folder);
  const launched: string[] = [];
  let reports = 0;
  let died: () => void = () => {};
  const death = new Promise<void>((resolve) => (died = resolve));
  const watch = ({ way, message }: Passing): void => {
    if (way === "out") launched.push(...launchesIn(message).map(({ attempt }) => attempt));
  };
  try {
    const first = await cluster.startCoordinator(
      (passing) => {
        watch(passing);
        const { way, message } = passing;
        if (way === "reply") reports += finishesIn(message).filter(({ attempt }) => attempt.startsWith("second")).length;
        if (reports < 3) return true;
        first.halt();
        died();
        return false;
      },
      { journalBytes: 1 },
    );
    // With several of them, who gets which task hangs on all that the scheduler knows.
    for (const name of ["w1", "w2", "w3"]) await cluster.startWorker(name, 1);
    const submission = await cluster.prepare(job, inputs, { partitions: 2 });
    t.deepEqual(await runAs(cluster, submission, "first"), EXPECTED);
    const second = runAs(cluster, submission, "second");
    await death;
    await cluster.startCoordinator((passing) => (watch(passing), true));
    t.deepEqual(await second, EXPECTED);
    t.deepEqual([...new Set(launched)].filter((attempt) => parseAttemptId(attempt).attempt > 0), []);
  } finally {
    await cluster.close();
  }
});
