/** Word count with the built-in operator. */
import { defineJob, sum, t, text, tsv, words } from "millrace";

export default defineJob({
  name: "words",
  input: text(),
  key: t.utf8(),
  value: t.float64(),
  map: words(),
  reduce: sum(),
  output: tsv(),
});
