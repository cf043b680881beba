import { existsSync } from "node:fs";
import { sameLines } from "./harness/answers.js";
import type { Bench } from "./harness/bench.js";
import { plainWords } from "./harness/data.js";
import { duckdb, millrace, nodePeer, pythonPeer } from "./harness/peers.js";

export const plainMap: Bench = {
  id: "p2",
  claim: "word count with an ordinary map(line, emit)",
  notClaimed: ["What a heavier map costs: it is the user's own time.", "Peers that run SQL do less general work than a map function; they are here for scale."],
  size: { quick: 100e6, full: 1e9 },
  async prepare({ size, threads }) {
    const { path, bytes } = await plainWords(size);
    // The lifted form appears with the operator; until then it is left out.
    const lifted = existsSync("bench/jobs/words-lifted.ts") ? [millrace("Millrace, lifted", "words-lifted", [path], threads)] : [];
    const programs = [
      millrace("Millrace, split", "words-split", [path], threads),
      millrace("Millrace, indexOf", "words-index-of", [path], threads),
      ...lifted,
      nodePeer("naive Node", "naive.mjs", "words", path, 1, { note: "readline, split and a Map; one thread" }),
      duckdb("words", path, threads),
      pythonPeer("dask", "words", path, threads, { mostRuns: 1, note: "bag of lines on processes" }),
    ];
    return [{ title: "Word count, plain map", data: `${Math.round(bytes / 1e6)} MB of words between spaces`, bytes, answer: sameLines, programs }];
  },
};
