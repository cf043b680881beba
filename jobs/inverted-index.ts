/** For each word the files that hold it, each once, in order. */
import { basename } from "node:path";
import { defineJob, jsonl, t, text } from "millrace";

export default defineJob({
  name: "inverted-index",
  input: text(),
  key: t.utf8(),
  value: t.utf8(),
  map(line, emit, ctx) {
    const file = basename(ctx.file);
    for (const word of new Set(line.toLowerCase().match(/\p{L}+/gu))) emit(word, file);
  },
  sortValues: true,
  reduce(word, files, emit) {
    const distinct: string[] = [];
    for (const file of files) if (file !== distinct.at(-1)) distinct.push(file);
    emit({ word, files: distinct });
  },
  output: jsonl({ word: t.utf8(), files: t.list(t.utf8()) }),
});
