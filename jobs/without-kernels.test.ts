/**
 * Where kernels cannot run, their plain twins do all the work: every example gives the same bytes. Node without a
 * compiler (--jitless) has no WebAssembly; executors inherit that from the environment.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { runLocal } from "millrace";
import { examples } from "./testing/examples.js";
import { runExample } from "./testing/run-example.js";

async function withoutKernels<T>(run: () => Promise<T>): Promise<T> {
  const before = process.env["NODE_OPTIONS"];
  process.env["NODE_OPTIONS"] = "--jitless";
  try {
    return await run();
  } finally {
    if (before === undefined) delete process.env["NODE_OPTIONS"];
    else process.env["NODE_OPTIONS"] = before;
  }
}

test.serial("executors that are told so have no WebAssembly", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-jitless-"));
  try {
    const job = join(folder, "job.ts");
    writeFileSync(job, `import { defineJob, text, tsv, t } from "millrace";\nexport default defineJob({ name: "probe", input: text(), map(_: string, emit) { emit([typeof WebAssembly]); }, output: tsv({ columns: { kind: t.utf8() } }) });\n`);
    writeFileSync(join(folder, "in.txt"), "one line\n");
    const output = join(folder, "out");
    await withoutKernels(() => runLocal(job, { input: [join(folder, "in.txt")], output }).result);
    t.is(readFileSync(join(output, "part-00000.tsv"), "utf8"), "undefined\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.serial("explain says that the plain path is taken, and why", (t) => {
  const explain = (job: string, input: string, ...flags: string[]): string => execFileSync(process.execPath, [...flags, "dist/cli/main.cjs", "explain", `jobs/${job}.ts`, "-i", input], { encoding: "utf8" });
  const speech = "datasets/sotu/1790_george_washington_n.txt";
  const paths: readonly (readonly [string, string, string])[] = [
    ["word-families", speech, "path: plain, a call for each word, because"],
    ["weather-by-month", "datasets/weather/weather.csv", "path: cell by cell, because"],
    ["errors-by-section", speech, "path: line by line, because"],
  ];
  for (const [job, input, path] of paths) {
    t.true(explain(job, input, "--jitless").includes(`${path} this Node has no WebAssembly`), job);
    t.regex(explain(job, input), /path: (a kernel|kernels) /);
  }
});

for (const example of examples) {
  test.serial(`${example.job} gives the same bytes without kernels`, async (t) => {
    const way = { splitSize: 100_000, memory: 200_000 };
    t.deepEqual(await withoutKernels(() => runExample(example, way)), await runExample(example, way));
  });
}
