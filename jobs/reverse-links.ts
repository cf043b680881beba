/** Turns a list of links (source, target) around: for each page those that link to it, in order. */
import { defineJob, t, tsv } from "millrace";

export default defineJob({
  name: "reverse-links",
  input: tsv({ source: t.int64({ as: "number" }), target: t.int64({ as: "number" }) }),
  key: t.int64({ as: "number" }),
  value: t.int64({ as: "number" }),
  map({ source, target }, emit) {
    emit(target, source);
  },
  sortValues: true,
  reduce(page, sources, emit) {
    const linking = [...sources];
    emit({ page, links: linking.length, sources: linking });
  },
  output: tsv({ page: t.int64({ as: "number" }), links: t.int32(), sources: t.list(t.int64({ as: "number" })) }),
});
