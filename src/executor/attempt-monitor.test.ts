import test from "ava";
import { TaskFailure } from "../errors.js";
import { AttemptMonitor } from "./attempt-monitor.js";

test("an attempt that is to stop does so at its next chunk, and what it has read still counts", (t) => {
  const seen = new AttemptMonitor();
  const own = new AttemptMonitor(seen.buffer);
  own.readTo(100);
  t.is(seen.bytes, 100);
  seen.requestStop();
  const error = t.throws(() => own.readTo(250), { instanceOf: TaskFailure });
  t.is(error.failure.kind, "cancelled");
  t.is(seen.bytes, 250);
});

test("bytes of splits add up", (t) => {
  const monitor = new AttemptMonitor();
  monitor.readTo(100);
  monitor.endSplit(120);
  t.is(monitor.bytes, 120);
  monitor.readTo(30);
  t.is(monitor.bytes, 150);
  monitor.endSplit(30);
  monitor.endSplit(0);
  t.is(monitor.bytes, 150);
});
