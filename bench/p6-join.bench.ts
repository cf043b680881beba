import { sameWithin } from "./harness/answers.js";
import type { Bench } from "./harness/bench.js";
import { dataset, madeFile } from "./harness/data.js";
import { duckdb, millrace, pythonPeer } from "./harness/peers.js";

const KEYS = 100_000;
const CATEGORIES = 50;

export const join: Bench = {
  id: "p6",
  claim: "join with a table of 100,000 rows, then aggregate",
  notClaimed: ["Joins of two large tables.", "Data in memory already: each run reads the CSV; without that DuckDB's join is faster."],
  // About 52 bytes a row: 10 million rows.
  size: { quick: 50e6, full: 520e6 },
  async prepare({ size, threads }) {
    const { path, bytes } = await dataset("groupby", size, "csv");
    const table = madeFile("categories.csv", () => `id6,category\n${Array.from({ length: KEYS }, (_, i) => `${i + 1},c${(i * 7919) % CATEGORIES}`).join("\n")}\n`);
    const env = { CATEGORIES: table.path };
    const programs = [
      millrace("Millrace", "join", [path], threads),
      duckdb("join", path, threads, { env }),
      pythonPeer("polars", "join", path, threads, { env }),
      pythonPeer("dask", "join", path, threads, { env, mostRuns: 3 }),
      pythonPeer("pyspark", "join", path, threads, { env, mostRuns: 3 }),
    ];
    return [{ title: "Join and aggregate", data: `${Math.round(bytes / 1e6)} MB of CSV joined with 100,000 rows, sum by ${CATEGORIES} categories`, bytes, answer: sameWithin(1e-9), programs }];
  },
};
