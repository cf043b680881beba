import { sameLines } from "./harness/answers.js";
import type { Bench } from "./harness/bench.js";
import { dataset } from "./harness/data.js";
import { duckdb, millrace, shell } from "./harness/peers.js";

/** Data to budget. */
const TIMES = 10;

export const memoryBudget: Bench = {
  id: "p10",
  claim: "memory: grouping ten times more data than the budget",
  notClaimed: ["The budget is for data; two Node processes and their threads take about 150 MB besides.", "User code that holds more than one group at a time."],
  size: { quick: 200e6, full: 2e9 },
  async prepare({ size, threads }) {
    const { path, bytes } = await dataset("groupby", size, "csv");
    const budget = Math.round(bytes / TIMES);
    const programs = [
      millrace("Millrace", "group-rows", [path], threads, ["--memory", String(budget)], { budget }),
      millrace("Millrace, all in memory", "group-rows", [path], threads, ["--memory", "8GB"]),
      duckdb("group-rows", path, threads, { env: { MEMORY_LIMIT: `${Math.max(64, Math.round(budget / 1e6))}MB` }, budget, mostRuns: 3 }),
      shell("GNU sort and mawk", "mawk", `tail -n +2 "$IN" | sort -t, -k3,3 -s --parallel=${threads} -S ${Math.round(budget / 1e6)}M | mawk -F, '$3 != k { if (n) print k "\\t" n "\\t" b; k = $3; n = b = 0 } { n++; b += length($0) } END { if (n) print k "\\t" n "\\t" b }' > "$OUT"`, path, { budget, mostRuns: 3 }),
    ];
    return [{ title: "Group in a tenth of the memory", data: `${Math.round(bytes / 1e6)} MB of CSV lines by 100,000 keys, budget ${Math.round(budget / 1e6)} MB`, bytes, answer: sameLines, programs }];
  },
};
