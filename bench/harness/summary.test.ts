import test from "ava";
import type { RaceResult } from "./race.js";
import { ratioOf, summaryTable, withTable } from "./summary.js";

const race: RaceResult = {
  title: "words",
  data: "",
  bytes: 2e6,
  answers: "",
  entries: [
    { name: "Ours", samples: [3, 1, 2].map((seconds) => ({ seconds, peakBytes: seconds * 1e6, processorSeconds: seconds * 2 })) },
    { name: "Peer", samples: [{ seconds: 4, peakBytes: 5e6, processorSeconds: 8 }] },
    { name: "Other", samples: [], missing: "no tool" },
  ],
};

test("a race is a row of medians, with what did not run and the ratio of processor times", (t) => {
  t.is(summaryTable([race]).split("\n").at(-1), "| words | 2 | 2.00 s / 4.00 s / 3 MB | 4.00 s / 8.00 s / 5 MB | no tool | 0.50 |");
  t.is(ratioOf({ ...race, entries: [race.entries[0]!, race.entries[2]!] }), undefined);
});

test("the table takes the place between its comments, and only that", (t) => {
  const text = "before\n<!-- x begin -->\nold\n<!-- x end -->\nafter\n";
  t.is(withTable(text, "x", "new"), "before\n<!-- x begin -->\nnew\n<!-- x end -->\nafter\n");
  t.throws(() => withTable(text, "y", "new"), { instanceOf: RangeError });
});
