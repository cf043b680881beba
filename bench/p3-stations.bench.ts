import { sameWithin } from "./harness/answers.js";
import type { Bench } from "./harness/bench.js";
import { dataset } from "./harness/data.js";
import { duckdb, limitProgram, millrace, pythonPeer, shell } from "./harness/peers.js";

export const stations: Bench = {
  id: "p3",
  claim: "one billion row challenge: least, mean and greatest temperature of each station",
  notClaimed: ["A billion rows: the full run has 50 million.", "Hand-tuned parsers for this one format; ours and the peers' are general CSV readers (the C++ limit is not)."],
  // About 13.8 bytes a row: 50 million rows.
  size: { quick: 100e6, full: 690e6 },
  async prepare({ size, threads }) {
    const { path, bytes } = await dataset("measurements", size, "txt");
    const programs = [
      millrace("Millrace", "stations", [path], threads),
      limitProgram("stations.cpp", path, threads),
      duckdb("stations", path, threads),
      pythonPeer("polars", "stations", path, threads),
      pythonPeer("dask", "stations", path, threads, { mostRuns: 1 }),
      pythonPeer("pyspark", "stations", path, threads, { mostRuns: 3 }),
      pythonPeer("ray", "stations", path, threads, { mostRuns: 1 }),
      shell("mawk", "mawk", `mawk -F';' '{ v = $2 + 0; if (!($1 in n)) { lo[$1] = hi[$1] = v } if (v < lo[$1]) lo[$1] = v; if (v > hi[$1]) hi[$1] = v; s[$1] += v; n[$1]++ } END { for (k in n) printf "%s\\t%.1f\\t%.12g\\t%.1f\\n", k, lo[k], s[k] / n[k], hi[k] }' "$IN" > "$OUT"`, path, { note: "one thread", mostRuns: 3 }),
    ];
    return [{ title: "1BRC", data: `${Math.round(bytes / 1e6)} MB of station;temperature`, bytes, answer: sameWithin(1e-9), programs }];
  },
};
