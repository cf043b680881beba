import test from "ava";
import { brief, ScriptedCluster } from "../testing/scripted-cluster.js";
import { planOf } from "../testing/simulation/scenario.js";

test("tasks that shared a dead executor run alone next, one after the other, and other work goes on elsewhere", (t) => {
  const cluster = new ScriptedCluster().join(["a", 2]).submit(planOf({ name: "wc-1", maps: 6, reduces: 1 })).join(["b", 2]);
  t.deepEqual(cluster.running, ["m0.0@a", "m1.0@a", "m2.0@b", "m3.0@b"]);
  cluster.fail("m0.0", { kind: "executor-died" });
  cluster.fail("m1.0", { kind: "executor-died" });
  // Fresh tasks took the slots of a, or a was emptied for a suspect of b's; whoever a suspect is, it is alone.
  for (let step = 0; step < 10 && cluster.running.length > 0; step++) {
    const first = cluster.running.find((name) => !/^m[01]\.1/.test(name)) ?? cluster.running[0] ?? "";
    cluster.finish(first.split("@")[0] ?? "");
    for (const name of cluster.running.filter((running) => /^m[01]\.1/.test(running))) {
      const worker = name.split("@")[1];
      t.deepEqual(cluster.running.filter((other) => other.endsWith(`@${worker}`)), [name]);
    }
    if (cluster.running.some((name) => name.startsWith("r"))) break;
  }
  t.true(cluster.running.some((name) => name.startsWith("r0.0")));
});

test("on a single worker its other tasks end first, then suspects run one by one", (t) => {
  const cluster = new ScriptedCluster().join(["a", 3]).submit(planOf({ name: "wc-1", maps: 4, reduces: 1 }));
  t.deepEqual(brief(cluster.fail("m0.0", { kind: "executor-died" })), []);
  t.deepEqual(brief(cluster.fail("m1.0", { kind: "executor-died" })), []);
  t.deepEqual(brief(cluster.fail("m2.0", { kind: "executor-died" })), ["launch m0.1@a"]);
  t.deepEqual(brief(cluster.finish("m0.1")), ["launch m1.1@a"]);
  t.deepEqual(brief(cluster.finish("m1.1")), ["launch m2.1@a"]);
  t.deepEqual(brief(cluster.finish("m2.1")), ["launch m3.0@a"]);
});

test("a task that kills its executor again while alone fails the job; those that died with it are not blamed", (t) => {
  const cluster = new ScriptedCluster().join(["a", 2]).submit(planOf({ name: "wc-1", maps: 2, reduces: 1 }));
  cluster.fail("m0.0", { kind: "executor-died", message: "signal SIGKILL" });
  cluster.fail("m1.0", { kind: "executor-died", message: "signal SIGKILL" });
  cluster.fail("m0.1", { kind: "executor-died", message: "signal SIGKILL" });
  t.deepEqual(cluster.running, ["m1.1@a"]);
  cluster.finish("m1.1");
  t.deepEqual(cluster.running, ["m0.2@a"]);
  cluster.fail("m0.2", { kind: "executor-died", message: "signal SIGKILL" });
  t.is(cluster.failure, "Task wc-1_m_00000 (input, 0 to 1) killed its executor 3 times (limit 3), the last time while alone in it; last on worker a: signal SIGKILL");
});

test("another job's tasks on the same worker are in another executor and not suspect", (t) => {
  const cluster = new ScriptedCluster().submit(planOf({ name: "one", maps: 1, reduces: 1 })).submit(planOf({ name: "two", maps: 1, reduces: 1 })).join(["a", 2]);
  cluster.fail("one_m_00000_0", { kind: "executor-died" });
  t.deepEqual(cluster.running, ["m0.0@a", "m0.1@a"]);
});

test("a suspect reduce does not keep its worker from maps that it has to wait for", (t) => {
  const cluster = new ScriptedCluster().join(["a", 2]).submit(planOf({ name: "wc-1", maps: 1, reduces: 2 }));
  cluster.finish("m0.0");
  cluster.fail("r0.0", { kind: "executor-died" });
  cluster.fail("r1.0", { kind: "fetch-failed", lostMap: { index: 0, attempt: 0 } });
  cluster.finish("m0.1");
  t.deepEqual(cluster.running, ["r0.1@a"]);
});
