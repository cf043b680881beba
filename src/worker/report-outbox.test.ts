import test from "ava";
import fc from "fast-check";
import { attemptId, jobId, taskId, type AttemptId } from "../model/ids.js";
import type { WorkerReply } from "../protocol/messages.js";
import type { FinalReport } from "../protocol/shared-messages.js";
import type { Report } from "./membership.js";
import { ReportOutbox } from "./report-outbox.js";

const job = jobId("wc", "7f3a");
const id = (index: number): AttemptId => attemptId(taskId(job, "map", index), 0);
const stats = { records: 1, bytesRead: 2, badRecords: 0, counters: {}, millis: 1, spills: 0 };
const finished = (attempt: AttemptId): FinalReport => ({ type: "attempt-finished", attempt, result: { type: "map", output: { kind: "map-output", rows: 1, bytes: 1 } }, stats });
const failed = (attempt: AttemptId): FinalReport => ({ type: "attempt-failed", attempt, failure: { kind: "user-error", message: "m" } });

/** What a message says of which attempts. */
function said(report: Report): string[] {
  if (report.type === "attempts-finished") return report.attempts.map(({ attempt }) => `finished ${attempt}`);
  return report.type === "attempt-finished" || report.type === "attempt-failed" ? [`${report.type.slice(8)} ${report.attempt}`] : [];
}

type Answer = "acknowledged" | "rejected" | "lost" | "no reply";

test("whatever is lost or refused, each report arrives, is delivered once, and one that cannot be read arrives as a failure", async (t) => {
  const step = fc.record({ posts: fc.array(fc.constantFrom("finished", "finished", "failed"), { maxLength: 6 }), answer: fc.constantFrom<Answer>("acknowledged", "rejected", "lost", "no reply") });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), fc.func(fc.nat(9)), async (steps, chance) => {
      const odd = (attempt: AttemptId): boolean => chance(attempt) === 0;
      const arrived = new Map<string, number>();
      const delivered: AttemptId[] = [];
      let answer: Answer = "acknowledged";
      const outbox = new ReportOutbox(async (report) => {
        if (answer === "lost") throw new Error("lost");
        if (said(report).some((each) => each.startsWith("finished") && odd(each.slice(9) as AttemptId))) return { type: "unreadable", epoch: 1, reason: "odd" };
        if (answer === "rejected") return { type: "rejected", epoch: 2, reason: "over" };
        for (const each of said(report)) arrived.set(each, (arrived.get(each) ?? 0) + 1);
        if (answer === "no reply") throw new Error("no reply");
        return { type: "acknowledged", epoch: 1 } satisfies WorkerReply;
      });
      const wanted: string[] = [];
      let posted = 0;
      for (const { posts, answer: next } of steps) {
        answer = next;
        for (const post of posts) {
          const attempt = id(posted++);
          const report = post === "finished" ? finished(attempt) : failed(attempt);
          wanted.push(post === "finished" && odd(attempt) ? `failed ${attempt}` : `${post} ${attempt}`);
          outbox.post(report, () => delivered.push(attempt));
          // The same again changes nothing.
          outbox.post(report, () => t.fail());
        }
        await settled();
        outbox.retry();
        await settled();
      }
      answer = "acknowledged";
      outbox.retry();
      await outbox.drained();
      t.deepEqual([...arrived.keys()].sort(), wanted.sort());
      t.deepEqual(delivered.sort(), Array.from({ length: posted }, (_, i) => id(i)).sort());
      t.is(outbox.size, 0);
    }),
    { numRuns: 60 },
  );
});

test("reports of one turn share a message; one that is dropped meanwhile is not sent again", async (t) => {
  const sent: string[][] = [];
  let answers = false;
  const outbox = new ReportOutbox(async (report) => {
    sent.push(said(report));
    if (!answers) throw new Error("nobody");
    return { type: "acknowledged", epoch: 1 };
  });
  for (const index of [0, 1, 2]) outbox.post(finished(id(index)));
  await settled();
  outbox.drop(id(1));
  answers = true;
  outbox.retry();
  await outbox.drained();
  t.deepEqual(sent, [[0, 1, 2].map((index) => `finished ${id(index)}`), [0, 2].map((index) => `finished ${id(index)}`)]);
});

/** All that can happen without the clock has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
