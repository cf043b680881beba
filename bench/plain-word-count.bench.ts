/**
 * Word count with an ordinary map against the naive Node program, as whole processes in turn (A B A B ...):
 * `npm run bench -- [--size 256MB] [--runs 5]`. Answers are compared before a time counts.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generateTo } from "../datasets/generate-to.js";
import { parseSize } from "../datasets/size.js";

const { values } = parseArgs({ options: { size: { type: "string", default: "256MB" }, runs: { type: "string", default: "5" }, threads: { type: "string", default: "2" } } });
const bytes = parseSize(values.size);
const folder = "bench/data";
mkdirSync(folder, { recursive: true });
const input = join(folder, `text-${bytes}.txt`);
if (!existsSync(input)) await generateTo(input, { kind: "text", bytes, seed: 7 });

const naiveOutput = join(folder, "naive.tsv");
const ourOutput = join(folder, "millrace-out");
const programs: Record<string, { command: string[]; answer: () => string }> = {
  naive: { command: ["bench/peers/naive-word-count.mjs", input, naiveOutput], answer: () => sorted([naiveOutput]) },
  millrace: {
    command: ["dist/cli/main.js", "run", "bench/jobs/split-words.ts", "-i", input, "-o", ourOutput, "--threads", values.threads, "--overwrite", "--quiet"],
    answer: () => sorted(readdirSync(ourOutput).filter((name) => name.startsWith("part-")).map((name) => join(ourOutput, name))),
  },
};

const times: Record<string, number[]> = { naive: [], millrace: [] };
let answer: string | undefined;
for (let run = 0; run <= Number(values.runs); run++) {
  for (const [name, program] of Object.entries(programs)) {
    const started = performance.now();
    const { status, stderr } = spawnSync(process.execPath, program.command, { encoding: "utf8" });
    const seconds = (performance.now() - started) / 1000;
    if (status !== 0) throw new Error(`${name} failed:\n${stderr}`);
    // The first run fills the page cache and shows the answers.
    if (run > 0) times[name]!.push(seconds);
    else if (answer === undefined) answer = program.answer();
    else if (program.answer() !== answer) throw new Error("The answers differ");
  }
}

console.log(`word count, plain map, ${values.size} (${bytes} bytes), ${values.threads} threads against 1, ${values.runs} runs in turn; answers equal`);
console.log(`${cpus()[0]?.model ?? "?"} x ${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GiB, node ${process.version}, commit ${execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim()}`);
for (const [name, all] of Object.entries(times)) {
  console.log(`${name.padEnd(9)} median ${median(all).toFixed(2)} s (${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)}), ${Math.round(bytes / 1e6 / median(all))} MB/s`);
}
console.log(`ratio ${(median(times["naive"]!) / median(times["millrace"]!)).toFixed(2)}`);
rmSync(naiveOutput);
rmSync(ourOutput, { recursive: true });

function median(numbers: readonly number[]): number {
  const sorted_ = [...numbers].sort((a, b) => a - b);
  return sorted_[Math.floor(sorted_.length / 2)]!;
}

function sorted(files: readonly string[]): string {
  return files.flatMap((file) => readFileSync(file, "utf8").split("\n").filter(Boolean)).sort().join("\n");
}
