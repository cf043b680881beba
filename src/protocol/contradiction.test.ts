import test from "ava";
import { attemptId, jobId, taskId, workerId, type AttemptId } from "../model/ids.js";
import { contradiction } from "./contradiction.js";
import type { JobHeader, LaunchAttempts, AttemptsFinished } from "./messages.js";
import { launchesOf } from "./shared-messages.js";

const job = jobId("a", "1");
const header: JobHeader = { job, bundle: "b".repeat(64), planHash: "a".repeat(64), request: { params: {} }, partitions: 1, memory: 1, maxRecordBytes: 1, staging: "/s", token: "0".repeat(32), sides: {} };
const [map, reduce, foreign] = [taskId(job, "map", 0), taskId(job, "reduce", 0), taskId(jobId("b", "2"), "map", 0)].map((task) => attemptId(task, 0)) as [AttemptId, AttemptId, AttemptId];
const split = { file: { path: "/in", size: 2, mtime: "0", compression: "none" as const }, start: 0, end: 2 };

/** A sound map and another one. */
const launches = (attempt: AttemptId): LaunchAttempts => ({ type: "launch-attempts", epoch: 1, header, attempts: [map, attempt].map((each) => ({ attempt: each, work: { type: "map", splits: [split] } })) });
const finishes = (attempt: AttemptId): AttemptsFinished => ({
  type: "attempts-finished", worker: workerId("w1"), epoch: 1,
  attempts: [map, attempt].map((each) => ({ attempt: each, result: { type: "map", output: { kind: "map-output", rows: 1, bytes: 1 } }, stats: { records: 1, bytesRead: 1, badRecords: 0, counters: {}, millis: 1, spills: 0 } })),
});

test("a launch is of its header's job and its work of its stage, alone and among others", (t) => {
  t.is(contradiction(launches(map)), undefined);
  for (const [attempt, wrong] of [[reduce, /the work of a-1_r_00000_0 is that of a map/], [foreign, /b-2_m_00000_0 comes with the header of a-1/]] as const) {
    t.regex(contradiction(launches(attempt))!, wrong);
    t.regex(contradiction(launchesOf(launches(attempt))[1]!)!, wrong);
  }
});

test("a result is of its attempt's stage, alone and among others", (t) => {
  t.is(contradiction(finishes(map)), undefined);
  t.regex(contradiction(finishes(reduce))!, /the result of a-1_r_00000_0 is one of a map/);
  const { worker, epoch, attempts } = finishes(reduce);
  t.regex(contradiction({ type: "attempt-finished", worker, epoch, ...attempts[1]! })!, /the result of a-1_r_00000_0 is one of a map/);
});
