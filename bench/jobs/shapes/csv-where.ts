/** A quarter of the rows, chosen by two conditions. */
import { aggregate, csv, defineJob, mean, sum, t, tsv } from "millrace";

export default defineJob({
  name: "csv-where",
  input: csv({ key: t.utf8(), n: t.int64(), v: t.float64(), w: t.float64() }),
  where: ({ n, w }) => [n.gt(0n), w.lt(0.55)],
  groupBy: "key",
  reduce: aggregate({ total: sum("n"), average: mean("v") }),
  output: tsv(),
});
