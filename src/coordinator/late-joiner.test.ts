import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { workerId } from "../model/ids.js";
import { decode, encode } from "../protocol/codec.js";
import { workerCommand, workerReply, type WorkerCommand } from "../protocol/messages.js";
import { ClusterInProcess } from "../testing/cluster-in-process.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-late-joiner-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

test("a worker that is taken again in the midst of a job's end forgets the job, too", async (t) => {
  const input = join(folder, "input.txt");
  writeFileSync(input, "a\n");
  const module = join(folder, "copy.ts");
  writeFileSync(module, `import { defineJob, text } from "millrace"; export default defineJob({ name: "copy", input: text(), map(line: string, emit) { emit(line); }, output: text() });\n`);
  const cluster = new ClusterInProcess(folder);
  t.teardown(() => cluster.close());
  const { transport, subjects } = cluster;
  const late = workerId("late");
  const told = new Promise<WorkerCommand>((resolve) =>
    transport.serve(subjects.worker(late), async (payload) => {
      const command = decode(workerCommand, payload);
      resolve(command);
      return encode({ type: "acknowledged", epoch: command.epoch });
    }),
  );
  let introduction = {};
  let joined: Promise<Uint8Array> | undefined;
  await cluster.startCoordinator(({ way, message, subject }) => {
    if (message.type === "worker-joined") introduction = message;
    if (way !== "out" || message.type !== "forget-job" || subject !== subjects.worker(workerId("w1")) || joined !== undefined) return true;
    // The end of the job waits for w1's answer, for a while.
    joined = transport.request(subjects.reports, Buffer.from(JSON.stringify({ ...introduction, worker: late, jobs: [submission.job] })), 30_000);
    return false;
  });
  const submission = await cluster.prepare(module, [input]);
  await cluster.startWorker("w1", 1);
  t.deepEqual(await cluster.run(submission), ["a\n"]);
  t.is(decode(workerReply, await joined!).type, "acknowledged");
  t.like(await told, { type: "forget-job", job: submission.job });
});

test("a worker that gets a launch when its job is over, and the word that it was stopped, is told to forget the job", async (t) => {
  t.timeout(30_000);
  const input = join(folder, "late.txt");
  writeFileSync(input, "a\n");
  const module = join(folder, "late.ts");
  writeFileSync(module, `import { defineJob, text } from "millrace"; export default defineJob({ name: "copy", input: text(), map(line: string, emit) { emit(line); }, output: text() });\n`);
  const cluster = new ClusterInProcess(folder);
  t.teardown(() => cluster.close());
  const { transport, subjects } = cluster;
  let launch: WorkerCommand | undefined;
  let late = false;
  let told: () => void = () => {};
  const forgotten = new Promise<void>((resolve) => (told = resolve));
  await cluster.startCoordinator(({ way, message }) => {
    if (way === "out" && message.type === "launch-attempt") launch = message as WorkerCommand;
    if (way === "out" && message.type === "forget-job" && late) told();
    return true;
  });
  const submission = await cluster.prepare(module, [input]);
  await cluster.startWorker("w1", 1);
  t.deepEqual(await cluster.run(submission), ["a\n"]);
  const { epoch, attempt } = launch as Extract<WorkerCommand, { type: "launch-attempt" }>;
  const w1 = subjects.worker(workerId("w1"));
  // Both were held up on their way.
  const commands: WorkerCommand[] = [launch!, { type: "cancel-attempt", epoch, attempt, reason: "the job is done" }];
  late = true;
  await Promise.all(commands.map((command) => transport.request(w1, encode(command), 5_000)));
  await forgotten;
  t.pass();
});
