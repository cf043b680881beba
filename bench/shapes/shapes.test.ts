/** Each shape, made small and read in small splits, has the answer that DuckDB gives. `SEED=n` takes other data. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import test from "ava";
import { runLocal } from "millrace";
import { madeFile } from "../harness/data.js";
import { duckdbQuery, SIDE_FILE, sideRows } from "./peer-query.js";
import { shapes } from "./shapes.js";
import { writeTable } from "./table.js";

const seed = Number(process.env["SEED"] ?? 7);
const bytes = Number(process.env["BYTES"] ?? 60_000);
const splitSize = 7_000 + (seed % 1_000);
const folder = mkdtempSync(join(tmpdir(), "millrace-shapes-"));
const side = madeFile(SIDE_FILE, sideRows).path;
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

for (const [i, shape] of shapes.entries()) {
  test.serial(shape.title, async (t) => {
    t.timeout(600_000);
    // A few of the small files are as telling as all.
    const table = shape.table.files === undefined ? shape.table : { ...shape.table, files: 5 };
    const input = join(folder, `in-${i}`);
    await writeTable(input, table, bytes, seed);
    const [ours, theirs] = [join(folder, `out-${i}`), join(folder, `duckdb-${i}`)];
    await runLocal(`bench/jobs/${shape.job}.ts`, { input, output: ours, threads: 2, splitSize, partitions: 3 }).result;
    // DuckDB reads the same rows as CSV where it cannot read them as they are.
    const twin = { ...table, format: table.format === "arrow" ? ("csv" as const) : table.format };
    if (twin.format !== table.format) await writeTable(`${input}.csv`, twin, bytes, seed);
    await copyFromDuckdb(duckdbQuery({ ...shape, table: twin }, twin.format === table.format ? input : `${input}.csv`, side)!, theirs);
    const [own, other] = [ours, theirs].map((output) => shape.answer.read({ name: output, output, command: [] }));
    t.true(own!.length > 0);
    t.true(shape.answer.equal(own!, other!));
  });
}

test("a table depends on its seed alone", async (t) => {
  const { table } = shapes[4]!;
  const contents = [];
  for (const seed of [1, 1, 2]) {
    const path = join(folder, `seed-${contents.length}`);
    await writeTable(path, table, 5_000, seed);
    contents.push(readFileSync(path, "utf8"));
  }
  t.is(contents[0], contents[1]);
  t.not(contents[0], contents[2]);
});

async function copyFromDuckdb(query: string, output: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${output}' (FORMAT csv, DELIMITER '\t', HEADER false, QUOTE '', ESCAPE '')`);
  connection.closeSync();
  instance.closeSync();
}
