import test from "ava";
import { parseAttemptId, workerId } from "../model/ids.js";
import { ScriptedCluster } from "../testing/scripted-cluster.js";
import { planOf } from "../testing/simulation/scenario.js";
import { MOST_AHEAD } from "./run-ahead.js";

const running = (cluster: ScriptedCluster, worker: string): number => cluster.running.filter((name) => name.endsWith(`@${worker}`)).length;

test("a worker holds more attempts than slots of a stage whose tasks take no time, and not without bound", (t) => {
  const cluster = new ScriptedCluster().join(["a", 2]).submit(planOf({ name: "wc-1", maps: 400, reduces: 0 }));
  t.is(running(cluster, "a"), 2);
  cluster.finish("m0.0", { millis: 0 });
  t.is(running(cluster, "a"), 2 + 2 * MOST_AHEAD);
});

test("a worker with many slots holds fewer for each of them", (t) => {
  for (const [slots, ahead] of [[4, 64], [8, 32], [16, 32]] as const) {
    const cluster = new ScriptedCluster().join(["a", slots]).submit(planOf({ name: "wc-1", maps: 1000, reduces: 0 }));
    cluster.finish("m0.0", { millis: 0 });
    t.is(running(cluster, "a"), slots * (1 + ahead));
  }
});

test("tasks that take long wait for a free slot", (t) => {
  const cluster = new ScriptedCluster().join(["a", 2]).submit(planOf({ name: "wc-1", maps: 20, reduces: 0 }));
  cluster.finish("m0.0", { millis: 2100 });
  t.is(running(cluster, "a"), 2);
});

test("tasks that take a second wait behind others only where no other worker could run them", (t) => {
  for (const [workers, expected] of [[["a"], 4], [["a", "b"], 2]] as const) {
    const cluster = new ScriptedCluster().join(...workers.map((name) => [name, 2] as [string, number])).submit(planOf({ name: "wc-1", maps: 20, reduces: 0 }));
    cluster.finish(cluster.running.find((name) => name.endsWith("@a"))!.split("@")[0]!, { millis: 1000 });
    t.is(running(cluster, "a"), expected);
  }
});

test("one task for each slot waits where they take a fraction of a second", (t) => {
  const cluster = new ScriptedCluster().join(["a", 2]).submit(planOf({ name: "wc-1", maps: 20, reduces: 0 }));
  cluster.finish("m0.0", { millis: 150 });
  t.is(running(cluster, "a"), 4);
});

test("free slots come before places behind busy ones", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1], ["b", 1]).submit(planOf({ name: "wc-1", maps: 3, reduces: 0 }));
  cluster.join(["c", 1]);
  cluster.submit(planOf({ name: "wc-2", maps: 2, reduces: 0 }));
  t.deepEqual(["a", "b", "c"].map((worker) => running(cluster, worker)), [1, 1, 1]);
  cluster.finish("m0.0", { millis: 0 });
  t.is(running(cluster, "a"), 1, "the other job has no short tasks yet");
});

test("no attempt waits behind those of another job: its own executor would run it beside them", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 4, reduces: 0 })).submit(planOf({ name: "wc-2", maps: 4, reduces: 0 }), { priority: 5 });
  const finish = (job: number, map: number): number => {
    cluster.finish(`wc-${job}_m_0000${map}_0`, { millis: 20 });
    return running(cluster, "a");
  };
  t.deepEqual([finish(1, 0), finish(2, 0), finish(2, 1)], [1, 2, 2]);
  t.is(finish(2, 2), 1, "the last one of the other job");
  t.is(finish(2, 3), 2);
});

test("places that come free one by one are filled several at a time", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 300, reduces: 0 }));
  const launches: number[] = [];
  for (let index = 0; index < 100; index++) {
    const launched = cluster.finish(`m${index}.0`, { millis: 0 }).filter(({ type }) => type === "launch-attempt").length;
    if (launched > 0) launches.push(launched);
  }
  t.true(launches.slice(1).every((count) => count >= MOST_AHEAD / 2), String(launches));
});

test("what waits at a lost worker runs elsewhere, each task once", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1], ["b", 1]).submit(planOf({ name: "wc-1", maps: 60, reduces: 0 }));
  cluster.finish("m0.0", { millis: 0 });
  const held = cluster.running.filter((name) => name.endsWith("@a")).length;
  t.true(held > 1);
  cluster.pass(11_000, "b");
  t.is(running(cluster, "a"), 0);
  while (cluster.running.length > 0) for (const name of cluster.running) cluster.finish(name.split("@")[0]!, { millis: 0 });
  const status = cluster.scheduler.status(parseAttemptId("wc-1_m_00000_0" as never).job);
  t.is(status?.stages[0]?.done, 60);
});

test("losing its worker is charged to the task that had begun there, and not to those that waited behind it", (t) => {
  const cluster = new ScriptedCluster().submit(planOf({ name: "wc-1", maps: 40, reduces: 0 }));
  const lose = (worker: string): void => void cluster.tell({ type: "worker-lost", worker: workerId(worker), reason: "its machine died" });
  for (let life = 0; life < 6; life++) {
    cluster.join([`w${life}`, 1]);
    cluster.finish(`m${life}.${life}`, { millis: 0 });
    t.true(running(cluster, `w${life}`) > 10, String(life));
    lose(`w${life}`);
    t.is(cluster.failure, "not ended");
  }
  t.true(cluster.story("m1.0").some((line) => line.includes("worker-lost")) && cluster.story("m9.0").every((line) => !line.includes("worker-lost")));
});

test("an attempt that waits behind one that takes longer than the limit is sent elsewhere without a charge", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 3, reduces: 0 }), { limits: { attempts: 1, taskTimeout: 60_000 } });
  cluster.finish("m0.0", { millis: 0 });
  t.deepEqual(cluster.running, ["m1.0@a", "m2.0@a"]);
  for (let records = 1; records <= 6; records++) {
    cluster.tell({ type: "attempt-progressed", attempt: cluster.launchOf("m1.0").attempt, worker: workerId("a"), progress: { records, bytes: 0, steps: 0 } });
    cluster.pass(10_000, "a");
  }
  t.is(cluster.failure, "not ended");
  t.regex(cluster.story("m2.0").join("\n"), /cancelled: did not begin within 60000 ms/);
});
