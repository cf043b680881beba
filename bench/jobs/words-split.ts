/** Word count with an ordinary map: split at spaces, as the naive program does. */
import { defineJob, sum, t, text, tsv } from "millrace";

export default defineJob({
  name: "words-split",
  input: text(),
  key: t.utf8(),
  value: t.float64(),
  map(line, emit) {
    for (const word of line.split(" ")) if (word !== "") emit(word, 1);
  },
  reduce: sum(),
  output: tsv(),
});
