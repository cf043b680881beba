/** Rain and temperatures of each place and month, from daily weather records in CSV. */
import { aggregate, count, csv, defineJob, max, mean, sum, t } from "millrace";

export default defineJob({
  name: "weather-by-month",
  input: csv({ location: t.utf8(), date: t.date(), precipitation: t.float64(), temp_max: t.float64() }),
  key: t.struct({ location: t.utf8(), month: t.utf8() }),
  value: t.struct({ rain: t.float64(), high: t.float64() }),
  map(day, emit) {
    const month = day.date.toISOString().slice(0, 7);
    emit({ location: day.location, month }, { rain: day.precipitation, high: day.temp_max });
  },
  reduce: aggregate({ days: count(), rain: sum("rain"), warmest: max("high"), mean_high: mean("high") }),
  output: csv(),
});
