/** Counts words together with their plurals and past forms; short words are left out. A lifted function sees each distinct word once. */
import { defineJob, sum, t, tsv, text, words } from "millrace";

/** Rough, but pure: the result depends on the word alone. */
export function family(word: string): string | undefined {
  if (word.length < 4) return undefined;
  return word.replace(/['\u2019]s$/, "").replace(/(?:e?s|e?d|ing)$/, "");
}

export default defineJob({
  name: "word-families",
  input: text(),
  key: t.utf8(),
  value: t.float64(),
  map: words({ lowercase: true }).lift(family),
  reduce: sum(),
  output: tsv(),
});
