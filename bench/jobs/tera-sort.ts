/** Sorts 100-byte records by their first ten bytes; the parts, one after another, are in order. */
import { defineJob, keyBytes, range, records, t, values } from "millrace";

export default defineJob({
  name: "tera-sort",
  input: records(100),
  key: t.binary(),
  value: t.binary(),
  map: keyBytes(0, 10),
  partition: range(),
  reduce: values(),
  output: records(100),
});
