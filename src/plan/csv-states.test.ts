import test from "ava";
import fc from "fast-check";
import { parseJobId } from "../model/ids.js";
import type { JobSpec } from "../model/job-spec.js";
import type { InputFile } from "../model/split.js";
import type { CsvState, TaskResult } from "../model/task.js";
import { csvStartOf, csvStatesFromSurvey } from "./csv-states.js";
import type { Plan } from "./plan.js";
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
        const [split] = work.splits;
        const expected = scan(textOf(split!.file.path).slice(0, split!.start), "plain");
        t.is(states[index], expected);
        if (survey.length === 0) continue;
        t.is(csvStartOf(plan, { csvStates: states }, work, index), expected);
        t.is(csvStartOf(plan, { csvStates: states }, { type: "sample", splits: work.splits }, 0), expected);
      }
    }),
  );
});

test("before a survey all is presumed but how a file of one split begins, and nothing where there can be none", (t) => {
  const [short, long] = [5, 15].map((size) => ({ path: `f${size}`, size, mtime: "1", compression: "none" }) as const);
  const planOf = (files: readonly InputFile[]) => planJob({ job: parseJobId("csv-1"), spec, bundle: "b", planHash: "p", files, splitSize: 10 });
  const starts = (plan: Plan) => plan.stages.find((stage) => stage.kind === "map")?.tasks.map((work, index) => csvStartOf(plan, {}, work, index));
  t.deepEqual(starts(planOf([short!, long!, short!])), ["plain", "presumed-plain", "presumed-plain", "plain"]);
  t.deepEqual(starts(planOf([short!, short!])), [undefined, undefined]);
  t.is(csvStartOf(planOf([long!]), {}, { type: "survey", split: { file: long!, start: 0, end: 10 } }, 0), undefined);
});
