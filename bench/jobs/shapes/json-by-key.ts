import { aggregate, defineJob, jsonl, mean, sum, t, tsv } from "millrace";

export default defineJob({
  name: "json-by-key",
  input: jsonl({ key: t.utf8(), n: t.int64(), v: t.float64() }),
  groupBy: "key",
  reduce: aggregate({ total: sum("n"), average: mean("v") }),
  output: tsv(),
});
