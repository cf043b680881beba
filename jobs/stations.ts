/** Least, mean and greatest temperature of each weather station (lines such as `Oslo;-3.4`: the one billion row challenge). */
import { aggregate, count, defineJob, max, mean, min, t, text, tsv } from "millrace";

export default defineJob({
  name: "stations",
  input: text(),
  key: t.utf8(),
  value: t.struct({ temperature: t.float64() }),
  map(line, emit) {
    const cut = line.lastIndexOf(";");
    emit(line.slice(0, cut), { temperature: Number(line.slice(cut + 1)) });
  },
  reduce: aggregate({ least: min("temperature"), mean: mean("temperature"), greatest: max("temperature"), n: count() }),
  output: tsv(),
});
