import { sameLines } from "./harness/answers.js";
import type { Bench } from "./harness/bench.js";
import { madeFile } from "./harness/data.js";
import { duckdb, millrace, nodePeer, pythonPeer } from "./harness/peers.js";

export const startUp: Bench = {
  id: "p7",
  claim: "start-up: a job over one line, from the start of the command to its exit",
  notClaimed: ["Node's own start is in it twice: the command and the executor that runs user code apart from it.", "A cold disk."],
  size: { quick: 1, full: 1 },
  prepare({ threads }) {
    const { path } = madeFile("one-line.txt", () => "the quick brown fox jumps over the lazy dog\n");
    const programs = [
      millrace("Millrace", "words-split", [path], threads),
      nodePeer("bare Node", "naive.mjs", "words", path, 1, { note: "the naive program: what Node itself takes to start" }),
      duckdb("words", path, threads),
      pythonPeer("polars", "words", path, threads),
      pythonPeer("dask", "words", path, threads, { mostRuns: 3 }),
      pythonPeer("pyspark", "words", path, threads, { mostRuns: 3 }),
      pythonPeer("ray", "words", path, threads, { mostRuns: 1 }),
    ];
    return [{ title: "Start-up", data: "word count of one line", answer: sameLines, programs }];
  },
};
