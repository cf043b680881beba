/**
 * The output does not depend on how a job is run: for each split size and number of partitions the part files
 * are the same bytes on any number of threads and with any memory, and their content is the same for all.
 * `MATRIX=full` runs every combination; otherwise each pair of split size and partitions is run twice, with
 * threads and memory taken in turn.
 */
import { createHash } from "node:crypto";
import test from "ava";
import { contentOf, examples, type Example } from "./testing/examples.js";
import { runExample } from "./testing/run-example.js";

const SPLITS = [64 << 10, 65_521, 1 << 20, 2 ** 40];
const PARTITIONS = [1, 7, 10];
const WAYS = [1, 2, 4].flatMap((threads) => [{ threads, memory: 1 << 30 }, { threads, memory: 40_000 }]);
const isFull = process.env["MATRIX"] === "full";

function sha256(parts: readonly Uint8Array[]): string {
  return parts.map((part) => createHash("sha256").update(part).digest("hex")).join(" ");
}

function partitionsOf({ job }: Example): readonly (number | undefined)[] {
  return ["grep", "airports-to-jsonl"].includes(job) ? [undefined] : PARTITIONS;
}

let turn = 0;

for (const example of examples) {
  test.serial(`${example.job} gives the same bytes however it is run`, async (t) => {
    t.timeout(600_000);
    let content: string | undefined;
    for (const splitSize of SPLITS) {
      for (const partitions of partitionsOf(example)) {
        const ways = isFull ? WAYS : [WAYS[turn % WAYS.length]!, WAYS[(turn + 3) % WAYS.length]!];
        turn++;
        let bytes: string | undefined;
        for (const way of ways) {
          const place = `splits of ${splitSize}, ${partitions} partitions, ${way.threads} threads, ${way.memory} bytes of memory`;
          const parts = await runExample(example, { splitSize, ...(partitions === undefined ? {} : { partitions }), ...way });
          bytes ??= sha256(parts);
          t.is(sha256(parts), bytes, `part files: ${place}`);
          const own = contentOf(example, parts).sort().join("\n");
          content ??= own;
          t.true(own === content, `content: ${place}`);
        }
      }
    }
  });
}
