/** Does nothing with each line: what a task costs by itself. */
import { defineJob, sum, t, text, tsv } from "millrace";

export default defineJob({
  name: "no-op",
  input: text(),
  key: t.utf8(),
  value: t.float64(),
  map() {},
  reduce: sum(),
  output: tsv(),
});
