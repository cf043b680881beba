import test from "ava";
import { attemptId, jobId, taskId, workerId } from "../model/ids.js";
import type { BlockPlace } from "../protocol/messages.js";
import type { MapSource } from "../scheduler/commands.js";
import { PackedSources } from "./launch-message.js";

const [w1, w2] = [workerId("w1"), workerId("w2")];
const source = (index: number, worker = w1, empty = false): MapSource => ({ attempt: attemptId(taskId(jobId("a", "1"), "map", index), index), worker, empty });

test("sources name each place once, and empty outputs not at all", (t) => {
  const place = (worker: typeof w1): BlockPlace => ({ worker, host: "h", address: "", folder: "/f" });
  const packed = new PackedSources(place).of([source(0), source(1, w2), source(2, w2, true), source(3)]);
  t.deepEqual(packed, { places: [place(w1), place(w2)], place: [0, 1, 0, 0], attempts: [0, 1, null, 3] });
});

test("sources are packed once, until maps have run again or a worker has another place", (t) => {
  const places = new Map([w1, w2].map((worker) => [worker, { worker, host: "h", address: "", folder: "/f" }]));
  const packed = new PackedSources((worker) => places.get(worker)!);
  const sources = [source(0), source(1, w2)];
  const first = packed.of(sources);
  t.is(packed.of(sources), first);
  t.not(packed.of([...sources]), first);
  places.set(w2, { worker: w2, host: "other", address: "", folder: "/f" });
  t.is(packed.of(sources).places[1]!.host, "other");
});
