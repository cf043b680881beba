/** Rain and temperatures of each place and month, from daily weather records in CSV. */
import { aggregate, count, csv, defineJob, max, mean, sum, t } from "millrace";

export default defineJob({
  name: "weather-by-month",
  input: csv({ location: t.utf8(), date: t.utf8(), precipitation: t.float64(), temp_max: t.float64() }),
  derive: ({ date }) => ({ month: date.lift(t.utf8(), (date) => date.slice(0, 7)) }),
  groupBy: ["location", "month"],
  reduce: aggregate({ days: count(), rain: sum("precipitation"), warmest: max("temp_max"), mean_high: mean("temp_max") }),
  output: csv(),
});
