import { existsSync } from "node:fs";
import { noAnswer } from "./harness/answers.js";
import type { Bench } from "./harness/bench.js";
import { outputPath } from "./harness/data.js";

export const blockFetch: Bench = {
  id: "p11",
  claim: "fetch of shuffle blocks between workers on loopback",
  notClaimed: ["A real network.", "The time in the table holds the making of the file and two processes; the rate of the stream alone is in the report."],
  size: { quick: 1e9, full: 10e9 },
  prepare({ size, say }) {
    if (!existsSync("dist/worker/block-server.js")) {
      say("  skipped: this version has no block server");
      return [];
    }
    const output = outputPath("fetch.txt");
    const script = `mkdir -p "$OUT.files" && "$NODE" bench/peers/fetch-stream.mjs ${size} "$OUT.files" > "$OUT"`;
    const program = { name: "Millrace", output, command: ["bash", "-c", script], env: { NODE: process.execPath, OUT: output }, reports: true };
    return [{ title: "Block fetch", data: `${Math.round(size / 1e6)} MB in one stream over loopback`, bytes: size, answer: noAnswer, programs: [program] }];
  },
};
