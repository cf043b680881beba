/** Sorts 100-byte records by their first ten bytes; the parts, one after another, are in order. */
import { defineJob, range, records, t } from "millrace";

export default defineJob({
  name: "tera-sort",
  input: records(100),
  key: t.binary(),
  value: t.binary(),
  map(record, emit) {
    emit(record.subarray(0, 10), record);
  },
  partition: range(),
  reduce(_key, sorted, emit) {
    for (const record of sorted) emit(record);
  },
  output: records(100),
});
