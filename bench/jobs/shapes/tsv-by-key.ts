import { aggregate, defineJob, mean, sum, t, tsv } from "millrace";

export default defineJob({
  name: "tsv-by-key",
  input: tsv({ key: t.utf8(), name: t.utf8(), n: t.int64(), v: t.float64(), w: t.float64(), day: t.utf8() }),
  groupBy: "key",
  reduce: aggregate({ total: sum("n"), average: mean("v") }),
  output: tsv(),
});
