import test, { type ExecutionContext } from "ava";
import { nodeId, workerId } from "../model/ids.js";
import { decode, encode } from "../protocol/codec.js";
import { PROTOCOL_VERSION, workerReport, type WorkerReply, type WorkerReport } from "../protocol/messages.js";
import { subjectsOf } from "../protocol/subjects.js";
import { InProcessTransport } from "../transport/in-process.js";
import { VERSION } from "../version.js";
import { Membership, type MembershipOptions } from "./membership.js";

const subjects = subjectsOf("test");
const id = workerId("w1");
const HOUR = 3_600_000;

/** A coordinator that a test plays: it keeps what it hears, and answers as the test says. */
class PlayedCoordinator {
  readonly transport = new InProcessTransport();
  readonly heard: WorkerReport[] = [];
  readonly said: string[] = [];
  readonly #listeners = new Set<() => void>();
  answer: (report: WorkerReport) => WorkerReply | undefined = () => ({ type: "acknowledged", epoch: 1 });

  serve(): void {
    this.transport.serve(subjects.reports, async (payload) => {
      const report = decode(workerReport, payload);
      const reply = this.answer(report);
      this.heard.push(report);
      this.#look();
      if (reply === undefined) throw new Error("no answer");
      return encode(reply);
    });
  }

  member(t: ExecutionContext, options: Partial<MembershipOptions> = {}): Membership {
    const note = (what: string): void => {
      this.said.push(what);
      this.#look();
    };
    const membership = new Membership({
      id, transport: this.transport, subjects, heartbeatEvery: 10, leaseMillis: HOUR, orphanMillis: Infinity,
      introduction: () => ({ type: "worker-joined", protocol: PROTOCOL_VERSION, version: VERSION, worker: id, node: nodeId("here/w1"), slots: 1, host: "here", address: "", folder: "/tmp", jobs: [] }),
      jobs: () => [],
      onJoined: () => note("joined"),
      onLeaseLost: () => note("lease lost"),
      onEnd: (reason) => note(`ended: ${reason}`),
      onWaiting: () => note("waiting"),
      ...options,
    });
    t.teardown(() => membership.close());
    membership.start();
    return membership;
  }

  /** Resolves when that is so: it is looked at with all that is heard or said. */
  when(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
      look();
    });
  }

  count(type: WorkerReport["type"]): number {
    return this.heard.filter((report) => report.type === type).length;
  }

  #look(): void {
    for (const look of [...this.#listeners]) look();
  }
}

test("it tries to join until a coordinator is there, says once that it waits, and then sends heartbeats", async (t) => {
  const coordinator = new PlayedCoordinator();
  coordinator.member(t);
  await coordinator.when(() => coordinator.said.includes("waiting"));
  coordinator.serve();
  await coordinator.when(() => coordinator.count("worker-heartbeat") >= 3);
  t.deepEqual(coordinator.said, ["waiting", "joined"]);
  t.is(coordinator.count("worker-joined"), 1);
  t.like(coordinator.heard.at(-1), { type: "worker-heartbeat", worker: id, epoch: 1 });
});

for (const reply of [{ type: "rejected", epoch: 1, reason: "worker w1 speaks protocol 9" }, { type: "unreadable", epoch: 1, reason: "cannot read this" }] as const) {
  test(`a join that is ${reply.type} is final, and its reason is passed on`, async (t) => {
    const coordinator = new PlayedCoordinator();
    coordinator.answer = () => reply;
    coordinator.serve();
    coordinator.member(t, { orphanMillis: HOUR });
    await coordinator.when(() => coordinator.said.length > 0);
    t.deepEqual(coordinator.said, [`ended: the coordinator does not take this worker: ${reply.reason}`]);
    t.is(coordinator.heard.length, 1);
  });
}

test("a rejected report makes it join again under its id; one that cannot be read does not", async (t) => {
  const coordinator = new PlayedCoordinator();
  coordinator.serve();
  const membership = coordinator.member(t, { heartbeatEvery: HOUR });
  await coordinator.when(() => coordinator.said.length === 1);
  coordinator.answer = ({ type }) => (type === "worker-draining" ? { type: "unreadable", epoch: 1, reason: "?" } : { type: "acknowledged", epoch: 1 });
  t.is((await membership.send({ type: "worker-draining" })).type, "unreadable");
  t.is(coordinator.count("worker-joined"), 1);
  coordinator.answer = ({ type }) => (type === "worker-draining" ? { type: "rejected", epoch: 1, reason: "not known" } : { type: "acknowledged", epoch: 1 });
  await membership.send({ type: "worker-draining" });
  await coordinator.when(() => coordinator.said.length === 2);
  t.deepEqual(coordinator.said, ["joined", "joined"]);
});

test("a later coordinator is joined when its notice or its first command comes; an earlier one is not heeded", async (t) => {
  const coordinator = new PlayedCoordinator();
  coordinator.serve();
  coordinator.answer = () => ({ type: "acknowledged", epoch: 5 });
  const membership = coordinator.member(t, { heartbeatEvery: HOUR });
  await coordinator.when(() => coordinator.said.length === 1);
  t.is(membership.epoch, 5);
  for (const epoch of [4, 5]) coordinator.transport.publish(subjects.coordinators, encode({ type: "coordinator-started", epoch }));
  t.false(membership.accepts(4));
  t.true(membership.accepts(5));
  coordinator.answer = () => ({ type: "acknowledged", epoch: 6 });
  coordinator.transport.publish(subjects.coordinators, encode({ type: "coordinator-started", epoch: 6 }));
  await coordinator.when(() => coordinator.said.length === 2);
  t.is(membership.epoch, 6);
  t.true(membership.accepts(7));
  coordinator.answer = () => ({ type: "acknowledged", epoch: 7 });
  await coordinator.when(() => coordinator.said.length === 3);
  t.is(membership.epoch, 7);
  t.false(membership.accepts(6));
  t.is(coordinator.count("worker-joined"), 3, "old notices brought no join about");
});

test("the answer of a coordinator that was replaced does not make it a member", async (t) => {
  const coordinator = new PlayedCoordinator();
  coordinator.serve();
  const membership = coordinator.member(t);
  t.true(membership.accepts(9));
  // Answers of epoch 1 are of the past now.
  await coordinator.when(() => coordinator.count("worker-joined") >= 2);
  t.deepEqual(coordinator.said, []);
  coordinator.answer = () => ({ type: "acknowledged", epoch: 9 });
  await coordinator.when(() => coordinator.said.length === 1);
  t.is(membership.epoch, 9);
});

test("without answers its lease runs out, once, and it tries on until it is taken again", async (t) => {
  const coordinator = new PlayedCoordinator();
  coordinator.serve();
  coordinator.member(t, { leaseMillis: 200 });
  await coordinator.when(() => coordinator.said.length === 1);
  coordinator.answer = () => undefined;
  await coordinator.when(() => coordinator.said.includes("lease lost"));
  await coordinator.when(() => coordinator.said.includes("waiting"));
  coordinator.answer = () => ({ type: "acknowledged", epoch: 1 });
  await coordinator.when(() => coordinator.said.at(-1) === "joined");
  t.deepEqual(coordinator.said.filter((what) => what !== "waiting"), ["joined", "lease lost", "joined"]);
});

test("without any coordinator for too long it gives up", async (t) => {
  const coordinator = new PlayedCoordinator();
  coordinator.member(t, { orphanMillis: 100 });
  await coordinator.when(() => coordinator.said.some((what) => what.startsWith("ended")));
  t.is(coordinator.said.at(-1), "ended: no coordinator has answered for 0 s");
});
