import test from "ava";
import fc from "fast-check";
import { parseJobId } from "../model/ids.js";
import type { JobSpec } from "../model/job-spec.js";
import type { CsvState, TaskResult } from "../model/task.js";
import { csvStateAt, csvStatesFromSurvey } from "./csv-states.js";
import { planJob } from "./plan-job.js";

const spec: JobSpec = {
  name: "csv",
  input: { paths: [], format: "csv", delimiter: ",", header: true },
  sides: {},
  map: { style: "record", concurrency: 1 },
  output: { format: "text" },
  badRecords: { action: "fail" },
  params: {},
};

/** State of a scan of the whole text, byte by byte. */
function scan(text: string, state: CsvState): CsvState {
  for (const char of text) {
    if (state === "plain") state = char === '"' ? "quoted" : "plain";
    else if (state === "quoted") state = char === '"' ? "quote-in-quoted" : "quoted";
    else state = char === '"' ? "quoted" : "plain";
  }
  return state;
}

test("states strung together from surveys are those of a scan from the start of each file", (t) => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('"', "a", "\n") , maxLength: 30 }), { maxLength: 4 }), fc.integer({ min: 1, max: 9 }), (texts, splitSize) => {
      const files = texts.map((text, index) => ({ path: `f${index}`, size: text.length, mtime: "1", compression: "none" }) as const);
      const plan = planJob({ job: parseJobId("csv-1"), spec, bundle: "b", planHash: "p", files, splitSize });
      const textOf = (path: string) => texts[Number(path.slice(1))] ?? "";
      const survey = plan.stages.find((stage) => stage.kind === "survey")?.tasks ?? [];
      const results = survey.map((work): TaskResult => {
        if (work.type !== "survey") throw new Error(work.type);
        const text = textOf(work.split.file.path).slice(work.split.start, work.split.end);
        return { type: "survey", transitions: { plain: scan(text, "plain"), quoted: scan(text, "quoted"), "quote-in-quoted": scan(text, "quote-in-quoted") } };
      });
      const states = csvStatesFromSurvey(plan, results);
      const maps = plan.stages.find((stage) => stage.kind === "map")?.tasks ?? [];
      t.is(states.length, maps.length);
      for (const [index, work] of maps.entries()) {
        if (work.type !== "map") throw new Error(work.type);
        const expected = scan(textOf(work.split.file.path).slice(0, work.split.start), "plain");
        t.is(states[index], expected);
        t.is(csvStateAt(plan, { csvStates: states }, work.split), expected);
      }
    }),
  );
});

test("without a survey every split begins outside quotes", (t) => {
  const file = { path: "a", size: 5, mtime: "1", compression: "none" } as const;
  const plan = planJob({ job: parseJobId("csv-1"), spec, bundle: "b", planHash: "p", files: [file] });
  t.deepEqual(csvStatesFromSurvey(plan, []), ["plain"]);
  t.is(csvStateAt(plan, {}, { file, start: 0, end: 5 }), "plain");
});
