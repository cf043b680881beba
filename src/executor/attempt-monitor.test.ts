import test from "ava";
import { TaskFailure } from "../errors.js";
import { MonitorPage, type AttemptMonitor } from "./attempt-monitor.js";

/** A monitor as the main thread sees it, and as the attempt does. */
function bothSides(): { readonly seen: AttemptMonitor; readonly own: AttemptMonitor } {
  const page = MonitorPage.of(1);
  return { seen: page.monitor(0), own: new MonitorPage(page.memory).monitor(0) };
}

test("an attempt that is to stop does so at its next chunk, and what it has read still counts", (t) => {
  const { seen, own } = bothSides();
  own.readTo(100);
  t.is(seen.bytes, 100);
  seen.requestStop();
  const error = t.throws(() => own.readTo(250), { instanceOf: TaskFailure });
  t.is(error.failure.kind, "cancelled");
  t.is(seen.bytes, 250);
});

test("bytes of splits add up", (t) => {
  const monitor = MonitorPage.of(1).monitor(0);
  monitor.readTo(100);
  monitor.endSplit(120);
  t.is(monitor.bytes, 120);
  monitor.readTo(30);
  t.is(monitor.bytes, 150);
  monitor.endSplit(30);
  monitor.endSplit(0);
  t.is(monitor.bytes, 150);
});

test("how a plain map ended can be read at the other end; any other outcome is left to a message", (t) => {
  const { seen, own } = bothSides();
  const result = { type: "map", output: { kind: "map-output", rows: 3, bytes: 2 ** 40 } } as const;
  const stats = { records: 5, bytesRead: 2 ** 33, badRecords: 0, counters: {}, millis: 17, spills: 0 };
  t.false(own.note({ result, stats: { ...stats, counters: { seen: 1 } } }));
  t.false(own.note({ result, stats: { ...stats, badRecords: 1 } }));
  t.false(own.note({ result, stats: { ...stats, spills: 1 } }));
  t.false(own.note({ result: { type: "sample", keys: [] }, stats }));
  t.false(seen.ended);
  t.is(seen.outcome, undefined);
  t.true(own.note({ result, stats }));
  t.true(seen.ended);
  t.deepEqual(seen.outcome, { result, stats });
});

test("an attempt that ends by message leaves no outcome", (t) => {
  const { seen, own } = bothSides();
  own.end();
  t.true(seen.ended);
  t.is(seen.outcome, undefined);
});

test("monitors of one page do not touch each other", (t) => {
  const page = MonitorPage.of(200);
  const there = new MonitorPage(page.memory);
  const monitors = Array.from({ length: 200 }, (_, i) => page.monitor(i));
  monitors.forEach((monitor, i) => {
    monitor.records = i;
    if (i % 3 === 0) monitor.requestStop();
    if (i % 2 === 0) there.monitor(i).end();
  });
  monitors.forEach((monitor, i) => t.deepEqual([monitor.records, there.monitor(i).stopRequested, monitor.ended], [i, i % 3 === 0, i % 2 === 0]));
});
