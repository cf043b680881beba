/** Words that repeat and words that do not, counted by the table or passed on: the counts are those of a Map. */
import test from "ava";
import { createAggregate } from "../columnar/aggregates/create-aggregate.js";
import type { Float64Column } from "../columnar/columns.js";
import { KernelKeyTable } from "../columnar/kernel-key-table.js";
import { valueLayout } from "../columnar/value-layout.js";
import type { AggregatorSpec } from "../model/job-spec.js";
import { bytesAt, numbers } from "../testing/nasty-keys.js";
import { WordTable } from "./word-table.js";

/** What is spilled of lines of these words, and in how many rows. */
function spilled(words: readonly string[], lowercase: boolean): { counts: Map<string, number>; rows: number } {
  const counts = new Map<string, number>();
  let rows = 0;
  const rules = { lowercase, characters: /[\p{L}\p{N}\p{M}]+/gu, plain: () => undefined };
  const state = createAggregate({ kind: "count" } as AggregatorSpec, valueLayout({ kind: "float64", nullable: false }, false));
  const table = new WordTable(new KernelKeyTable(1), state, { kind: "utf8", nullable: false }, rules, 1 << 30, (batch) => {
    rows += batch.rows;
    for (let row = 0; row < batch.rows; row++) {
      const word = bytesAt(batch.keys, row).toString();
      counts.set(word, (counts.get(word) ?? 0) + (batch.values[0] as Float64Column).values[row]!);
    }
  });
  for (let from = 0; from < words.length; from += 10_000) table.add(Buffer.from(`${words.slice(from, from + 10_000).join(" ")}\n`));
  table.flush();
  return { counts, rows };
}

function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function equal(a: Map<string, number>, b: Map<string, number>): boolean {
  return a.size === b.size && [...a].every(([word, times]) => b.get(word) === times);
}

test("words that hardly ever repeat are passed on, those beyond ASCII still lowered", (t) => {
  const random = numbers(3);
  const words = Array.from({ length: 500_000 }, (_, i) => (i % 5000 === 0 ? "ÉTÉ" : `W${Math.floor(random() * 5e6)}`));
  const { counts, rows } = spilled(words, true);
  t.true(equal(counts, counted(words.map((word) => word.toLowerCase()))));
  t.true(rows > counts.size + 5000, "rows of equal words show that they were passed on");
});

test("many different words that repeat are counted before they are handed on", (t) => {
  const random = numbers(4);
  const words = Array.from({ length: 1_200_000 }, () => `w${Math.floor(random() * 300_000)}`);
  const { counts, rows } = spilled(words, false);
  t.true(equal(counts, counted(words)));
  t.is(rows, counts.size);
});
