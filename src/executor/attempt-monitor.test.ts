import test from "ava";
import { TaskFailure } from "../errors.js";
import { AttemptMonitor, MonitorPages } from "./attempt-monitor.js";

test("an attempt that is to stop does so at its next chunk, and what it has read still counts", (t) => {
  const seen = new MonitorPages().next();
  const own = new AttemptMonitor(seen.place);
  own.readTo(100);
  t.is(seen.bytes, 100);
  seen.requestStop();
  const error = t.throws(() => own.readTo(250), { instanceOf: TaskFailure });
  t.is(error.failure.kind, "cancelled");
  t.is(seen.bytes, 250);
});

test("bytes of splits add up", (t) => {
  const monitor = new MonitorPages().next();
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
  const seen = new MonitorPages().next();
  const own = new AttemptMonitor(seen.place);
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
  const seen = new MonitorPages().next();
  new AttemptMonitor(seen.place).end();
  t.true(seen.ended);
  t.is(seen.outcome, undefined);
});

test("monitors of one page, and of several, do not touch each other", (t) => {
  const pages = new MonitorPages();
  const monitors = Array.from({ length: 200 }, () => pages.next());
  t.true(new Set(monitors.map(({ place }) => place.page)).size < 10);
  monitors.forEach((monitor, i) => {
    monitor.records = i;
    if (i % 3 === 0) monitor.requestStop();
    if (i % 2 === 0) new AttemptMonitor(monitor.place).end();
  });
  monitors.forEach((monitor, i) => t.deepEqual([monitor.records, monitor.stopRequested, monitor.ended], [i, i % 3 === 0, i % 2 === 0]));
});
