/** Sum of v1 and mean of v3 by id3: 100,000 groups. */
import { aggregate, csv, defineJob, mean, sum, t, tsv } from "millrace";

export default defineJob({
  name: "group-many",
  input: csv({ id3: t.utf8(), v1: t.float64(), v3: t.float64() }),
  groupBy: "id3",
  reduce: aggregate({ total: sum("v1"), average: mean("v3") }),
  output: tsv(),
});
