import { noAnswer } from "./harness/answers.js";
import type { Bench } from "./harness/bench.js";
import { outputPath } from "./harness/data.js";
import type { Race } from "./harness/race.js";

/** A tenth of the size shows whether time grows faster than the work. */
const SMALLER = 10;

export const schedulerScale: Bench = {
  id: "p9",
  claim: "the scheduler alone: a simulated cluster of 10,000 workers and a job of 1,000,000 tasks",
  notClaimed: ["The virtual cluster's own time is in it.", "Messages are not encoded or sent here."],
  size: { quick: 100_000, full: 1_000_000 },
  prepare({ size: tasks }) {
    return [race(tasks / SMALLER), race(tasks)];
  },
};

function race(tasks: number): Race {
  const workers = Math.max(10, tasks / 100);
  const output = outputPath(`scale-${tasks}.txt`);
  const script = `"$NODE" dist/testing/simulation/scale.js ${workers} ${tasks} > "$OUT"`;
  const program = { name: "Millrace's scheduler", output, command: ["bash", "-c", script], env: { NODE: process.execPath, OUT: output }, reports: true };
  return { title: `Scheduler, ${tasks.toLocaleString("en")} tasks`, data: `${workers.toLocaleString("en")} one-slot workers, leases on, one worker in a hundred lost half-way`, tasks, answer: noAnswer, programs: [program] };
}
