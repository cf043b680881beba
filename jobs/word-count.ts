/** Counts each word of some texts, whatever its case. */
import { defineJob, sum, t, text, tsv } from "millrace";

export default defineJob({
  name: "word-count",
  input: text(),
  key: t.utf8(),
  value: t.float64(),
  map(line, emit) {
    for (const word of line.toLowerCase().match(/[a-z']+/g) ?? []) emit(word, 1);
  },
  reduce: sum(),
  output: tsv(),
});
