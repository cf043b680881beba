import test from "ava";
import { brief, ScriptedCluster } from "../testing/scripted-cluster.js";
import { planOf } from "../testing/simulation/scenario.js";

function reducing(): ScriptedCluster {
  const cluster = new ScriptedCluster().join(["a", 1], ["b", 1]).submit(planOf({ name: "wc-1", maps: 2, reduces: 2 }));
  cluster.finish("m0.0");
  cluster.finish("m1.0");
  return cluster;
}

test("a map whose output cannot be fetched runs again, elsewhere, and the reduce waits for it, uncharged", (t) => {
  const cluster = reducing();
  t.deepEqual(cluster.running, ["r0.0@a", "r1.0@b"]);
  t.deepEqual(brief(cluster.fail("r1.0", { kind: "fetch-failed", lostMap: { index: 0, attempt: 0 } })), ["launch m0.1@b"]);
  t.deepEqual(brief(cluster.finish("m0.1")), [], "r1 prefers another worker than b, and a is busy");
  t.deepEqual(brief(cluster.finish("r0.0")), ["launch r1.1@a"]);
  t.is(cluster.launchOf("r1.1").sources[0]?.worker, cluster.workerOf("m0.1"));
});

test("a loss that two reduces report runs the map once", (t) => {
  const cluster = reducing();
  cluster.fail("r1.0", { kind: "fetch-failed", lostMap: { index: 0, attempt: 0 } });
  cluster.finish("m0.1");
  t.deepEqual(brief(cluster.fail("r0.0", { kind: "fetch-failed", lostMap: { index: 0, attempt: 0 } })).filter((command) => command.includes("m0")), []);
  t.is(cluster.commands.filter((command) => command.type === "launch-attempt" && command.attempt.startsWith("wc-1_m_00000")).length, 2);
});

test("losses of ever the same map end the job with that cause after eleven", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 1, reduces: 1 }));
  for (let round = 0; round < 11; round++) {
    t.is(cluster.outcome, undefined, `round ${round}`);
    cluster.finish(`m0.${round}`);
    cluster.fail(`r0.${round}`, { kind: "fetch-failed", message: "connection refused", lostMap: { index: 0, attempt: round } });
  }
  t.is(cluster.failure, "Output of task wc-1_m_00000 was lost 11 times (limit 10); last on worker a, read from worker a: connection refused");
});

test("a report of an output that the reduce was never given counts against the reduce", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 1, reduces: 1 }));
  cluster.finish("m0.0");
  for (let round = 0; round < 4; round++) cluster.fail(`r0.${round}`, { kind: "fetch-failed", lostMap: { index: 0, attempt: 99 } });
  t.is(cluster.failure, "Task wc-1_r_00000 failed 4 times (limit 4); last on worker a: broken");
});
