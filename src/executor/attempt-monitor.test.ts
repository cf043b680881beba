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
