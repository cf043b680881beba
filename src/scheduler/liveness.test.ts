import test from "ava";
import { parseJobId, workerId } from "../model/ids.js";
import { brief, ScriptedCluster } from "../testing/scripted-cluster.js";
import { planOf } from "../testing/simulation/scenario.js";

const job = parseJobId("wc-1");

test("a worker without heartbeats for the lease time is lost, and its tasks run elsewhere", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 1, reduces: 1 })).join(["b", 1]);
  t.deepEqual(brief(cluster.pass(9_000, "b")), []);
  t.deepEqual(brief(cluster.pass(1_000, "b")), ["launch m0.1@b"]);
  t.false(cluster.scheduler.knowsWorker(workerId("a")));
});

test("a zombie's report after its lease is refused", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 1, reduces: 1 })).join(["b", 1]);
  cluster.pass(10_000, "b");
  t.deepEqual(brief(cluster.finish("m0.0")), ["cancel m0.0@a"]);
  t.deepEqual(cluster.running, ["m0.1@b"]);
});

test("heartbeats and reports renew the lease", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 1, reduces: 1 }));
  cluster.pass(30_000, "a");
  for (let records = 1; records <= 6; records++) {
    cluster.pass(5_000);
    cluster.tell({ type: "attempt-progressed", attempt: cluster.launchOf("m0.0").attempt, worker: workerId("a"), progress: { records, bytes: 0, steps: 0 } });
  }
  t.deepEqual(cluster.running, ["m0.0@a"]);
});

test("an attempt that reads nothing for a while, but does other work, is let run; a report from before is no news", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 1, reduces: 1 }), { limits: { taskTimeout: 20_000 } });
  const tell = (steps: number): unknown => cluster.tell({ type: "attempt-progressed", attempt: cluster.launchOf("m0.0").attempt, worker: workerId("a"), progress: { records: 1, bytes: 1, steps } });
  for (let steps = 1; steps <= 6; steps++) {
    cluster.pass(10_000, "a");
    tell(steps);
  }
  t.deepEqual(cluster.running, ["m0.0@a"]);
  for (let times = 1; times <= 3; times++) {
    cluster.pass(10_000, "a");
    tell(6);
  }
  t.not(cluster.running[0], "m0.0@a");
});

test("finished maps of a lost worker run again while a reduce needs them, and reduces are told the new place", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1], ["b", 1]).submit(planOf({ name: "wc-1", maps: 2, reduces: 2 }));
  cluster.finish("m0.0");
  cluster.finish("m1.0");
  t.deepEqual(cluster.running, ["r0.0@a", "r1.0@b"]);
  t.deepEqual(brief(cluster.tell({ type: "worker-lost", worker: workerId("a"), reason: "killed" })), []);
  t.deepEqual(brief(cluster.finish("r1.0")), ["launch m0.1@b"], "the finished reduce stays finished");
  t.deepEqual(brief(cluster.finish("m0.1")), ["launch r0.1@b"]);
  t.deepEqual(cluster.launchOf("r0.1").sources.map(({ attempt, worker }) => `${attempt}@${worker}`), ["wc-1_m_00000_1@b", "wc-1_m_00001_0@b"]);
});

test("finished maps of a lost worker that no reduce needs any more stay done", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1], ["b", 1]).submit(planOf({ name: "wc-1", maps: 2, reduces: 1 }));
  cluster.finish("m0.0");
  cluster.finish("m1.0");
  t.deepEqual(brief(cluster.finish("r0.0")), ["commit m0.0 m1.0 r0.0"]);
  t.deepEqual(brief(cluster.tell({ type: "worker-lost", worker: workerId("b"), reason: "killed" })), []);
  t.deepEqual(brief(cluster.tell({ type: "job-committed", job })), ["finish done"]);
});

test("parts of a map-only job outlive their worker", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1], ["b", 1]).submit(planOf({ name: "wc-1", maps: 2, reduces: 0 }));
  cluster.finish("m0.0");
  cluster.tell({ type: "worker-lost", worker: workerId("a"), reason: "killed" });
  t.deepEqual(brief(cluster.finish("m1.0")), ["commit m0.0 m1.0"]);
});

test("when the last reduce ends while a lost map runs again, the job commits without it", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1], ["b", 1], ["c", 1]).submit(planOf({ name: "wc-1", maps: 3, reduces: 1 }));
  for (const map of ["m0.0", "m1.0", "m2.0"]) cluster.finish(map);
  const reducer = cluster.workerOf("r0.0");
  const holder = ["m0.0", "m1.0", "m2.0"].find((map) => cluster.workerOf(map) !== reducer) ?? "";
  cluster.tell({ type: "worker-lost", worker: cluster.workerOf(holder), reason: "killed" });
  const again = holder.replace(".0", ".1");
  t.deepEqual(brief(cluster.finish("r0.0")), [`cancel ${again}@${cluster.workerOf(again)}`, "commit m0.0 m1.0 m2.0 r0.0"]);
});

test("a draining worker gets no new tasks, but its outputs stay", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 2, reduces: 1 }));
  cluster.tell({ type: "worker-draining", worker: workerId("a") });
  t.deepEqual(brief(cluster.finish("m0.0")), []);
  cluster.join(["b", 1]);
  cluster.finish("m1.0");
  t.deepEqual(cluster.launchOf("r0.0").sources.map(({ worker }) => worker), ["a", "b"]);
});

test("all workers die; the job says so, waits, and goes on when new ones join", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 2, reduces: 1 }));
  cluster.finish("m0.0");
  cluster.pass(60_000);
  t.is(cluster.scheduler.status(job)?.waitingFor, "no workers: start one, or wait for lost ones to come back");
  cluster.join(["b", 2]);
  t.deepEqual(cluster.running, ["m0.1@b", "m1.1@b"]);
});

test("a repeated join of a live worker keeps its attempts", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 1, reduces: 1 })).join(["a", 1]);
  t.deepEqual(cluster.running, ["m0.0@a"]);
});

test("an attempt without progress for the task timeout is stopped and counts as failed", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 1, reduces: 1 }), { limits: { taskTimeout: 60_000, attempts: 2 } });
  cluster.pass(50_000, "a");
  const progress = () => cluster.tell({ type: "attempt-progressed", attempt: cluster.launchOf("m0.0").attempt, worker: workerId("a"), progress: { records: 1, bytes: 1, steps: 0 } });
  progress();
  cluster.pass(30_000, "a");
  progress();
  t.deepEqual(brief(cluster.pass(29_000, "a")), [], "the same progress again is none, but the first was");
  t.deepEqual(brief(cluster.pass(1_000, "a")), ["cancel m0.0@a", "launch m0.1@a"]);
  cluster.pass(60_000, "a");
  t.is(cluster.failure, "Task wc-1_m_00000 (input, 0 to 1) failed 2 times (limit 2); last on worker a: no progress for 60000 ms (limit 60000)");
});

test("the timer is set anew only for an earlier deadline, or when it has fired", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]);
  const timers = () => cluster.commands.flatMap((command) => (command.type === "set-timer" ? [command.at] : []));
  t.deepEqual(timers(), [10_000]);
  cluster.at = 3_000;
  cluster.beat("a").beat("a");
  t.deepEqual(timers(), [10_000]);
  cluster.at = 10_000;
  cluster.beat("a");
  cluster.fireTimer();
  t.deepEqual(timers(), [10_000, 20_000]);
  cluster.submit(planOf({ name: "wc-1", maps: 1, reduces: 1 }), { limits: { taskTimeout: 2_000 } });
  t.deepEqual(timers(), [10_000, 20_000, 12_000]);
});
