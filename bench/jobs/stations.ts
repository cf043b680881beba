/** Least, mean and greatest temperature of each station, over lines such as `Oslo;-3.4`. */
import { aggregate, csv, defineJob, max, mean, min, t, tsv } from "millrace";

export default defineJob({
  name: "stations",
  input: csv({ station: t.utf8(), temperature: t.float64() }, { delimiter: ";", header: false }),
  groupBy: "station",
  reduce: aggregate({ least: min("temperature"), mean: mean("temperature"), greatest: max("temperature") }),
  output: tsv(),
});
