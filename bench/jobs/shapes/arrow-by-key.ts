import { aggregate, arrow, defineJob, mean, sum, t, tsv } from "millrace";

export default defineJob({
  name: "arrow-by-key",
  input: arrow({ key: t.utf8(), n: t.int64(), v: t.float64() }),
  groupBy: "key",
  reduce: aggregate({ total: sum("n"), average: mean("v") }),
  output: tsv(),
});
