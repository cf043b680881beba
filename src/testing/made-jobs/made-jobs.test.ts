/**
 * Whole jobs made from seeds, over files made from them, give what plain arrays and maps give: all formats, types, aggregators and ways
 * of mapping meet each other, and splits, partitions, threads, memory and kernels of any kind. `JOBS=500 SEED=1000` runs 500
 * of them from seed 1000 on; a failure names its seed, and `JOBS=1 SEED=n` runs that one again.
 */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { LocalRuns } from "../local-run.js";
import { Chance } from "./chance.js";
import { makeJob } from "./made-job.js";
import { makeTable, type MadeColumn } from "./made-table.js";
import { FORMATS, writeTable } from "./table-files.js";

const FIRST = Number(process.env["SEED"] ?? 1);
const JOBS = Number(process.env["JOBS"] ?? 40);
const MOST_ROWS = Number(process.env["ROWS"] ?? 3_000);

const runs = new LocalRuns();
test.after.always(() => runs.close());

for (let seed = FIRST; seed < FIRST + JOBS; seed++) {
  test.serial(`the job of seed ${seed}`, async (t) => {
    const chance = new Chance(seed);
    const format = chance.pick(FORMATS);
    const written = makeTable(chance, chance.size(MOST_ROWS)).map((column) => (format === "tsv" ? withoutEmpty(column) : column));
    const table = written.map(withoutNegativeZero);
    const input = join(runs.folder, `in-${seed}`);
    mkdirSync(input);
    const { bytes, options } = writeTable(input, written, format, chance);
    const { source, expected } = makeJob(table, format, options, chance);
    const job = runs.write(`job-${seed}.ts`, source);
    const way = { splitSize: 1 + chance.below(chance.pick([bytes / 8, 2 * bytes, 1e6]) + 50), partitions: 1 + chance.below(5), threads: 1 + chance.below(3), memory: chance.pick([20_000, 300_000, 1 << 28]) };
    const jitless = chance.happens(0.15);
    const told = `seed ${seed}, ${JSON.stringify({ ...way, jitless })}\n${source}`;
    if (jitless) process.env["NODE_OPTIONS"] = "--jitless";
    try {
      const { manifest, output } = await runs.run(job, { input, ...way });
      const lines = manifest.parts.flatMap(({ file }) => readFileSync(join(output, file), "utf8").split("\n").slice(0, -1));
      t.is(firstDifference(lines, expected), undefined, told);
      rmSync(output, { recursive: true });
      rmSync(input, { recursive: true });
    } catch (error) {
      t.fail(`${String(error)}\n${told}`);
    } finally {
      delete process.env["NODE_OPTIONS"];
    }
  });
}

/** TSV has no empty text beside null. */
function withoutEmpty(column: MadeColumn): MadeColumn {
  return column.nullable ? { ...column, values: column.values.map((value) => (value === "" ? null : value)) } : column;
}

/** As jobs see it. */
function withoutNegativeZero(column: MadeColumn): MadeColumn {
  return { ...column, values: column.values.map((value) => (value === 0 ? 0 : value)) };
}

/** Of two sets of lines. */
function firstDifference(actual: readonly string[], expected: readonly string[]): object | undefined {
  const [ours, theirs] = [[...actual].sort(), [...expected].sort()];
  const at = ours.findIndex((line, i) => line !== theirs[i]);
  if (at < 0 && ours.length === theirs.length) return undefined;
  return { actual: ours.at(at)?.slice(0, 1000), expected: theirs.at(at)?.slice(0, 1000), lines: ours.length, expectedLines: theirs.length };
}
