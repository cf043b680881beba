/** Sum of v1 by id1: 100 groups. */
import { csv, defineJob, sum, t, tsv } from "millrace";

export default defineJob({
  name: "group-few",
  input: csv({ id1: t.utf8(), v1: t.float64() }),
  key: t.utf8(),
  value: t.float64(),
  map({ id1, v1 }, emit) {
    emit(id1, v1);
  },
  reduce: sum(),
  output: tsv(),
});
