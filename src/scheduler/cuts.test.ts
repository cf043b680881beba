import test from "ava";
import { parseAttemptId, workerId } from "../model/ids.js";
import { brief, ScriptedCluster } from "../testing/scripted-cluster.js";
import { planOf } from "../testing/simulation/scenario.js";

const TASKS = 12;
/** So that no worker takes more tasks than it has slots. */
const LONG = { millis: 10_000 };

/** All maps are done, and each slot runs a reduce. */
function reducing(...workers: readonly (readonly [string, number])[]): ScriptedCluster {
  const cluster = new ScriptedCluster().join(...workers).submit(planOf({ name: "wc-1", maps: TASKS, reduces: TASKS }));
  for (let map = 0; map < TASKS; map++) cluster.finish(`m${map}.0`, LONG);
  return cluster;
}

/** Reports that the first map of `source` is out of reach for a reduce on `reader`. */
function unreachable(cluster: ScriptedCluster, reader: string, source: string): string[] {
  const name = cluster.running.find((running) => running.startsWith("r") && running.endsWith(`@${reader}`))!.split("@")[0]!;
  const index = cluster.launchOf(name).sources.findIndex(({ worker }, map) => worker === source && isDone(cluster, map));
  const { attempt } = parseAttemptId(cluster.launchOf(name).sources[index]!.attempt);
  return brief(cluster.fail(name, { kind: "fetch-failed", lostMap: { index, attempt, unreachable: true } }));
}

function isDone(cluster: ScriptedCluster, map: number): boolean {
  return cluster.story(`m${map}.0`).at(-1)!.endsWith("done and committed");
}

const doneMaps = (cluster: ScriptedCluster): number => cluster.scheduler.status(cluster.jobOf("m0.0"))!.stages[0]!.done;
const mapsOf = (cluster: ScriptedCluster, worker: string): number => Array.from({ length: TASKS }, (_, map) => cluster.workerOf(`m${map}.0`)).filter((other) => other === worker).length;

/** Lets all attempts succeed until none runs; gives the workers that got some of them. */
function finishAll(cluster: ScriptedCluster): string[] {
  const from = cluster.commands.length;
  while (cluster.running.length > 0) cluster.finish(cluster.running[0]!.split("@")[0]!, LONG);
  const commands = cluster.commands.slice(from);
  return [...new Set(commands.flatMap((command) => (command.type === "launch-attempt" ? [command.worker] : [])))].sort();
}

test("a node that two others cannot read from gets no tasks, and all that lies there runs again", (t) => {
  const cluster = reducing(["a", 1], ["b", 1], ["c", 1]);
  unreachable(cluster, "a", "c");
  t.is(doneMaps(cluster), TASKS - 1);
  unreachable(cluster, "b", "c");
  t.is(doneMaps(cluster), TASKS - mapsOf(cluster, "c"));
  t.deepEqual(finishAll(cluster), ["a", "b"]);
});

test("a node that can read from no other is seen as the one to blame, and what it says of others is believed no more", (t) => {
  const cluster = reducing(["a", 1], ["b", 1], ["c", 3]);
  unreachable(cluster, "c", "a");
  t.is(doneMaps(cluster), TASKS - 1, "it may be a that is cut off");
  unreachable(cluster, "c", "b");
  t.is(doneMaps(cluster), TASKS - 1 - mapsOf(cluster, "c"), "c is: what lies there is lost, and what b has is not");
  unreachable(cluster, "c", "b");
  t.is(doneMaps(cluster), TASKS - 1 - mapsOf(cluster, "c"));
  t.deepEqual(finishAll(cluster), ["a", "b"]);
});

test("of two nodes that cannot reach each other one does all after the second failure", (t) => {
  const cluster = reducing(["a", 1], ["b", 1]);
  unreachable(cluster, "a", "b");
  unreachable(cluster, "b", "a");
  t.is(doneMaps(cluster), mapsOf(cluster, "b") - 1);
  cluster.finish(cluster.running.find((name) => name.endsWith("@a"))!.split("@")[0]!, LONG);
  t.deepEqual(finishAll(cluster), ["b"]);
});

test("a node that was blamed for a cut comes back when the other end turns out to be cut off from more", (t) => {
  const cluster = reducing(["a", 1], ["b", 1], ["c", 3]);
  unreachable(cluster, "c", "a");
  unreachable(cluster, "c", "a");
  t.is(doneMaps(cluster), TASKS - mapsOf(cluster, "a"), "a is taken for cut off");
  const onA = cluster.running.find((name) => name.endsWith("@a"))!.split("@")[0]!;
  t.false(brief(cluster.finish(onA, LONG)).some((command) => command.endsWith("@a")));
  t.true(unreachable(cluster, "c", "b").some((command) => command.startsWith("launch m") && command.endsWith("@a")));
  t.deepEqual(finishAll(cluster), ["a", "b"]);
});

test("a process that replaces the one that was cut off gets tasks at once", (t) => {
  const cluster = reducing(["a", 1], ["b", 1], ["c", 1]);
  unreachable(cluster, "a", "c");
  unreachable(cluster, "b", "c");
  cluster.tell({ type: "worker-lost", worker: workerId("c"), reason: "killed" });
  cluster.join(["c-2", 1, "c"]);
  t.true(cluster.running.some((name) => name.endsWith("@c-2")), cluster.running.join());
});

test("a node that was cut off gets tasks again after five minutes", (t) => {
  const cluster = reducing(["a", 1], ["b", 1], ["c", 1]);
  unreachable(cluster, "a", "c");
  unreachable(cluster, "b", "c");
  const all = ["a", "b", "c"];
  cluster.finish(cluster.running.find((name) => name.endsWith("@c"))!.split("@")[0]!);
  cluster.pass(299_000, ...all);
  t.false(cluster.running.some((name) => name.endsWith("@c")));
  cluster.pass(1_000, ...all);
  t.true(cluster.running.some((name) => name.endsWith("@c")));
});

test("an output that is missing on a node that answers is no cut: what else lies there stays", (t) => {
  const cluster = reducing(["a", 1], ["b", 1], ["c", 1]);
  for (const reader of ["a", "b"]) {
    const name = cluster.running.find((running) => running.endsWith(`@${reader}`))!.split("@")[0]!;
    const index = cluster.launchOf(name).sources.findIndex(({ worker }, map) => worker === "c" && isDone(cluster, map));
    cluster.fail(name, { kind: "fetch-failed", lostMap: { index, attempt: 0 } });
  }
  t.is(doneMaps(cluster), TASKS - 2);
  t.deepEqual(finishAll(cluster), ["a", "b", "c"]);
});

test("a node with three strikes is better than one that is cut off", (t) => {
  const cluster = reducing(["a", 1], ["b", 2]);
  unreachable(cluster, "a", "b");
  unreachable(cluster, "b", "a");
  for (let strike = 0; strike < 3; strike++) {
    const name = cluster.running.find((running) => running.endsWith("@b"))!.split("@")[0]!;
    cluster.fail(name, { kind: "disk-full", message: `full ${strike}` });
    cluster.pass(5_000, "a", "b");
  }
  cluster.finish(cluster.running.find((name) => name.endsWith("@a"))!.split("@")[0]!, LONG);
  t.deepEqual(finishAll(cluster), ["b"]);
});
