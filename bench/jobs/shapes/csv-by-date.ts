import { aggregate, count, csv, defineJob, max, t, tsv } from "millrace";

export default defineJob({
  name: "csv-by-date",
  input: csv({ day: t.date(), w: t.float64() }),
  groupBy: "day",
  reduce: aggregate({ rows: count(), greatest: max("w") }),
  output: tsv(),
});
