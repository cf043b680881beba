/** Sum of v1 by id1: 100 groups. */
import { aggregate, csv, defineJob, sum, t, tsv } from "millrace";

export default defineJob({
  name: "group-few",
  input: csv({ id1: t.utf8(), v1: t.float64() }),
  groupBy: "id1",
  reduce: aggregate({ total: sum("v1") }),
  output: tsv(),
});
