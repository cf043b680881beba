import { sameWithin } from "./harness/answers.js";
import type { Bench, Setting } from "./harness/bench.js";
import { dataset, type Data } from "./harness/data.js";
import { duckdb, millrace, pythonPeer } from "./harness/peers.js";
import type { Race } from "./harness/race.js";

export const groupBy: Bench = {
  id: "p5",
  claim: "group-by from CSV, by 100 and by 100,000 keys",
  notClaimed: ["Groups held in memory between queries: each run reads the CSV.", "Joins and windows of the db-benchmark."],
  size: { quick: 100e6, full: 500e6 },
  async prepare({ size, threads }) {
    const data = await dataset("groupby", size, "csv");
    return [race("by 100 keys (sum)", "group-few", data, threads), race("by 100,000 keys (sum, mean)", "group-many", data, threads)];
  },
};

function race(title: string, job: string, { path, bytes }: Data, threads: Setting["threads"]): Race {
  const programs = [
    millrace("Millrace", job, [path], threads),
    duckdb(job, path, threads),
    pythonPeer("polars", job, path, threads),
    pythonPeer("dask", job, path, threads, { mostRuns: 3 }),
    pythonPeer("pyspark", job, path, threads, { mostRuns: 3 }),
    pythonPeer("ray", job, path, threads, { mostRuns: 1 }),
  ];
  return { title: `Group-by ${title}`, data: `${Math.round(bytes / 1e6)} MB of CSV, nine columns`, bytes, answer: sameWithin(1e-9), programs };
}
