import test from "ava";
import { nodeId, parseAttemptId, parseJobId, workerId } from "../model/ids.js";
import { brief, ScriptedCluster } from "../testing/scripted-cluster.js";
import { planOf } from "../testing/simulation/scenario.js";

const job = parseJobId("wc-1");

test("maps run first, then reduces that are told where the map outputs are, then the commit", (t) => {
  const cluster = new ScriptedCluster().submit(planOf({ name: "wc-1", maps: 2, reduces: 1 }));
  t.deepEqual(brief(cluster.tell({ type: "worker-joined", worker: workerId("a"), node: nodeId("a"), slots: 2 })), ["launch m0.0@a", "launch m1.0@a"]);
  t.deepEqual(brief(cluster.finish("m1.0")), []);
  t.deepEqual(brief(cluster.finish("m0.0")), ["launch r0.0@a"]);
  t.deepEqual(
    cluster.launchOf("r0.0").sources.map(({ attempt, worker }) => `${attempt}@${worker}`),
    ["wc-1_m_00000_0@a", "wc-1_m_00001_0@a"],
  );
  t.deepEqual(brief(cluster.finish("r0.0")), ["commit m0.0 m1.0 r0.0"]);
  t.is(cluster.scheduler.status(job)?.state, "committing");
  t.deepEqual(brief(cluster.tell({ type: "job-committed", job })), ["finish done"]);
  t.is(cluster.scheduler.status(job)?.state, "done");
});

test("a survey that was demanded and then a sample are resolved before the maps, which get both their inputs", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", survey: 1, sample: 1, maps: 1, reduces: 1 }));
  t.deepEqual(brief(cluster.fail("s0.0", { kind: "needs-survey" })), ["launch v0.0@a"]);
  t.deepEqual(brief(cluster.finish("v0.0")), ["resolve survey"]);
  t.deepEqual(cluster.running, []);
  t.deepEqual(brief(cluster.tell({ type: "stage-inputs-resolved", job, inputs: { csvStates: ["plain"] } })), ["launch s0.1@a"]);
  t.deepEqual(brief(cluster.finish("s0.1")), ["resolve sample"]);
  t.deepEqual(brief(cluster.tell({ type: "stage-inputs-resolved", job, inputs: { csvStates: ["plain"] } })), [], "the survey's answer again");
  t.deepEqual(brief(cluster.tell({ type: "stage-inputs-resolved", job, inputs: { splitters: [] } })), ["launch m0.0@a"]);
  t.deepEqual(cluster.launchOf("m0.0").inputs, { csvStates: ["plain"], splitters: [] });
});

test("a job without input still makes its parts, and one without tasks commits nothing", (t) => {
  const parts = new ScriptedCluster().join(["a", 2]).submit(planOf({ name: "wc-1", maps: 0, reduces: 2 }));
  t.deepEqual(parts.running, ["r0.0@a", "r1.0@a"]);
  const nothing = new ScriptedCluster().submit(planOf({ name: "wc-1", maps: 0, reduces: 0 }));
  t.deepEqual(brief(nothing.commands), ["commit "]);
});

test("a job that is submitted twice runs once, also after it has ended", (t) => {
  const plan = planOf({ name: "wc-1", maps: 1, reduces: 0 });
  const cluster = new ScriptedCluster().join(["a", 4]).submit(plan).submit(plan);
  t.deepEqual(cluster.running, ["m0.0@a"]);
  cluster.finish("m0.0");
  cluster.tell({ type: "job-committed", job });
  cluster.submit(plan);
  t.deepEqual(cluster.running, []);
});

test("cancelling stops everything at once in every phase but the commit, which is too late", (t) => {
  const cancel = { type: "job-cancelled", job, reason: "asked" } as const;
  const queued = new ScriptedCluster().submit(planOf({ name: "wc-1", maps: 1, reduces: 1 }));
  t.deepEqual(brief(queued.tell(cancel)), ["finish cancelled"]);
  const mapping = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 1, reduces: 1 }));
  t.deepEqual(brief(mapping.tell(cancel)), ["cancel m0.0@a", "finish cancelled"]);
  const resolving = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", sample: 1, maps: 1, reduces: 1 }));
  resolving.finish("s0.0");
  t.deepEqual(brief(resolving.tell(cancel)), ["finish cancelled"]);
  t.deepEqual(brief(resolving.tell({ type: "stage-inputs-resolved", job, inputs: { splitters: [] } })), []);
  const reducing = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 1, reduces: 2 }));
  reducing.finish("m0.0");
  t.deepEqual(brief(reducing.tell(cancel)), ["cancel r0.0@a", "finish cancelled"]);
  t.deepEqual(brief(reducing.finish("r0.0")), ["cancel r0.0@a"], "its late report");
  const committing = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 1, reduces: 0 }));
  committing.finish("m0.0");
  t.deepEqual(brief(committing.tell(cancel)), []);
  t.deepEqual(brief(committing.tell({ type: "job-committed", job })), ["finish done"]);
});

test("a commit that fails fails the job", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 1, reduces: 0 }));
  cluster.finish("m0.0");
  t.deepEqual(brief(cluster.tell({ type: "commit-failed", job, failure: { kind: "disk-full", message: "no space" } })), ["finish failed"]);
  t.is(cluster.failure, "no space");
});

test("stale reports change nothing, and their workers are told to forget the attempt", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1], ["b", 1]).submit(planOf({ name: "wc-1", maps: 2, reduces: 1 }));
  const { attempt } = cluster.launchOf("m0.0");
  const { result, stats } = { result: { type: "map", output: { kind: "map-output", rows: 1, bytes: 1 } }, stats: { records: 1, bytesRead: 1, badRecords: 0, counters: {}, millis: 1, spills: 0 } } as const;
  const before = cluster.scheduler.status(job);
  t.deepEqual(brief(cluster.tell({ type: "attempt-finished", attempt, worker: workerId("b"), result, stats })), ["cancel m0.0@b"], "another worker");
  t.deepEqual(brief(cluster.tell({ type: "attempt-progressed", attempt: "wc-1_m_00000_7" as typeof attempt, worker: workerId("a"), progress: { records: 1, bytes: 1, steps: 0 } })), ["cancel m0.7@a"], "an attempt never launched");
  t.deepEqual(brief(cluster.tell({ type: "attempt-progressed", attempt: "other_m_00000_0" as typeof attempt, worker: workerId("a"), progress: { records: 1, bytes: 1, steps: 0 } })), ["cancel m0.0@a"], "an unknown job");
  t.deepEqual(brief(cluster.tell({ type: "attempt-failed", attempt, worker: workerId("b"), failure: { kind: "internal", message: "x" } })), []);
  t.deepEqual(cluster.scheduler.status(job), before);
});

test("a repeated report of the attempt that counts is not answered with a cancel: its output is needed", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 2, reduces: 1 }));
  cluster.finish("m0.0");
  t.deepEqual(brief(cluster.finish("m0.0")), []);
  t.deepEqual(brief(cluster.tell({ type: "attempt-progressed", attempt: cluster.launchOf("m0.0").attempt, worker: workerId("a"), progress: { records: 1, bytes: 1, steps: 0 } })), []);
});

test("jobs of one priority share slots evenly, a higher priority goes first", (t) => {
  const cluster = new ScriptedCluster();
  cluster.submit(planOf({ name: "first", maps: 9, reduces: 0 })).submit(planOf({ name: "second", maps: 9, reduces: 0 })).submit(planOf({ name: "urgent", maps: 1, reduces: 0 }), { priority: 1 });
  const launched = brief(cluster.join(["a", 7]).commands).length;
  const counts = new Map<string, number>();
  for (const command of cluster.commands) {
    if (command.type !== "launch-attempt") continue;
    const { job: of } = parseAttemptId(command.attempt);
    counts.set(of, (counts.get(of) ?? 0) + 1);
  }
  t.is(launched, 7);
  t.deepEqual(Object.fromEntries(counts), { urgent: 1, first: 3, second: 3 });
});

test("load spreads over workers", (t) => {
  const cluster = new ScriptedCluster().join(["a", 4], ["b", 4], ["c", 4]).submit(planOf({ name: "wc-1", maps: 6, reduces: 0 }));
  t.deepEqual(cluster.running.map((name) => name.split("@")[1]).sort(), ["a", "a", "b", "b", "c", "c"]);
});

test("status says what a job waits for", (t) => {
  const cluster = new ScriptedCluster().submit(planOf({ name: "wc-1", maps: 1, reduces: 1 }));
  const reason = (of = job) => cluster.scheduler.status(of)?.waitingFor;
  t.is(reason(), "no workers: start one, or wait for lost ones to come back");
  cluster.join(["a", 1]);
  t.is(reason(), undefined);
  cluster.submit(planOf({ name: "late", maps: 1, reduces: 0 }));
  t.is(reason(parseJobId("late")), "all slots are busy with other jobs");
  cluster.tell({ type: "worker-draining", worker: workerId("a") });
  cluster.fail("m0.0", { kind: "cancelled" });
  t.is(reason(), "no workers that take tasks: all are draining or have no slots");
});

test("status counts records of done and running attempts once each", (t) => {
  const cluster = new ScriptedCluster().join(["a", 2]).submit(planOf({ name: "wc-1", maps: 2, reduces: 1 }));
  const records = () => cluster.scheduler.status(job)?.stages[0]?.records;
  const progress = (n: number) => cluster.tell({ type: "attempt-progressed", attempt: cluster.launchOf("m0.0").attempt, worker: workerId("a"), progress: { records: n, bytes: n, steps: 0 } });
  progress(10);
  progress(7);
  cluster.finish("m1.0", { records: 100 });
  t.is(records(), 110);
  cluster.finish("m0.0", { records: 12 });
  t.is(records(), 112);
});

test("a story tells what became of each attempt", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(planOf({ name: "wc-1", maps: 2, reduces: 1 }));
  cluster.at = 5;
  cluster.fail("m0.0", { kind: "io-error" });
  cluster.finish("m0.1");
  t.deepEqual(cluster.story("m0.0"), ["0: attempt 0 launched on a, failed at 5: io-error: broken", "5: attempt 1 done on a", "5: attempt 1 launched on a", "5: attempt 1 done and committed"]);
});

test("a restarted scheduler has what its journal had: the same commands are outstanding", (t) => {
  const cluster = new ScriptedCluster().join(["a", 2]).submit(planOf({ name: "wc-1", maps: 3, reduces: 1 }));
  cluster.finish("m0.0");
  t.deepEqual(brief(cluster.scheduler.outstanding()).sort(), ["launch m1.0@a", "launch m2.0@a"]);
  cluster.finish("m1.0");
  cluster.finish("m2.0");
  cluster.finish("r0.0");
  t.deepEqual(brief(cluster.scheduler.outstanding()), ["commit m0.0 m1.0 m2.0 r0.0"]);
});

test("signs of life, which no journal holds, change nothing about who gets which task", (t) => {
  const placed = [false, true].map((progressing) => {
    const cluster = new ScriptedCluster().join(["a", 1], ["b", 1]).submit(planOf({ name: "wc-1", maps: 2, reduces: 1 }));
    if (progressing) cluster.tell({ type: "attempt-progressed", attempt: cluster.launchOf("m0.0").attempt, worker: cluster.workerOf("m0.0"), progress: { records: 1, bytes: 1, steps: 0 } });
    cluster.tell({ type: "job-cancelled", job, reason: "asked" });
    return brief(cluster.submit(planOf({ name: "wc-2", maps: 2, reduces: 1 })).commands).slice(-2);
  });
  t.deepEqual(placed[1], placed[0]);
});
