import test from "ava";
import { parseJobId } from "../model/ids.js";
import type { CsvState } from "../model/task.js";
import { brief, ScriptedCluster } from "../testing/scripted-cluster.js";
import { planOf } from "../testing/simulation/scenario.js";

const job = parseJobId("csv-1");
const plan = planOf({ name: "csv-1", survey: 2, maps: 3, reduces: 1 });
const surveyed = (...csvStates: CsvState[]) => ({ type: "stage-inputs-resolved", job, inputs: { csvStates } }) as const;
const stages = (cluster: ScriptedCluster) => cluster.scheduler.status(job)?.stages.map(({ kind, tasks, done }) => `${kind} ${done}/${tasks}`);

test("without a failure nobody surveys, and no progress tells of it", (t) => {
  const cluster = new ScriptedCluster().join(["a", 3]).submit(plan);
  t.deepEqual(cluster.running, ["m0.0@a", "m1.0@a", "m2.0@a"]);
  t.deepEqual(stages(cluster), ["map 0/3", "reduce 0/1"]);
  t.deepEqual(cluster.launchOf("m1.0").inputs, {});
  for (const map of ["m0.0", "m1.0", "m2.0"]) cluster.finish(map);
  t.deepEqual(cluster.running, ["r0.0@a"]);
  t.deepEqual(brief(cluster.finish("r0.0")), ["commit m0.0 m1.0 m2.0 r0.0"]);
});

test("a map that meets a quote stops the others until the splits are surveyed; done ones are kept where they began right", (t) => {
  const cluster = new ScriptedCluster().join(["a", 3]).submit(planOf({ name: "csv-1", survey: 2, maps: 4, reduces: 1 }));
  cluster.finish("m0.0");
  cluster.finish("m2.0");
  t.deepEqual(cluster.running, ["m1.0@a", "m3.0@a"]);
  t.deepEqual(brief(cluster.fail("m1.0", { kind: "needs-survey" })), ["cancel m3.0@a", "launch v0.0@a", "launch v1.0@a"]);
  t.deepEqual(stages(cluster), ["survey 0/2", "map 2/4", "reduce 0/1"]);
  t.deepEqual(brief(cluster.finish("m3.0")), ["cancel m3.0@a"], "its late report");
  cluster.finish("v0.0");
  t.deepEqual(brief(cluster.finish("v1.0")), ["resolve survey"]);
  t.deepEqual(brief(cluster.tell(surveyed("plain", "plain", "quoted", "plain"))), ["launch m3.1@a", "launch m1.1@a", "launch m2.1@a"]);
  t.deepEqual(cluster.launchOf("m2.1").inputs, { csvStates: ["plain", "plain", "quoted", "plain"] });
  for (const map of ["m1.1", "m2.1", "m3.1"]) cluster.finish(map);
  t.deepEqual(
    cluster.launchOf("r0.0").sources.map(({ attempt }) => attempt.slice(-7)),
    ["00000_0", "00001_1", "00002_1", "00003_1"],
  );
});

test("a map-only job commits nothing that began wrong", (t) => {
  const cluster = new ScriptedCluster().join(["a", 2]).submit(planOf({ name: "csv-1", survey: 1, maps: 2, reduces: 0 }));
  cluster.finish("m1.0");
  cluster.fail("m0.0", { kind: "needs-survey" });
  cluster.finish("v0.0");
  cluster.tell(surveyed("plain", "quoted"));
  cluster.finish("m0.1");
  t.deepEqual(brief(cluster.finish("m1.1")), ["commit m0.1 m1.1"]);
});

test("a survey has samples taken again, and with them all maps, for their partitions may be others now", (t) => {
  const cluster = new ScriptedCluster().join(["a", 2]).submit(planOf({ name: "csv-1", survey: 1, sample: 1, maps: 2, reduces: 2 }));
  t.deepEqual(brief(cluster.finish("s0.0")), ["resolve sample"]);
  cluster.tell({ type: "stage-inputs-resolved", job, inputs: { splitters: ["b"] } });
  cluster.finish("m0.0");
  t.deepEqual(brief(cluster.fail("m1.0", { kind: "needs-survey" })), ["launch v0.0@a"]);
  cluster.finish("v0.0");
  t.deepEqual(brief(cluster.tell(surveyed("plain", "quoted"))), ["launch s0.1@a"]);
  t.deepEqual(brief(cluster.finish("s0.1")), ["resolve sample"]);
  t.deepEqual(brief(cluster.tell({ type: "stage-inputs-resolved", job, inputs: { splitters: ["a"] } })), ["launch m1.1@a", "launch m0.1@a"]);
  t.deepEqual(cluster.launchOf("m0.1").inputs, { csvStates: ["plain", "quoted"], splitters: ["a"] });
});

test("a failure that would end the job has the splits surveyed instead, and ends it when it comes again", (t) => {
  const bad = { kind: "bad-record", message: "ragged" } as const;
  const cluster = new ScriptedCluster().join(["a", 1]).submit(plan);
  t.deepEqual(brief(cluster.fail("m0.0", bad)), ["launch v0.0@a"]);
  cluster.finish("v0.0");
  cluster.finish("v1.0");
  t.deepEqual(brief(cluster.tell(surveyed("plain", "plain", "plain"))), ["launch m0.1@a"]);
  t.deepEqual(brief(cluster.fail("m0.1", bad)), ["finish failed"]);
  t.is(cluster.failure, "Task csv-1_m_00000 (input, 0 to 1) failed; last on worker a: ragged");
});

test("failures before the survey count toward no limit behind it", (t) => {
  const boom = { kind: "user-error", message: "boom", offset: 7 } as const;
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "csv-1", survey: 1, maps: 1, reduces: 0 }));
  cluster.fail("m0.0", boom);
  t.deepEqual(brief(cluster.fail("m0.1", boom)), ["launch v0.0@a"]);
  cluster.finish("v0.0");
  cluster.tell(surveyed("plain"));
  t.deepEqual(brief(cluster.fail("m0.2", boom)), ["launch m0.3@a"]);
  t.deepEqual(brief(cluster.fail("m0.3", boom)), ["finish failed"]);
  t.is(cluster.failure, "Task csv-1_m_00000 (input, 0 to 1) failed twice with the same error; last on worker a: boom");
});

test("a map that met a quote may run again where it did", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1], ["b", 1]).submit(planOf({ name: "csv-1", survey: 1, maps: 1, reduces: 0 }));
  t.deepEqual(cluster.running, ["m0.0@a"]);
  cluster.fail("m0.0", { kind: "needs-survey" });
  t.deepEqual(cluster.running, ["v0.0@b"]);
  cluster.finish("v0.0");
  cluster.tell(surveyed("plain"));
  t.deepEqual(cluster.running, ["m0.1@a"]);
});

test("both attempts of a straggler stop when a survey is demanded", (t) => {
  const cluster = new ScriptedCluster().join(["a", 4], ["b", 4]).submit(planOf({ name: "csv-1", survey: 1, maps: 4, reduces: 1 }));
  for (const map of ["m0.0", "m1.0", "m2.0"]) cluster.finish(map);
  cluster.pass(20_000, "a", "b");
  t.is(cluster.running.length, 2);
  const commands = brief(cluster.fail("m3.0", { kind: "needs-survey" }));
  t.is(commands.filter((command) => command.startsWith("cancel m3.1")).length, 1);
  t.deepEqual(cluster.running.map((name) => name.slice(0, 4)), ["v0.0"]);
});
