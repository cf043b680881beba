/** Lines that match a regular expression, with file and byte offset: `--param pattern=whale`. */
import { defineJob, text } from "millrace";
import { z } from "zod";

export default defineJob({
  name: "grep",
  input: text(),
  params: z.object({ pattern: z.string().transform((source) => new RegExp(source, "u")) }),
  map(line, emit, ctx) {
    if (!ctx.params.pattern.test(line)) return;
    ctx.counter("matches").add();
    emit(`${ctx.file}:${ctx.offset}:${line}`);
  },
  output: text(),
});
