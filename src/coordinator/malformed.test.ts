/** Real messages, changed at random in their bytes or members, sent to everything that a coordinator and a worker listen to while a job runs. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import type * as z from "zod/mini";
import { attemptId, jobId, taskId, workerId, type AttemptId } from "../model/ids.js";
import { decode, encode } from "../protocol/codec.js";
import { contradiction } from "../protocol/contradiction.js";
import { clientRequest, coordinatorNotice, coordinatorReply, jobOutput, workerCommand, workerReply, workerReport, type CoordinatorReply, type LaunchAttempts, type WorkerCommand, type WorkerReply, type WorkerReport } from "../protocol/messages.js";
import { launchesOf } from "../protocol/shared-messages.js";
import { ClusterInProcess } from "../testing/cluster-in-process.js";
import { finishesIn, launchesIn, type Passing } from "../testing/tapped-transport.js";
import { Random } from "../testing/simulation/random.js";

const MUTANTS = 150;
const folder = mkdtempSync(join(tmpdir(), "millrace-malformed-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const inputs = ["a b a\n", "c a\n", "b b\n"].map((text, i) => {
  writeFileSync(join(folder, `in-${i}.txt`), text);
  return join(folder, `in-${i}.txt`);
});
const job = join(folder, "gated.ts");
writeFileSync(job, `import { existsSync } from "node:fs";
import { defineJob, text, tsv, t, sum } from "millrace";
export default defineJob({ name: "gated", input: text(), key: t.utf8(), value: t.float64(), async map(line: string, emit) {
  while (!existsSync(${JSON.stringify(join(folder, "gate"))})) await new Promise((done) => setTimeout(done, 10));
  for (const word of line.split(" ")) emit(word, 1);
}, reduce: sum(), output: tsv() });\n`);

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
const STRANGE: readonly Json[] = [null, true, -1, 1.5, 1e308, 2 ** 53, "", "x".repeat(10_000), "../../etc/passwd", "__proto__", "a.b", "\u0000", [], {}, [[]], { type: "x" }];

function mutant(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.between(0, bytes.length - 1);
  switch (random.between(0, 5)) {
    case 0:
      return bytes.map((byte, i) => (i === at ? byte ^ (1 << random.between(0, 7)) : byte));
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes, bytes.subarray(at)]);
    case 3:
      return Uint8Array.from({ length: random.between(0, 40) }, () => random.between(0, 255));
    default:
      return changedMember(random, JSON.parse(Buffer.from(bytes).toString()) as { [name: string]: Json });
  }
}

/** One member, at any depth, is missing, replaced or too much. */
function changedMember(random: Random, message: { [name: string]: Json }): Uint8Array {
  const places: (() => void)[] = [];
  const visit = (value: Json): void => {
    if (typeof value !== "object" || value === null) return;
    const holder = value as { [name: string]: Json };
    for (const name of Object.keys(holder)) {
      places.push(() => delete holder[name], () => (holder[name] = random.pick(STRANGE)));
      visit(holder[name]!);
    }
    places.push(() => (holder["more"] = random.pick(STRANGE)));
  };
  visit(message);
  random.pick(places)();
  return encode(message);
}

function isSound(shape: z.ZodMiniType<unknown>, payload: Uint8Array): boolean {
  try {
    const message = decode(shape, payload) as WorkerReport | WorkerCommand;
    return contradiction(message) === undefined;
  } catch {
    return false;
  }
}

test.serial("whatever cannot be read is refused, by coordinator and worker alike, and the job that runs ends as it should", async (t) => {
  const cluster = new ClusterInProcess(folder);
  const { transport, subjects } = cluster;
  const w1 = workerId("w1");
  const recorded = new Map<string, { readonly subject: string; readonly payload: Uint8Array }>();
  const record = (subject: string, payload: Uint8Array): void => {
    const { type = "output" } = JSON.parse(Buffer.from(payload).toString()) as { type?: string };
    recorded.set(`${subject} ${type}`, { subject, payload });
  };
  const request = transport.request.bind(transport);
  const publish = transport.publish.bind(transport);
  transport.request = (subject, payload, timeout) => (record(subject, payload), request(subject, payload, timeout));
  transport.publish = (subject, payload) => (record(subject, payload), publish(subject, payload));
  try {
    await cluster.startCoordinator(() => true, { transport });
    await cluster.startWorker("w1", 2);
    const parts = cluster.run(await cluster.prepare(job, inputs, { partitions: 1 }));
    const isRunning = async (): Promise<boolean> => {
      const reply = decode(coordinatorReply, await request(subjects.requests, encode({ type: "list-jobs" }), 5_000));
      return reply.type === "jobs" && reply.jobs.length > 0 && [...recorded.keys()].some((key) => key.endsWith("attempt-progressed"));
    };
    while (!(await isRunning()));
    const { epoch } = decode(coordinatorReply, await request(subjects.requests, encode({ type: "ask-coordinator" }), 5_000)) as Extract<CoordinatorReply, { type: "coordinator" }>;
    const attempt = attemptId(taskId(jobId("test", "1"), "map", 0), 0);
    // Those that this job does not bring about.
    const stats = { records: 1, bytesRead: 1, badRecords: 0, counters: {}, millis: 1, spills: 0 };
    record(subjects.reports, encode({ type: "attempt-finished", worker: w1, epoch, attempt, result: { type: "map", output: { kind: "map-output", rows: 1, bytes: 1 } }, stats }));
    record(subjects.reports, encode({ type: "attempts-finished", worker: w1, epoch, attempts: [0, 1].map((index) => ({ attempt: attemptId(taskId(jobId("test", "1"), "map", index), 0), result: { type: "map", output: { kind: "map-output", rows: 1, bytes: 1 } }, stats })) }));
    record(subjects.worker(w1), encode(launchesOf(decode(workerCommand, recorded.get(`${subjects.worker(w1)} launch-attempts`)!.payload) as LaunchAttempts)[0]));
    record(subjects.reports, encode({ type: "attempt-failed", worker: w1, epoch, attempt, failure: { kind: "fetch-failed", message: "m", lostMap: { index: 1, attempt: 0 } } }));
    for (const type of ["worker-draining", "worker-left"]) record(subjects.reports, encode({ type, worker: w1, epoch }));
    record(subjects.worker(w1), encode({ type: "cancel-attempt", epoch, attempt, reason: "r" }));
    record(subjects.worker(w1), encode({ type: "forget-job", epoch, job: "test-1" }));
    record(subjects.requests, encode({ type: "cancel-job", job: "test-1", reason: "r" }));
    record(subjects.output, encode({ worker: w1, job: "test-1", text: "printed" }));
    const kinds = [...recorded].filter(([key]) => !key.startsWith(subjects.job("" as never))).map(([key]) => key.slice(key.lastIndexOf(".") + 1));
    for (const kind of ["requests submit-job", "reports worker-joined", "reports worker-heartbeat", "w1 launch-attempts", "coordinators coordinator-started", "output output"]) t.true(kinds.includes(kind), `${kind} of ${kinds.join(", ")}`);

    const random = new Random(1);
    let refused = 0;
    for (const { subject, payload } of [...recorded.values()]) {
      for (let i = 0; i < MUTANTS; i++) {
        const bytes = mutant(random, payload);
        if (subject === subjects.requests) {
          if (isSound(clientRequest, bytes)) continue;
          const reply = decode(coordinatorReply, await request(subject, bytes, 5_000));
          t.like(reply, { type: "refused", code: "USAGE" });
        } else if (subject === subjects.reports || subject === subjects.worker(w1)) {
          if (isSound(subject === subjects.reports ? workerReport : workerCommand, bytes)) continue;
          const reply: WorkerReply = decode(workerReply, await request(subject, bytes, 5_000));
          t.is(reply.type, "unreadable");
          t.is(reply.epoch, epoch);
        } else if (subject === subjects.coordinators || subject === subjects.output) {
          if (isSound(subject === subjects.output ? jobOutput : coordinatorNotice, bytes)) continue;
          const lost = new Promise<void>((resolve) => {
            const watch = transport.watch((event) => {
              if (event.type !== "message-lost" || event.subject !== subject) return;
              watch.close();
              resolve();
            });
          });
          publish(subject, bytes);
          await lost;
        } else continue;
        refused++;
      }
    }
    t.true(refused > 0.5 * MUTANTS * kinds.length, `${refused} mutants of ${kinds.length} kinds`);
    t.log(`${refused} mutants of ${kinds.length} kinds of messages refused`);
    writeFileSync(join(folder, "gate"), "");
    t.deepEqual(await parts, ["a\t3\nb\t3\nc\t1\n"]);
  } finally {
    await cluster.close();
  }
});

test.serial("a launch that its worker cannot read fails the attempt, and a result that the coordinator cannot read is told as a failure", async (t) => {
  const cluster = new ClusterInProcess(folder);
  const { transport } = cluster;
  writeFileSync(join(folder, "gate"), "");
  const seen: string[] = [];
  const request = transport.request.bind(transport);
  transport.request = (subject, payload, timeout) => {
    const message = JSON.parse(Buffer.from(payload).toString()) as Passing["message"];
    const about = (parts: readonly { readonly attempt: AttemptId }[], task: string): boolean => parts.some(({ attempt }) => attempt.endsWith(task));
    const garbled = about(launchesIn(message), "m_00000_0") || about(finishesIn(message), "m_00001_0");
    if (garbled || message.type === "attempt-failed") seen.push(`${message.type} ${String(message["attempt"] ?? "several").slice(-9)}`);
    return request(subject, garbled ? encode({ ...message, more: 1 }) : payload, timeout);
  };
  try {
    await cluster.startCoordinator(() => true, { transport });
    await cluster.startWorker("w1", 3);
    t.deepEqual(await cluster.run(await cluster.prepare(job, inputs, { partitions: 1 })), ["a\t3\nb\t3\nc\t1\n"]);
    // Of those that share a message each comes again by itself.
    t.is(seen[0], "launch-attempts several");
    t.deepEqual(seen.filter((each) => !each.endsWith("several")), ["launch-attempt m_00000_0", "attempt-finished m_00001_0", "attempt-failed m_00001_0"]);
  } finally {
    await cluster.close();
  }
});
