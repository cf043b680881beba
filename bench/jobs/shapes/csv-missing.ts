import { aggregate, csv, defineJob, max, mean, sum, t, tsv } from "millrace";

export default defineJob({
  name: "csv-missing",
  input: csv({ key: t.utf8(), n: t.int64().nullable(), v: t.float64().nullable(), w: t.float64().nullable() }),
  groupBy: "key",
  reduce: aggregate({ total: sum("n"), average: mean("v"), most: max("w") }),
  output: tsv(),
});
