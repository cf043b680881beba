/** Joins rows with a table of categories by id6 and sums v1 by category. */
import { csv, defineJob, sum, t, tsv } from "millrace";

let categoryOf: string[] | undefined;

export default defineJob({
  name: "join",
  input: csv({ id6: t.int32(), v1: t.float64() }),
  side: { categories: csv({ id6: t.int32(), category: t.utf8() }, { paths: "bench/data/categories.csv" }) },
  key: t.utf8(),
  value: t.float64(),
  mapBatch({ length, columns: { id6, v1 } }, emit, ctx) {
    if (categoryOf === undefined) {
      categoryOf = [];
      for (const { id6: id, category } of ctx.side("categories")) categoryOf[id] = category;
    }
    for (let row = 0; row < length; row++) {
      const category = categoryOf[id6[row]!];
      if (category !== undefined) emit(category, v1[row]!);
    }
  },
  reduce: sum(),
  output: tsv(),
});
