import type { Bench, Setting } from "./harness/bench.js";
import { madeFile } from "./harness/data.js";
import { millrace, nodePeer, pythonPeer } from "./harness/peers.js";
import type { Race } from "./harness/race.js";
import { duckdbQuery, polarsQuery, SIDE_FILE, sideRows } from "./shapes/peer-query.js";
import { shapes, type Shape } from "./shapes/shapes.js";
import { tableData } from "./shapes/table.js";

export const shapesOfData: Bench = {
  id: "shapes",
  claim: "jobs over many shapes of data",
  notClaimed: ["A start of one of ours takes 0.3 to 0.4 s of processor time, of DuckDB's 0.1 s: small sizes compare starts.", "Tools that know less than general readers do."],
  size: { quick: 20e6, full: 200e6 },
  summed: true,
  async prepare(setting) {
    const races: Race[] = [];
    for (const shape of shapes) if (setting.wants(shape.title)) races.push(await race(shape, setting));
    return races;
  },
};

async function race(shape: Shape, { size, seed, threads }: Setting): Promise<Race> {
  const { title, table, job, answer, polars } = shape;
  const { path, bytes } = await tableData(table, size, seed);
  const side = madeFile(SIDE_FILE, sideRows).path;
  const query = duckdbQuery(shape, path, side);
  const programs = [
    millrace("Millrace", job, [path], threads),
    nodePeer("DuckDB", "duckdb-sql.mjs", job, path, threads, { env: { QUERY: query ?? "" }, ...(query === undefined ? { missing: "reads no Arrow without an extension" } : {}) }),
    ...(polars ? [pythonPeer("polars", job, path, threads, { env: { QUERY: polarsQuery(shape, path, side) } }, "polars_sql.py")] : []),
  ];
  return { title, data: `${Math.round(bytes / 1e6)} MB, ${table.name}, seed ${seed}`, bytes, answer, programs };
}
