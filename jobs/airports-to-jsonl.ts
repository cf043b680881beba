/** Converts a table of airports from CSV to JSON lines, keeping those of one state if asked: `--param state=CA`. */
import { csv, defineJob, jsonl, t } from "millrace";
import { z } from "zod";

export default defineJob({
  name: "airports-to-jsonl",
  input: csv({ iata: t.utf8(), name: t.utf8(), city: t.utf8().nullable(), state: t.utf8(), latitude: t.float64(), longitude: t.float64() }),
  params: z.object({ state: z.string().optional() }),
  map({ iata, name, city, state, latitude, longitude }, emit, ctx) {
    if (ctx.params.state !== undefined && state !== ctx.params.state) return;
    emit({ iata, name, place: [city, state].filter(Boolean).join(", "), position: [latitude, longitude] });
  },
  output: jsonl(),
});
