import { aggregate, count, csv, defineJob, sum, t, tsv } from "millrace";

export default defineJob({
  name: "csv-by-number",
  input: csv({ n: t.int32(), w: t.float64() }),
  groupBy: "n",
  reduce: aggregate({ rows: count(), total: sum("w") }),
  output: tsv(),
});
