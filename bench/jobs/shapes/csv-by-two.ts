import { aggregate, count, csv, defineJob, max, t, tsv } from "millrace";

export default defineJob({
  name: "csv-by-two",
  input: csv({ name: t.utf8(), day: t.utf8(), w: t.float64() }),
  groupBy: ["name", "day"],
  reduce: aggregate({ rows: count(), greatest: max("w") }),
  output: tsv(),
});
