/** The quick looks at messages let through what their shapes let through, unchanged, and nothing else. */
import test from "ava";
import fc from "fast-check";
import type { QuickShape } from "./codec.js";
import { executorReports } from "./executor-messages.js";
import { workerCommands, workerReplies, workerReports, type LaunchAttempts } from "./messages.js";
import { MOST_IN_MESSAGE } from "./usual-messages.js";

const attempt = "wc-7f3a_m_00005_0";
const result = { type: "map", output: { kind: "map-output", rows: 3, bytes: 99 } };
const stats = { records: 3, bytesRead: 40, badRecords: 0, counters: {}, millis: 1.5, spills: 0 };
const header = { job: "wc-7f3a", bundle: "b".repeat(64), planHash: "a".repeat(64), request: { params: {} }, partitions: 1, memory: 1, maxRecordBytes: 1, staging: "/s", token: "0".repeat(32), sides: {} };
const split = { file: { path: "/in", size: 2, mtime: "0", compression: "none" }, start: 0, end: 2 };
const map = { attempt, work: { type: "map", splits: [split, split] } };
const launches = { type: "launch-attempts", epoch: 1, header, attempts: [map, map] };
const sources = { places: [{ worker: "w1", host: "h", address: "", folder: "/f" }], place: [0, 0], attempts: [0, null] };
const reduce = { attempt: "wc-7f3a_r_00005_0", work: { type: "reduce", partition: 5 } };
const reduces = { type: "launch-attempts", epoch: 1, header, sources, attempts: [reduce, reduce] };
const part = { type: "reduce", output: { kind: "part", file: "p_0.tsv", rows: 1, bytes: 9, crc32: "0123abcd" } };

/** Told of header and sources before. */
function commands(): QuickShape<unknown> {
  const kind = workerCommands();
  kind.shape.parse(reduces);
  return kind;
}

const kinds: Record<string, { readonly kind: () => QuickShape<unknown>; readonly usual: unknown }> = {
  replies: { kind: () => workerReplies, usual: { type: "acknowledged", epoch: 1 } },
  reports: { kind: () => workerReports, usual: { type: "attempts-finished", worker: "w1", epoch: 1, attempts: [{ attempt, result, stats }, { attempt, result: part, stats }] } },
  "reports of executors": { kind: () => executorReports, usual: [{ type: "attempt-finished", attempt, result, stats }, { type: "attempt-finished", attempt, result: part, stats }, { type: "attempt-progressed", attempt, progress: { records: 1, bytes: 2, steps: 3 } }] },
  launches: { kind: commands, usual: launches },
  "launches of reduces": { kind: commands, usual: reduces },
};

type Holder = { [name: string]: unknown };

/** All that can be changed in a message: each is the message with one member missing, replaced or too much. */
function changes(message: unknown, strange: unknown): unknown[] {
  const changed: unknown[] = [];
  const visit = (path: readonly string[]): void => {
    const at = (root: unknown): Holder => path.reduce((holder, name) => holder[name] as Holder, root as Holder);
    const change = (how: (holder: Holder) => void): void => {
      const copy = structuredClone(message);
      how(at(copy));
      changed.push(copy);
    };
    for (const [name, value] of Object.entries(at(message))) {
      change((holder) => (Array.isArray(holder) ? holder.splice(Number(name), 1) : delete holder[name]));
      change((holder) => (holder[name] = strange));
      if (typeof value === "object" && value !== null) visit([...path, name]);
    }
    if (Array.isArray(at(message))) return;
    change((holder) => (holder["more"] = strange));
    change((holder) => Object.defineProperty(holder, "__proto__", { value: strange, enumerable: true, configurable: true, writable: true }));
  };
  visit([]);
  return changed;
}

const strange = fc.oneof(fc.constantFrom(-1, -0, 0, 1.5, 2 ** 53, Infinity, NaN, "", "../x", "none", "reduce", "attempt-failed", "rejected", attempt, `${attempt}\n`, "wc-7f3a_r_00005_0", [], {}, [split], { c: 1 }, null, true), fc.jsonValue());

for (const [name, { kind, usual }] of Object.entries(kinds)) {
  test(`of ${name}, the plainest are known at a glance`, (t) => {
    t.deepEqual(kind().quick(structuredClone(usual)), usual);
    t.deepEqual(kind().shape.parse(usual), usual);
  });

  test(`of ${name}, none is let through that its shape would refuse or change`, (t) => {
    const { shape, quick } = kind();
    let known = 0;
    fc.assert(
      fc.property(strange, (value) => {
        for (const message of changes(usual, value)) {
          const taken = quick(message);
          if (taken === undefined) continue;
          known++;
          t.deepEqual(taken, shape.parse(message));
        }
      }),
      { numRuns: 200 },
    );
    t.true(known > 0);
  });
}

test("launches of a job whose header has not been read are for the shape to judge", (t) => {
  const kind = workerCommands();
  t.is(kind.quick(launches), undefined);
  const first = kind.shape.parse(launches) as LaunchAttempts;
  t.is((kind.quick(structuredClone(launches)) as LaunchAttempts).header, first.header);
  t.is(kind.quick({ ...launches, header: { ...header, partitions: 2 } }), undefined);
});

test("a message names so many tasks and no more", (t) => {
  const of = (count: number): unknown[] => Array.from({ length: count }, () => map);
  const { quick, shape } = commands();
  t.truthy(quick({ ...launches, attempts: of(MOST_IN_MESSAGE) }));
  for (const count of [0, MOST_IN_MESSAGE + 1]) {
    t.is(quick({ ...launches, attempts: of(count) }), undefined);
    t.throws(() => shape.parse({ ...launches, attempts: of(count) }));
  }
});
