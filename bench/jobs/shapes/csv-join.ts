/** Joins rows with a table of classes by a text and gives totals of each class. */
import { aggregate, csv, defineJob, mean, sum, t, tsv } from "millrace";

export default defineJob({
  name: "csv-join",
  input: csv({ key: t.utf8(), n: t.int64(), v: t.float64() }),
  side: { classes: csv({ id: t.utf8(), class: t.utf8() }, { paths: "bench/data/shape-side.csv" }) },
  derive: ({ key }, { classes }) => ({ class: key.lookup(classes.id, classes.class) }),
  where: ({ class: found }) => found.isNotNull(),
  groupBy: "class",
  reduce: aggregate({ total: sum("n"), average: mean("v") }),
  output: tsv(),
});
