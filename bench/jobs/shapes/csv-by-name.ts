import { aggregate, count, csv, defineJob, sum, t, tsv } from "millrace";

export default defineJob({
  name: "csv-by-name",
  input: csv({ name: t.utf8(), w: t.float64() }),
  groupBy: "name",
  reduce: aggregate({ rows: count(), total: sum("w") }),
  output: tsv(),
});
