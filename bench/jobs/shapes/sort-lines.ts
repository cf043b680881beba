/** Sorts whole lines by their bytes. */
import { defineJob, keyLine, range, t, text, values } from "millrace";

export default defineJob({
  name: "sort-lines",
  input: text(),
  key: t.utf8(),
  value: t.utf8(),
  map: keyLine(),
  partition: range(),
  reduce: values(),
  output: text(),
});
