/** A process may bundle several jobs at a time, by whichever part of the library: esbuild's process lives until the last one is bundled. */
import test from "ava";
import { bundleJob } from "../job/bundle.js";
import { LocalRuns } from "../testing/local-run.js";

const runs = new LocalRuns();
test.after.always(() => runs.close());

test("a job runs while others are bundled beside it, one after another", async (t) => {
  t.timeout(60_000);
  const job = runs.job("lines", `{ name: "lines", input: text(), map(line, emit) { emit(line); }, output: text() }`);
  const input = runs.write("in.txt", "a\nb\n");
  for (let times = 0; times < 3; times++) {
    let isRunning = true;
    const running = runs.run(job, { input }).finally(() => (isRunning = false));
    while (isRunning) await bundleJob(job, runs.folder);
    t.deepEqual((await running).parts, ["a\nb\n"]);
  }
});
