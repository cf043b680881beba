import { spawnSync } from "node:child_process";
import { noAnswer } from "./harness/answers.js";
import type { Bench } from "./harness/bench.js";
import { madeFile } from "./harness/data.js";
import { millrace, pythonPeer } from "./harness/peers.js";
import type { Program } from "./harness/program.js";

/** Each line is a split of its own. */
const LINE = "a line\n";

export const emptyTasks: Bench = {
  id: "p8",
  claim: "empty tasks through coordinator, scheduler with leases, transport and executor",
  notClaimed: ["The rate is that of whole processes, their start and commit included.", "Tasks of the peers return nothing; ours also open their split and report to a journal of attempts."],
  size: { quick: 10_000, full: 10_000 },
  prepare({ size: tasks, threads }) {
    const { path } = madeFile(`lines-${tasks}.txt`, () => LINE.repeat(tasks));
    const split = ["--split-size", String(LINE.length), "--partitions", "1"];
    const programs: Program[] = [
      millrace("Millrace", "no-op", [path], threads, split, { note: `one file of ${tasks} lines, a split and so a map task for each, which emits nothing; one reduce` }),
      overNats(millrace("Millrace over NATS", "no-op", [path], threads, split)),
      pythonPeer("dask", "tasks", String(tasks), threads, { mostRuns: 3, note: "distributed scheduler, client.map of a function that returns nothing" }),
      pythonPeer("ray", "tasks", String(tasks), threads, { mostRuns: 3, note: "remote functions" }),
      pythonPeer("pyspark", "tasks", String(tasks), threads, { mostRuns: 3, note: "a partition for each task" }),
    ];
    return [{ title: "Empty tasks", data: `${tasks.toLocaleString("en")} tasks`, tasks, answer: noAnswer, programs }];
  },
};

/** The same through `millrace up` and `millrace submit`, where this version has them. */
function overNats(program: Program): Program {
  const help = spawnSync(process.execPath, ["dist/cli/main.cjs", "--help"], { encoding: "utf8" }).stdout;
  if (!/^\s+up\b/m.test(help) || !/^\s+submit\b/m.test(help)) return { ...program, missing: "this version has no `millrace up`" };
  const [, , , job, , input, , output, , threads, ...flags] = program.command;
  const command = [process.execPath, "bench/peers/over-nats.mjs", job!, input!, output!, threads!, ...flags.filter((flag) => flag !== "--quiet")];
  return { ...program, command, note: "nats-server, coordinator and one worker started for the run" };
}
