/** Word count with an ordinary map that looks for the spaces itself. */
import { defineJob, sum, t, text, tsv } from "millrace";

export default defineJob({
  name: "words-index-of",
  input: text(),
  key: t.utf8(),
  value: t.float64(),
  map(line, emit) {
    let start = 0;
    for (let end = line.indexOf(" "); end >= 0; end = line.indexOf(" ", start)) {
      if (end > start) emit(line.substring(start, end), 1);
      start = end + 1;
    }
    if (start < line.length) emit(line.substring(start), 1);
  },
  reduce: sum(),
  output: tsv(),
});
