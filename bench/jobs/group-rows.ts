/** Brings all lines of a key (the third field) together and counts them and their bytes: nothing can be combined before. */
import { defineJob, t, text, tsv } from "millrace";

export default defineJob({
  name: "group-rows",
  input: text(),
  key: t.utf8(),
  value: t.utf8(),
  map(line, emit, { offset }) {
    if (offset === 0) return;
    const start = line.indexOf(",", line.indexOf(",") + 1) + 1;
    emit(line.substring(start, line.indexOf(",", start)), line);
  },
  reduce(id, lines, emit) {
    let rows = 0;
    let bytes = 0;
    for (const line of lines) {
      rows++;
      bytes += line.length;
    }
    emit({ id, rows, bytes });
  },
  output: tsv({ id: t.utf8(), rows: t.int32(), bytes: t.int32() }),
});
