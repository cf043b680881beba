import test from "ava";
import type { FailureKind } from "../model/failure.js";
import { brief, ScriptedCluster } from "../testing/scripted-cluster.js";
import { planOf } from "../testing/simulation/scenario.js";
import { retryTable } from "./retry.js";

const plan = planOf({ name: "wc-1", maps: 1, reduces: 1 });
const kinds = Object.keys(retryTable) as FailureKind[];

/** Lets attempts of map 0 fail until the job does, each with another message. */
function failuresUntilTheEnd(kind: FailureKind): number {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(plan);
  for (let attempt = 0; attempt < 20; attempt++) {
    cluster.fail(`m0.${attempt}`, { kind, message: `${kind} ${attempt}` });
    if (cluster.outcome !== undefined) return attempt + 1;
  }
  return Infinity;
}

test("each kind of failure ends a job after as many attempts as its rule says", (t) => {
  const expected: Record<FailureKind, number> = {
    "user-error": 4,
    "bad-record": 1,
    "too-many-bad-records": 1,
    "needs-survey": 1,
    "bad-input": 1,
    "input-changed": 1,
    "out-of-memory": 4,
    "executor-died": 3,
    "task-timeout": 4,
    "worker-lost": 3,
    "fetch-failed": 4,
    "disk-full": 4,
    "io-error": 4,
    "plan-not-deterministic": 1,
    cancelled: Infinity,
    internal: 4,
  };
  for (const kind of kinds) t.is(failuresUntilTheEnd(kind), expected[kind], kind);
});

test("the cause names the task, its split, the count, the limit and the worker, and keeps the user's stack and place", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(plan);
  for (let attempt = 0; attempt < 4; attempt++) cluster.fail(`m0.${attempt}`, { kind: "user-error", message: `boom ${attempt}`, stack: "at map (job.ts:3)", file: "in.csv", offset: attempt });
  t.deepEqual(cluster.outcome, {
    type: "failed",
    failure: { kind: "user-error", message: "boom 3", context: "Task wc-1_m_00000 (input, 0 to 1) failed 4 times (limit 4); last on worker a", stack: "at map (job.ts:3)", file: "in.csv", offset: 3 },
  });
});

test("the same user error at the same place twice ends the job: a third time would change nothing", (t) => {
  const same = new ScriptedCluster().join(["a", 1]).submit(plan);
  same.fail("m0.0", { kind: "user-error", message: "boom", offset: 7 });
  same.fail("m0.1", { kind: "user-error", message: "boom", offset: 7 });
  t.is(same.failure, "Task wc-1_m_00000 (input, 0 to 1) failed twice with the same error; last on worker a: boom");
  const other = new ScriptedCluster().join(["a", 1]).submit(plan);
  other.fail("m0.0", { kind: "user-error", message: "boom", offset: 7 });
  other.fail("m0.1", { kind: "user-error", message: "boom", offset: 8 });
  t.is(other.outcome, undefined);
});

test("a thread that ended by itself may have done so by chance: it is tried up to the limit", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(plan);
  for (const attempt of [0, 1, 2]) cluster.fail(`m0.${attempt}`, { kind: "user-error", message: "User code ended its thread" });
  t.is(cluster.outcome, undefined);
  cluster.fail("m0.3", { kind: "user-error", message: "User code ended its thread" });
  t.is(cluster.failure, "Task wc-1_m_00000 (input, 0 to 1) failed 4 times (limit 4); last on worker a: User code ended its thread");
});

test("kinds of limits are counted apart", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(plan);
  for (const [attempt, kind] of (["io-error", "executor-died", "io-error", "executor-died", "io-error"] as const).entries()) cluster.fail(`m0.${attempt}`, { kind });
  t.is(cluster.outcome, undefined);
});

test("the first failure that ends a job is its one cause: everything else is cancelled", (t) => {
  const cluster = new ScriptedCluster().join(["a", 3]).submit(planOf({ name: "wc-1", maps: 3, reduces: 1 }));
  t.deepEqual(brief(cluster.fail("m1.0", { kind: "bad-record" })), ["cancel m0.0@a", "cancel m2.0@a", "finish failed"]);
  t.deepEqual(brief(cluster.fail("m0.0", { kind: "bad-record" })), []);
});

test("a task runs again on another worker than the one that failed it", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(plan).join(["b", 1]);
  t.deepEqual(brief(cluster.fail("m0.0", { kind: "disk-full" })), ["launch m0.1@b"]);
});

test("it waits for a busy other worker for ten seconds, then takes any", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1], ["b", 1]).submit(planOf({ name: "wc-1", maps: 2, reduces: 1 }));
  t.deepEqual(brief(cluster.fail("m0.0", { kind: "disk-full" })), []);
  t.deepEqual(brief(cluster.pass(9_000, "a", "b")), []);
  t.is(cluster.scheduler.status(cluster.jobOf("m0.0"))?.waitingFor, undefined);
  t.deepEqual(brief(cluster.pass(1_000, "a", "b")), ["launch m0.1@a"]);
});

test("with a single worker it runs there again at once", (t) => {
  const cluster = new ScriptedCluster().join(["a", 1]).submit(plan);
  t.deepEqual(brief(cluster.fail("m0.0", { kind: "disk-full" })), ["launch m0.1@a"]);
});

test("bad records are counted over committed maps, and one too many ends the job", (t) => {
  const limited = (limit: { count: number } | { share: number }) => ({ ...planOf({ name: "wc-1", maps: 2, reduces: 1 }), badRecords: { action: "skip" as const, limit } });
  const count = new ScriptedCluster().join(["a", 2]).submit(limited({ count: 5 }));
  count.finish("m0.0", { badRecords: 5 });
  t.is(count.outcome, undefined);
  count.finish("m1.0", { badRecords: 1 });
  t.is(count.failure, "6 bad records were skipped, but the job allows 5");

  const share = new ScriptedCluster().join(["a", 2]).submit(limited({ share: 0.01 }));
  share.finish("m0.0", { badRecords: 5, records: 10 });
  t.is(share.outcome, undefined, "the other map may make up for it");
  share.finish("m1.0", { badRecords: 0, records: 490 });
  t.is(share.outcome, undefined);

  const over = new ScriptedCluster().join(["a", 2]).submit(limited({ share: 0.01 }));
  over.finish("m0.0", { badRecords: 6, records: 10 });
  over.finish("m1.0", { badRecords: 0, records: 490 });
  t.is(over.failure, "6 bad records were skipped, but the job allows 1% of 500 records");
});

test("bad records of a map that ran twice count once", (t) => {
  const plan = { ...planOf({ name: "wc-1", maps: 2, reduces: 1 }), badRecords: { action: "skip" as const, limit: { count: 5 } } };
  const cluster = new ScriptedCluster().join(["a", 1], ["b", 1]).submit(plan);
  cluster.finish("m0.0", { badRecords: 4 });
  cluster.tell({ type: "worker-lost", worker: cluster.workerOf("m0.0"), reason: "gone" });
  cluster.finish("m1.0");
  cluster.finish("m0.1", { badRecords: 4 });
  t.deepEqual(cluster.running, ["r0.0@b"]);
});
