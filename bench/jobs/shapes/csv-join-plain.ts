/** The same join by a function that sees each row. */
import { aggregate, csv, defineJob, mean, sum, t, tsv } from "millrace";

let classOf: Map<string, string> | undefined;

export default defineJob({
  name: "csv-join-plain",
  input: csv({ key: t.utf8(), n: t.int64(), v: t.float64() }),
  side: { classes: csv({ id: t.utf8(), class: t.utf8() }, { paths: "bench/data/shape-side.csv" }) },
  key: t.utf8(),
  value: t.struct({ n: t.int64(), v: t.float64() }),
  map({ key, n, v }, emit, ctx) {
    classOf ??= new Map(Array.from(ctx.side("classes"), (row) => [row.id, row.class]));
    const found = classOf.get(key);
    if (found !== undefined) emit(found, { n, v });
  },
  reduce: aggregate({ total: sum("n"), average: mean("v") }),
  output: tsv(),
});
