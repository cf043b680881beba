/**
 * `npm run bench -- [ids] [--size 1GB] [--runs 5] [--threads 2] [--full] [--seed 7]`: runs benches and writes what they
 * found to bench/results: <id>.json, <id>.md and a chart for each race. Without ids all of them run.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseSize } from "../datasets/size.js";
import { benches } from "./benches.js";
import { barChart } from "./harness/bar-chart.js";
import type { Bench } from "./harness/bench.js";
import { thisMachine } from "./harness/machine.js";
import { ratioChart } from "./harness/ratio-chart.js";
import { runRace, type RaceResult } from "./harness/race.js";
import { chartName, toMarkdown, type BenchResult } from "./harness/report.js";
import { summaryTable, withTable } from "./harness/summary.js";

const RESULTS = "bench/results";
const DOCS = "docs/performance.md";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: "string" },
    runs: { type: "string", default: "5" },
    threads: { type: "string", default: "2" },
    full: { type: "boolean", default: false },
    only: { type: "string" },
    races: { type: "string" },
    seed: { type: "string", default: "7" },
    docs: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) {
  console.log(`npm run bench -- [ids] [options]

  --size <size>    bytes of input (tasks, where there is none), such as 1GB
  --full           the size of the claim; it takes long
  --runs <n>       counted runs of each program (default 5)
  --threads <n>    of ours and of each peer that can be told (default 2)
  --only <words>   only programs whose names hold one of these, between commas; ours always runs
  --races <words>  only races whose titles hold one of these, between commas
  --seed <n>       of the data of shapes (default 7)
  --docs           writes the table of shapes into docs/performance.md

${benches.map(({ id, claim }) => `  ${id.padEnd(6)} ${claim}`).join("\n")}`);
} else {
  const wanted = positionals.length === 0 ? benches : positionals.map(findBench);
  for (const bench of wanted) await runBench(bench);
}

async function runBench(bench: Bench): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const threads = Number(values.threads);
  const size = values.size === undefined ? (values.full ? bench.size.full : bench.size.quick) : parseSize(values.size);
  say(`${bench.id}: ${bench.claim}`);
  const races: RaceResult[] = [];
  const setting = { size, threads, seed: Number(values.seed), say, wants: (title: string): boolean => holdsOne(title, values.races) };
  for (const race of await bench.prepare(setting)) {
    if (!setting.wants(race.title)) continue;
    say(` ${race.title}: ${race.data}`);
    const programs = race.programs.filter(({ name }, i) => i === 0 || holdsOne(name, values.only));
    races.push(await runRace({ ...race, programs }, Number(values.runs), say));
  }
  if (races.length > 0) write(bench, { id: bench.id, claim: bench.claim, notClaimed: bench.notClaimed, machine: thisMachine(), threads, date: new Date().toISOString().slice(0, 10), races });
}

function holdsOne(name: string, words: string | undefined): boolean {
  return words === undefined || words.split(",").some((word) => name.toLowerCase().includes(word.toLowerCase()));
}

function write({ summed = false }: Bench, result: BenchResult): void {
  const { id, machine, races } = result;
  const footer = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, commit ${machine.commit}, ${result.date}`;
  const charts = summed ? [ratioChart(races, footer)] : races.map((race) => barChart(race, footer));
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${id}.json`), `${JSON.stringify(result, null, 1)}\n`);
  charts.forEach((chart, i) => writeFileSync(join(RESULTS, chartName(id, i)), chart));
  const markdown = toMarkdown(result, summed);
  writeFileSync(join(RESULTS, `${id}.md`), markdown);
  if (summed && values.docs) writeFileSync(DOCS, withTable(readFileSync(DOCS, "utf8"), id, `${summaryTable(races)}\n\n${footer}.`));
  console.log(markdown);
}

function findBench(id: string): Bench {
  const found = benches.find((bench) => bench.id === id.toLowerCase());
  if (found !== undefined) return found;
  throw new RangeError(`There is no bench ${id}; there are ${benches.map((bench) => bench.id).join(", ")}`);
}
