/** Failed requests of each section of a site, and the bytes sent for them, from logs in JSON lines. No record becomes an object. */
import { aggregate, count, csv, defineJob, jsonl, sum, t } from "millrace";

/** Pure: `/products/18434?page=3` is in `products`. */
export function sectionOf(url: string): string {
  return /^\/(\w+)/.exec(url)?.[1] ?? "(root)";
}

export default defineJob({
  name: "errors-by-section",
  input: jsonl({ url: t.utf8(), status: t.int32(), bytes: t.float64().nullable() }),
  derive: ({ url }) => ({ section: url.lift(t.utf8(), sectionOf) }),
  where: ({ status }) => status.ge(400),
  groupBy: ["section", "status"],
  reduce: aggregate({ requests: count(), bytes: sum("bytes") }),
  output: csv(),
});
