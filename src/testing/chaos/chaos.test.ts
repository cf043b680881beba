/** A few cells of the matrix, the ones that most can go wrong in; `npm run chaos` runs all of them. */
import test from "ava";
import { allCells } from "./cells.js";
import { runCell } from "./run-cell.js";

const CELLS = [
  "all workers killed, new ones come @ mapping",
  "worker frozen past its lease @ reducing",
  "coordinator frozen, replaced, wakes up @ job.commit",
  "all killed, all started again @ commit.before-rename",
  "blocks: a bit flipped @ mapping",
  "worker dies @ shuffle.serve",
  "disk full on one worker @ map output",
  "EIO from fsync on one worker @ mapping",
  "what a worker sends is lost past its lease @ mapping",
  "two workers cut off from each other @ accepted",
  "NATS cluster: leader killed, started again @ mapping",
];
const seed = Number(process.env["SEED"] ?? 1);

for (const name of CELLS) {
  test.serial(`the output is exact and nothing is left over after: ${name}`, async (t) => {
    const cell = allCells().find((each) => each.name === name);
    if (cell === undefined) return t.fail(`There is no cell ${name}`);
    const { problem, logs = "", skipped } = await runCell(cell, seed);
    if (skipped === true) t.log("SKIPPED: it needs a nats-server, or root, or strace");
    t.is(problem, undefined, `SEED=${seed}\n${logs}`);
  });
}
