import test from "ava";
import { workerId } from "../model/ids.js";
import { brief, ScriptedCluster } from "../testing/scripted-cluster.js";
import { planOf } from "../testing/simulation/scenario.js";

const on = (cluster: ScriptedCluster, worker: string): string[] => cluster.running.filter((name) => name.endsWith(`@${worker}`));
const lose = (cluster: ScriptedCluster, worker: string): void => void cluster.tell({ type: "worker-lost", worker: workerId(worker), reason: "killed" });

test("a node with three strikes gets no tasks for a minute while there are others", (t) => {
  const cluster = new ScriptedCluster().join(["bad", 1], ["good", 1]).submit(planOf({ name: "wc-1", maps: 30, reduces: 1 }));
  for (let strike = 0; strike < 3; strike++) {
    const name = cluster.running.find((running) => running.endsWith("@bad"))?.split("@")[0] ?? "";
    cluster.fail(name, { kind: "disk-full", message: `full ${strike}` });
    cluster.pass(5_000, "bad", "good");
  }
  t.false(cluster.running.some((name) => name.endsWith("@bad")));
  cluster.pass(50_000, "bad", "good");
  t.false(cluster.running.some((name) => name.endsWith("@bad")));
  cluster.pass(10_000, "bad", "good");
  t.true(cluster.running.some((name) => name.endsWith("@bad")));
});

test("an excluded node is used when it is the only one", (t) => {
  const cluster = new ScriptedCluster().join(["bad", 1]).submit(planOf({ name: "wc-1", maps: 30, reduces: 1 }));
  for (let strike = 0; strike < 5; strike++) {
    const name = cluster.running[0]?.split("@")[0] ?? "";
    t.not(name, "", `after ${strike} strikes`);
    cluster.fail(name, { kind: "disk-full", message: `full ${strike}` });
    if (cluster.outcome !== undefined) break;
    cluster.pass(5_000, "bad");
  }
});

test("a worker that starts again every 2 s under a new id neither ends the job nor gets its tasks for ever", (t) => {
  const cluster = new ScriptedCluster().join(["steady", 1]).submit(planOf({ name: "wc-1", maps: 4, reduces: 1 }));
  const launchesBy: number[] = [];
  for (let life = 0; life < 40; life++) {
    const worker = `flap-${life}`;
    cluster.join([worker, 2, "flap"]);
    cluster.pass(2_000, "steady", worker);
    launchesBy.push(on(cluster, worker).length);
    lose(cluster, worker);
  }
  t.is(cluster.outcome, undefined, cluster.failure);
  t.deepEqual(launchesBy.slice(10), launchesBy.slice(10).map(() => 0), "its node is excluded as long as it goes on");
  while (cluster.running.length > 0) {
    t.deepEqual(cluster.running, on(cluster, "steady"));
    cluster.finish(cluster.running[0]!.split("@")[0]!);
  }
  t.deepEqual(brief(cluster.commands).slice(-1).map((command) => command.split(" ")[0]), ["commit"]);
});

test("a task whose worker was lost twice waits for another node, however long that is busy, and runs where it was when that is gone", (t) => {
  const cluster = new ScriptedCluster().join(["steady", 1]).submit(planOf({ name: "wc-1", maps: 2, reduces: 1 }));
  for (const worker of ["slow-0", "slow-1"]) {
    cluster.join([worker, 1, "slow"]);
    cluster.pass(15_000, "steady", worker);
    t.is(on(cluster, worker).length, 1);
    lose(cluster, worker);
  }
  cluster.join(["slow-2", 1, "slow"]);
  cluster.pass(120_000, "steady", "slow-2");
  t.deepEqual(on(cluster, "slow-2"), []);
  lose(cluster, "steady");
  t.deepEqual(on(cluster, "slow-2").length, 1);
});

test("a failed task goes to another node, not to another worker of the same one", (t) => {
  const cluster = new ScriptedCluster().join(["a-1", 1, "a"], ["a-2", 1, "a"]).submit(planOf({ name: "wc-1", maps: 1, reduces: 1 }));
  const [first, second] = on(cluster, "a-1").length > 0 ? ["a-1", "a-2"] : ["a-2", "a-1"];
  t.deepEqual(brief(cluster.fail("m0.0", { kind: "io-error", message: "1" })), [`launch m0.1@${second}`], "there is no other node");
  cluster.join(["b", 1]);
  t.deepEqual(brief(cluster.fail("m0.1", { kind: "io-error", message: "2" })), ["launch m0.2@b"], `not ${first}`);
});

test("workers that share a node are excluded together, those of other nodes are not", (t) => {
  const cluster = new ScriptedCluster().join(["a-1", 1, "a"], ["a-2", 1, "a"], ["b", 1]).submit(planOf({ name: "wc-1", maps: 30, reduces: 1 }));
  for (let strike = 0; strike < 3; strike++) {
    const name = [...on(cluster, "a-1"), ...on(cluster, "a-2")][strike % 2]!.split("@")[0]!;
    cluster.fail(name, { kind: "disk-full", message: `full ${strike}` });
    cluster.pass(5_000, "a-1", "a-2", "b");
  }
  for (const name of cluster.running) cluster.finish(name.split("@")[0]!, { millis: 10_000 });
  t.deepEqual(cluster.running, on(cluster, "b"));
  t.is(cluster.running.length, 1);
});

test("with every node excluded the job goes on", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1], ["b", 1]).submit(planOf({ name: "wc-1", maps: 30, reduces: 1 }));
  for (let strike = 0; strike < 3; strike++) {
    for (const name of cluster.running) cluster.fail(name.split("@")[0]!, { kind: "io-error", message: `broken ${strike}` });
    cluster.pass(5_000, "a", "b");
  }
  t.is(cluster.running.length, 2);
});

test("a worker that drains before it leaves is no strike against its node", (t) => {
  const cluster = new ScriptedCluster().join(["steady", 1]);
  for (let life = 0; life < 4; life++) {
    const worker = workerId(`w-${life}`);
    cluster.join([worker, 1, "w"]);
    cluster.tell({ type: "worker-draining", worker });
    cluster.pass(5_000, "steady", worker);
    lose(cluster, worker);
  }
  cluster.join(["w-4", 1, "w"]).submit(planOf({ name: "wc-1", maps: 2, reduces: 1 }));
  t.is(on(cluster, "w-4").length, 1);
});
