/**
 * Runs the matrix of cells.ts and prints a table of kinds and phases. Ends with 1 when a cell failed. A cell's name and seed run it
 * again: `--cells "worker killed @ barrier" --from 3 --seeds 1`.
 * With `--log` results are kept there, and runs that have one are not repeated: a long run can go on another day.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { allCells, type Cell } from "./cells.js";
import { runCell, type CellResult } from "./run-cell.js";
import { resultTable } from "./result-table.js";
import { toolOptions } from "../usage.js";

const USAGE = `npm run chaos -- [--cells <pattern>] [--seeds <n>] [--from <seed>] [--at-once <n>] [--minutes <n>] [--log <file>] [--out <file>] [--verbose]
  --cells    regular expression that the names of cells must match (default: all)
  --seeds    how often each cell runs, each time with another seed (default 1), from --from (default 1)
  --at-once  clusters side by side (default 2)
  --minutes  begins no run after that (default 600)
  --log      file of results; runs that have one there are not repeated
  --out      file for the table
  --verbose  shows what the processes of a failed run said`;

const values = toolOptions(USAGE, { cells: { type: "string", default: "" }, seeds: { type: "string", default: "1" }, from: { type: "string", default: "1" }, "at-once": { type: "string", default: "2" }, out: { type: "string" }, log: { type: "string" }, minutes: { type: "string", default: "600" }, verbose: { type: "boolean", default: false } });
const cells = allCells().filter(({ name }) => new RegExp(values.cells).test(name));
const first = Number(values.from);
const pending = Array.from({ length: Number(values.seeds) }, (_, i) => first + i).flatMap((seed) => cells.map((cell) => ({ cell, seed })));
const total = pending.length;
const results = pending.flatMap(({ cell, seed }) => known(cell, seed) ?? []);
for (const { cell, seed } of results) pending.splice(pending.findIndex((other) => other.cell === cell && other.seed === seed), 1);

const begun = performance.now();

async function work(): Promise<void> {
  for (let next = pending.shift(); next !== undefined && performance.now() - begun < Number(values.minutes) * 60_000; next = pending.shift()) {
    const result = await runCell(next.cell, next.seed);
    results.push(result);
    const { cell, logs, ...rest } = result;
    if (values.log !== undefined) appendFileSync(values.log, `${JSON.stringify({ name: cell.name, ...rest })}\n`);
    const outcome = result.skipped === true ? "skipped" : result.problem === undefined ? "exact" : `FAILED: ${result.problem}`;
    console.error(`${results.length}/${total} ${next.cell.name}, seed ${next.seed}: ${outcome} (${(result.millis / 1000).toFixed(1)} s)`);
    if (result.problem !== undefined && values.verbose && logs !== undefined) console.error(logs);
  }
}

await Promise.all(Array.from({ length: Number(values["at-once"]) }, work));
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
const head = `Command: \`npm run chaos -- ${process.argv.slice(2).join(" ")}\`. Commit ${commit}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}, ${((performance.now() - begun) / 60_000).toFixed(1)} minutes.`;
const table = `${head}\n\n${resultTable(results)}`;
console.log(table);
if (values.out !== undefined) writeFileSync(values.out, table);
process.exit(results.some(({ problem }) => problem !== undefined) ? 1 : 0);

function known(cell: Cell, seed: number): CellResult | undefined {
  for (const line of values.log !== undefined && existsSync(values.log) ? readFileSync(values.log, "utf8").trim().split("\n") : []) {
    const { name, ...rest } = JSON.parse(line) as Omit<CellResult, "cell"> & { readonly name: string };
    if (name === cell.name && rest.seed === seed) return { cell, ...rest };
  }
  return undefined;
}
