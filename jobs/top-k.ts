/** The five longest delays among the flights of each hour of the day. */
import { arrow, defineJob, jsonl, t, topK } from "millrace";

export default defineJob({
  name: "top-k",
  input: arrow({ delay: t.int32(), distance: t.int32(), time: t.float64() }),
  key: t.int32(),
  value: t.struct({ delay: t.int32(), distance: t.int32(), time: t.float64() }),
  map(flight, emit) {
    emit(Math.floor(flight.time), flight);
  },
  reduce: topK(5, { by: "delay" }),
  output: jsonl(),
});
