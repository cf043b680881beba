/** Least, mean and greatest temperature of each station, over lines such as `Oslo;-3.4`. */
import { aggregate, csv, defineJob, max, mean, min, t, tsv } from "millrace";

export default defineJob({
  name: "stations",
  input: csv({ station: t.utf8(), temperature: t.float64() }, { delimiter: ";", header: false }),
  key: t.utf8(),
  value: t.struct({ temperature: t.float64() }),
  map({ station, temperature }, emit) {
    emit(station, { temperature });
  },
  reduce: aggregate({ least: min("temperature"), mean: mean("temperature"), greatest: max("temperature") }),
  output: tsv(),
});
