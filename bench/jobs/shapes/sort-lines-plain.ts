/** The same by functions that see each line. */
import { defineJob, range, t, text } from "millrace";

export default defineJob({
  name: "sort-lines-plain",
  input: text(),
  key: t.utf8(),
  value: t.int32(),
  map(line, emit) {
    emit(line, 0);
  },
  partition: range(),
  reduce(line, values, emit) {
    for (const _ of values) emit(line);
  },
  output: text(),
});
