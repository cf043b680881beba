/** The words that mark each file: its most frequent ones, with their counts. `--param terms=10` */
import { basename } from "node:path";
import { defineJob, jsonl, t, text } from "millrace";
import { z } from "zod";

export default defineJob({
  name: "term-vector",
  input: text(),
  params: z.object({ terms: z.number().int().positive().default(10) }),
  key: t.utf8(),
  value: t.utf8(),
  map(line, emit, ctx) {
    const file = basename(ctx.file);
    for (const word of line.toLowerCase().match(/[a-z]{4,}/g) ?? []) emit(file, word);
  },
  reduce(file, words, emit, ctx) {
    const counts = new Map<string, number>();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    const frequent = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    emit({ file, terms: frequent.slice(0, ctx.params.terms) });
  },
  output: jsonl(),
});
