/** Least, mean and greatest temperature of each weather station (lines such as `Oslo;-3.4`: the one billion row challenge). */
import { aggregate, count, csv, defineJob, max, mean, min, t, tsv } from "millrace";

export default defineJob({
  name: "stations",
  input: csv({ station: t.utf8(), temperature: t.float64() }, { header: false, delimiter: ";" }),
  groupBy: "station",
  reduce: aggregate({ least: min("temperature"), mean: mean("temperature"), greatest: max("temperature"), n: count() }),
  output: tsv(),
});
