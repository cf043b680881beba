import test, { type ExecutionContext } from "ava";
import { attemptId, jobId, taskId, workerId, type AttemptId, type WorkerId } from "../model/ids.js";
import { decode, encode } from "../protocol/codec.js";
import { workerCommand, type LaunchAttempt, type WorkerCommand, type WorkerReply } from "../protocol/messages.js";
import type { SingleCommand } from "../protocol/shared-messages.js";
import { subjectsOf } from "../protocol/subjects.js";
import { InProcessTransport } from "../transport/in-process.js";
import { CommandOutbox } from "./command-outbox.js";

const subjects = subjectsOf("test");
const worker = workerId("w1");
const job = jobId("wc", "7f3a");
const attempt = attemptId(taskId(job, "map", 0), 0);
const launch: LaunchAttempt = {
  type: "launch-attempt", epoch: 1, attempt,
  header: { job, bundle: "b".repeat(64), planHash: "a".repeat(64), request: { params: {} }, partitions: 1, memory: 1, maxRecordBytes: 1, staging: "/s", token: "0".repeat(32), sides: {} },
  work: { type: "map", splits: [{ file: { path: "/in", size: 2, mtime: "0", compression: "none" }, start: 0, end: 2 }] },
};
const cancel: SingleCommand = { type: "cancel-attempt", epoch: 1, attempt, reason: "r" };
const forget: SingleCommand = { type: "forget-job", epoch: 1, job };
const taken: WorkerReply = { type: "acknowledged", epoch: 1 };

/** An outbox and the worker that it talks to. */
class Pair {
  readonly transport = new InProcessTransport();
  readonly arrived: WorkerCommand["type"][] = [];
  readonly launched: AttemptId[] = [];
  readonly told: string[] = [];
  readonly outbox: CommandOutbox;
  /** Of worker and command, whether somebody still wants them. */
  wanted: (command: WorkerCommand) => boolean = () => true;
  answer: (command: WorkerCommand) => WorkerReply | undefined = () => taken;
  #onArrival: () => void = () => {};

  constructor(t: ExecutionContext) {
    this.outbox = new CommandOutbox({
      transport: this.transport,
      subjects,
      wanted: (_, command) => this.wanted(command),
      onRejected: (epoch) => this.told.push(`rejected by ${epoch}`),
      onUnreadable: (to, { type }, reason) => this.told.push(`${to} cannot read ${type}: ${reason}`),
    });
    t.teardown(() => this.outbox.close());
  }

  /** Resolves after the first try. */
  send(to: WorkerId, command: SingleCommand): Promise<void> {
    return new Promise((resolve) => this.outbox.send(to, command, resolve));
  }

  serve(): void {
    this.transport.serve(subjects.worker(worker), async (payload) => {
      const command = decode(workerCommand, payload);
      this.arrived.push(command.type);
      this.launched.push(...(command.type === "launch-attempts" ? command.attempts : command.type === "launch-attempt" ? [command] : []).map(({ attempt: each }) => each));
      const reply = this.answer(command);
      this.#onArrival();
      if (reply === undefined) throw new Error("no answer");
      return encode(reply);
    });
  }

  async arrivals(count: number): Promise<void> {
    while (this.arrived.length < count) await new Promise<void>((resolve) => (this.#onArrival = resolve));
  }
}

test("a command is sent again until its worker is there and acknowledges it, and then no more", async (t) => {
  const pair = new Pair(t);
  await pair.send(worker, launch);
  pair.serve();
  pair.answer = () => (pair.arrived.length < 2 ? { type: "nonsense" } as unknown as WorkerReply : taken);
  await pair.arrivals(2);
  await pair.send(worker, forget);
  t.deepEqual(pair.arrived, ["launch-attempt", "launch-attempt", "forget-job"]);
});

test("one that is not wanted any more is not sent again", async (t) => {
  const pair = new Pair(t);
  pair.wanted = ({ type }) => type === "forget-job";
  await pair.send(worker, launch);
  await pair.send(worker, forget);
  pair.serve();
  await pair.arrivals(1);
  t.deepEqual(pair.arrived, ["forget-job"]);
});

test("a cancel overtakes the launch that waits, and the end of a job all that waits of it", async (t) => {
  const pair = new Pair(t);
  await pair.send(worker, launch);
  await pair.send(worker, cancel);
  pair.serve();
  await pair.arrivals(1);
  t.deepEqual(pair.arrived, ["cancel-attempt"]);

  const other = new Pair(t);
  await other.send(worker, launch);
  await other.send(worker, forget);
  other.serve();
  await other.arrivals(1);
  t.deepEqual(other.arrived, ["forget-job"]);
});

test("a worker that knows a later coordinator says which; one that cannot read a command says so, once", async (t) => {
  const pair = new Pair(t);
  pair.serve();
  pair.answer = () => ({ type: "rejected", epoch: 8, reason: "epoch 1 is over" });
  await pair.send(worker, cancel);
  pair.answer = () => ({ type: "unreadable", epoch: 1, reason: "too new" });
  await pair.send(worker, launch);
  t.deepEqual(pair.told, ["rejected by 8", "w1 cannot read launch-attempt: too new"]);
  pair.answer = () => taken;
  await pair.send(worker, forget);
  t.deepEqual(pair.arrived, ["cancel-attempt", "launch-attempt", "forget-job"]);
});

const launches = [1, 2, 3].map((index): LaunchAttempt => ({ ...launch, attempt: attemptId(taskId(job, "map", index), 0) }));
const ids = launches.map(({ attempt: each }) => each);

test("launches of one turn are one message; when it is lost they come again, without those that are not wanted or were overtaken", async (t) => {
  const pair = new Pair(t);
  await Promise.all(launches.map((each) => pair.send(worker, each)));
  t.deepEqual(pair.arrived, []);
  pair.wanted = (command) => command.type !== "launch-attempt" || command.attempt !== ids[0];
  const overtaken = pair.send(worker, { type: "cancel-attempt", epoch: 1, attempt: ids[1]!, reason: "r" });
  pair.serve();
  await overtaken;
  await pair.arrivals(2);
  await pair.send(worker, forget);
  t.deepEqual([pair.arrived, pair.launched], [["cancel-attempt", "launch-attempt", "forget-job"], [ids[2]]]);

  const other = new Pair(t);
  let lost = 0;
  other.answer = () => (lost++ === 0 ? undefined : taken);
  other.serve();
  const { request } = other.transport;
  other.transport.request = (subject, payload, timeout) => request.call(other.transport, subject, payload, Math.min(timeout, 20));
  await Promise.all(launches.map((each) => other.send(worker, each)));
  await other.arrivals(2);
  await other.send(worker, forget);
  t.deepEqual([other.arrived, other.launched], [["launch-attempts", "launch-attempts", "forget-job"], [...ids, ...ids]]);
});

test("of launches that share a message, only the one that the worker cannot read by itself is given up", async (t) => {
  const pair = new Pair(t);
  pair.serve();
  pair.answer = (command) => (command.type === "launch-attempts" || (command.type === "launch-attempt" && command.attempt === ids[1]) ? { type: "unreadable", epoch: 1, reason: "odd" } : taken);
  await Promise.all(launches.map((each) => pair.send(worker, each)));
  await pair.send(worker, forget);
  t.deepEqual(pair.arrived, ["launch-attempts", "launch-attempt", "launch-attempt", "launch-attempt", "forget-job"]);
  t.deepEqual(pair.told, ["w1 cannot read launch-attempt: odd"]);
});

test("a closed outbox sends nothing again and tells nothing", async (t) => {
  const pair = new Pair(t);
  pair.serve();
  pair.answer = () => ({ type: "rejected", epoch: 8, reason: "late" });
  const sent = pair.send(worker, launch);
  pair.outbox.close();
  await sent;
  t.deepEqual(pair.told, []);
});
