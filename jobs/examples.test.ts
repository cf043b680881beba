import { readFileSync, readdirSync } from "node:fs";
import test from "ava";
import { contentOf, examples } from "./testing/examples.js";
import { runExample } from "./testing/run-example.js";

for (const example of examples) {
  test.serial(`${example.job} gives the answer that is computed another way`, async (t) => {
    const expected = example.expected();
    t.true(expected.length > 3);
    t.deepEqual(contentOf(example, await runExample(example, { splitSize: 100_000 })), expected);
  });
}

test("every example is tested, is at most 50 lines long and begins with what it does", (t) => {
  const jobs = readdirSync("jobs").filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  t.deepEqual(jobs.map((name) => name.slice(0, -3)).sort(), examples.map((example) => example.job).sort());
  for (const name of jobs) {
    const source = readFileSync(`jobs/${name}`, "utf8");
    t.true(source.split("\n").length <= 51, name);
    t.regex(source, /^\/\*\* .+ \*\/\n/, name);
  }
});
