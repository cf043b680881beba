import { existsSync } from "node:fs";
import { noAnswer } from "./harness/answers.js";
import type { Bench } from "./harness/bench.js";
import { outputPath } from "./harness/data.js";

const STREAM = "dist/testing/fetch-stream.js";

export const blockFetch: Bench = {
  id: "p11",
  claim: "fetch of shuffle blocks between workers on loopback",
  notClaimed: ["A real network."],
  size: { quick: 1e9, full: 10e9 },
  prepare({ size, say }) {
    if (!existsSync("dist/worker/block-server.js")) {
      say("  skipped: this version has no block server");
      return [];
    }
    if (!existsSync(STREAM)) {
      say(`  skipped: ${STREAM}, which serves blocks and fetches them in one stream, is not there`);
      return [];
    }
    const output = outputPath("fetch.txt");
    const program = { name: "Millrace", output, command: ["bash", "-c", `"$NODE" ${STREAM} ${size} > "$OUT"`], env: { NODE: process.execPath, OUT: output }, note: "block server and fetcher in two processes, one stream, checksums verified" };
    return [{ title: "Block fetch", data: `${Math.round(size / 1e6)} MB in one stream over loopback`, bytes: size, answer: noAnswer, programs: [program] }];
  },
};
