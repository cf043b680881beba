import test from "ava";
import { brief, ScriptedCluster } from "../testing/scripted-cluster.js";
import { planOf } from "../testing/simulation/scenario.js";

/** Eight maps on two workers: seven took a second each, m7 runs on. */
function straggling(limits = {}): ScriptedCluster {
  const cluster = new ScriptedCluster().join(["a", 4], ["b", 4]).submit(planOf({ name: "wc-1", maps: 8, reduces: 1 }), { limits });
  cluster.at = 1_000;
  for (let map = 0; map < 7; map++) cluster.finish(`m${map}.0`);
  return cluster;
}

test("a straggler near the end gets a backup on another worker; the first to finish wins and the other is cancelled", (t) => {
  const cluster = straggling();
  t.is(`${cluster.workerOf("m7.0")}`, "b");
  t.deepEqual(brief(cluster.pass(5_000, "a", "b")), []);
  t.deepEqual(brief(cluster.pass(1_000, "a", "b")), ["launch m7.1@a"]);
  t.deepEqual(brief(cluster.finish("m7.1")), ["cancel m7.0@b", `launch r0.0@${cluster.workerOf("r0.0")}`]);
  t.deepEqual(brief(cluster.finish("m7.0")), ["cancel m7.0@b"], "the loser's late report");
});

test("the original may win too", (t) => {
  const cluster = straggling();
  cluster.pass(6_000, "a", "b");
  t.deepEqual(brief(cluster.finish("m7.0")).filter((command) => command.startsWith("cancel")), ["cancel m7.1@a"]);
});

test("one of two attempts may fail without the task running a third time", (t) => {
  const cluster = straggling();
  cluster.pass(6_000, "a", "b");
  t.deepEqual(brief(cluster.fail("m7.0", { kind: "io-error" })), []);
  t.deepEqual(cluster.running, ["m7.1@a"]);
});

test("backups can be switched off", (t) => {
  t.deepEqual(brief(straggling({ speculation: false }).pass(60_000, "a", "b")), []);
});

test("no backups before three quarters of the stage are done, and at most a tenth of its tasks, at least one", (t) => {
  const early = new ScriptedCluster().join(["a", 4], ["b", 5]).submit(planOf({ name: "wc-1", maps: 8, reduces: 1 }));
  for (let map = 0; map < 5; map++) early.finish(`m${map}.0`);
  t.deepEqual(brief(early.pass(60_000, "a", "b")), []);
  early.finish("m5.0");
  t.is(early.running.length, 3, "m6, m7 and one backup");
});

test("no backup takes a slot on the straggler's own worker", (t) => {
  const cluster = new ScriptedCluster().join(["a", 8]).submit(planOf({ name: "wc-1", maps: 8, reduces: 1 }));
  for (let map = 0; map < 7; map++) cluster.finish(`m${map}.0`);
  t.deepEqual(brief(cluster.pass(60_000, "a")), []);
  cluster.join(["b", 1]);
  t.deepEqual(cluster.running, ["m7.0@a", "m7.1@b"]);
});
