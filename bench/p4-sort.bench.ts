import { sameBytes } from "./harness/answers.js";
import type { Bench } from "./harness/bench.js";
import { dataset } from "./harness/data.js";
import { duckdb, limitProgram, millrace, pythonPeer, shell } from "./harness/peers.js";

const BUDGET = 400e6;

export const teraSort: Bench = {
  id: "p4",
  claim: "TeraSort from file to file, in 400 MB for each GB",
  notClaimed: ["Skewed keys: these are uniform, as in the benchmark.", "Sorting across machines.", "The C++ limit, Polars and DuckDB's default hold all data in memory; ours and GNU sort keep to the budget."],
  size: { quick: 100e6, full: 1e9 },
  async prepare({ size, threads }) {
    const { path, bytes } = await dataset("teragen-text", size, "txt");
    const budget = Math.round((BUDGET * bytes) / 1e9);
    const programs = [
      millrace("Millrace", "tera-sort", [path], threads, ["--memory", String(budget)], { budget }),
      limitProgram("sort-records.cpp", path, threads),
      shell("GNU sort", "sort", `sort -k1.1,1.10 --parallel=${threads} -S ${Math.round(budget / 1e6)}M -o "$OUT" "$IN"`, path, { budget }),
      duckdb("sort", path, threads),
      pythonPeer("polars", "sort", path, threads),
      pythonPeer("pyspark", "sort", path, threads, { mostRuns: 3 }),
    ];
    return [{ title: "TeraSort", data: `${Math.round(bytes / 1e6)} MB of 100-byte records, 10-byte random keys`, bytes, answer: sameBytes, programs }];
  },
};
