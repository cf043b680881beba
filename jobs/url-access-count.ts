/** Requests and bytes sent for each URL of web server logs in the combined format; lines of another form are counted. */
import { aggregate, count, csv, defineJob, sum, t, text } from "millrace";

const REQUEST = /"[A-Z]+ (\S+) HTTP\/[\d.]+" \d{3} (\d+|-)/;

export default defineJob({
  name: "url-access-count",
  input: text(),
  key: t.utf8(),
  value: t.struct({ bytes: t.float64() }),
  map(line, emit, ctx) {
    const [, url, bytes] = REQUEST.exec(line) ?? [];
    if (url === undefined) return ctx.counter("lines of another form").add();
    emit(url, { bytes: bytes === "-" ? 0 : Number(bytes) });
  },
  reduce: aggregate({ requests: count(), bytes: sum("bytes") }),
  output: csv({ url: t.utf8(), requests: t.float64(), bytes: t.float64() }),
});
