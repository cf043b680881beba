import { csv, defineJob, sum, t, tsv } from "millrace";

export default defineJob({
  name: "csv-wide",
  input: csv({ c3: t.utf8(), c50: t.int32() }),
  groupBy: "c3",
  reduce: sum("c50"),
  output: tsv(),
});
