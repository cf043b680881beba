/**
 * What the compiler accepts and refuses of a job. Each `@ts-expect-error` is an assertion: when the compiler
 * stops refusing that line, the build fails.
 */
import test from "ava";
import { z } from "zod";
import { aggregate, arrow, count, csv, defineJob, jsonl, keyBytes, records, sum, t, text, topK, tsv, values, words, type Infer } from "../index.js";

test("record, key, value, params, sides and rows are inferred from the declarations", (t_) => {
  const job = defineJob({
    name: "inferred",
    input: csv({ user: t.utf8(), bytes: t.int64(), at: t.timestamp().nullable() }),
    side: { names: jsonl<{ id: number }>("names.jsonl") },
    params: z.object({ least: z.number() }),
    key: t.struct({ user: t.utf8(), day: t.date() }),
    value: t.struct({ bytes: t.int64() }),
    map(record, emit, ctx) {
      const user: string = record.user;
      const bytes: bigint = record.bytes;
      const at: Date | null = record.at;
      const least: number = ctx.params.least;
      const ids: number[] = ctx.side("names").map((name) => name.id);
      if (at !== null && bytes > least && ids.length > 0) emit({ user, day: at }, { bytes });
    },
    sortValues: (a, b) => (a.bytes < b.bytes ? -1 : 1),
    reduce(key, values, emit) {
      let total = 0n;
      for (const value of values) total += value.bytes;
      emit({ user: key.user, total });
    },
    output: csv({ user: t.utf8(), total: t.int64() }),
  });
  t_.is(job.definition.name, "inferred");
});

test("aggregators, operators and batches are typed by the values they see", (t_) => {
  const value = t.struct({ bytes: t.float64(), host: t.utf8() });
  type Row = Infer<typeof value>;
  defineJob({ name: "a", input: jsonl<Row>(), key: t.utf8(), value, map: (r, emit) => emit(r.host, r), reduce: aggregate({ n: count(), bytes: sum("bytes") }), output: tsv() });
  defineJob({ name: "b", input: text(), key: t.utf8(), value: t.float64(), map: words({ lowercase: true }), reduce: sum(), output: tsv() });
  defineJob({ name: "c", input: arrow({ x: t.float64() }), key: t.float64(), value: t.float64(), mapBatch: (batch, emit) => emit(batch.columns.x[0] ?? 0, 1), reduce: topK(3), output: jsonl() });
  defineJob({ name: "d", input: records(9), key: t.binary(), value: t.binary(), map: keyBytes(0, 4), reduce: values(), output: records(9) });
  defineJob({ name: "e", input: text(), key: t.utf8(), value: t.struct({ a: t.float64(), b: t.utf8() }), map: (line, emit) => emit(line, { a: 1, b: line }), reduce: values(), output: csv({ a: t.float64() }) });
  t_.pass();
});

test("what does not fit is refused at compile time", (t_) => {
  const refused = (): unknown[] => [
    // @ts-expect-error the key is a string
    defineJob({ name: "x", input: text(), key: t.utf8(), value: t.float64(), map: (line, emit) => emit(line.length, 1), reduce: sum(), output: tsv() }),
    // @ts-expect-error the value is a number
    defineJob({ name: "x", input: text(), key: t.utf8(), value: t.float64(), map: (line, emit) => emit(line, "1"), reduce: sum(), output: tsv() }),
    // @ts-expect-error the input has no column "nope"
    defineJob({ name: "x", input: csv({ a: t.utf8() }), map: (row, emit) => emit(row.nope), output: text() }),
    // @ts-expect-error text() takes strings
    defineJob({ name: "x", input: text(), map: (_line, emit) => emit(5), output: text() }),
    // @ts-expect-error the row lacks a column
    defineJob({ name: "x", input: text(), map: (line, emit) => emit({ a: line }), output: csv({ a: t.utf8(), b: t.int32() }) }),
    // @ts-expect-error sum() does not add strings
    defineJob({ name: "x", input: text(), key: t.utf8(), value: t.utf8(), map: (line, emit) => emit(line, line), reduce: sum(), output: tsv() }),
    // @ts-expect-error the value has no member "bites"
    defineJob({ name: "x", input: text(), key: t.utf8(), value: t.struct({ bytes: t.float64() }), map: (line, emit) => emit(line, { bytes: 1 }), reduce: sum("bites"), output: tsv() }),
    // @ts-expect-error values() writes numbers, text() takes strings
    defineJob({ name: "x", input: text(), key: t.utf8(), value: t.float64(), map: (line, emit) => emit(line, 1), reduce: values(), output: text() }),
    // @ts-expect-error keyBytes() takes bytes of records
    defineJob({ name: "x", input: text(), key: t.binary(), value: t.binary(), map: keyBytes(0, 4), reduce: values(), output: records(4) }),
    // @ts-expect-error int64 is a bigint
    defineJob({ name: "x", input: text(), key: t.int64(), value: t.float64(), map: (_line, emit) => emit(1, 1), reduce: sum(), output: tsv() }),
    // @ts-expect-error records(n) are bytes
    defineJob({ name: "x", input: records(4), map: (record, emit) => emit(record.toUpperCase()), output: text() }),
    // @ts-expect-error there is no side input "nope"
    defineJob({ name: "x", input: text(), side: { a: text("a") }, map: (_line, emit, ctx) => emit(String(ctx.side("nope").length)), output: text() }),
    // @ts-expect-error a parameter is a string here
    defineJob({ name: "x", input: text(), params: z.object({ word: z.string() }), map: (_line, emit, ctx) => emit(String(ctx.params.word.toFixed(1))), output: text() }),
    // @ts-expect-error a reduce needs key and value
    defineJob({ name: "x", input: text(), map: (line: string, emit: (key: string, value: number) => void) => emit(line, 1), reduce: sum(), output: tsv() }),
  ];
  t_.is(typeof refused, "function");
});
