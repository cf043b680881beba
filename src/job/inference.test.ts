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
  defineJob({ name: "b", input: text(), key: t.int32(), value: t.float64(), map: words().lift((word) => (word === "" ? undefined : word.length)), reduce: sum(), output: tsv() });
  defineJob({ name: "c", input: arrow({ x: t.float64() }), key: t.float64(), value: t.float64(), mapBatch: (batch, emit) => emit(batch.columns.x[0] ?? 0, 1), reduce: topK(3), output: jsonl() });
  defineJob({ name: "d", input: records(9), key: t.binary(), value: t.binary(), map: keyBytes(0, 4), reduce: values(), output: records(9) });
  defineJob({ name: "e", input: text(), key: t.utf8(), value: t.struct({ a: t.float64(), b: t.utf8() }), map: (line, emit) => emit(line, { a: 1, b: line }), reduce: values(), output: csv({ a: t.float64() }) });
  t_.pass();
});

test("a group-by is typed by the columns of its input", (t_) => {
  const table = csv({ id: t.utf8(), n: t.int32(), big: t.int64(), x: t.float64().nullable() });
  defineJob({ name: "a", input: table, groupBy: "id", reduce: sum("n"), output: csv() });
  defineJob({ name: "b", input: table, groupBy: ["id", "n"], reduce: aggregate({ rows: count(), big: sum("big"), x: sum("x") }), output: csv() });
  defineJob({ name: "c", input: csv(), groupBy: "anything", reduce: count(), output: tsv() });
  defineJob({ name: "d", input: jsonl<{ host: string; bytes: number }>(), groupBy: "host", reduce: sum("bytes"), output: jsonl() });
  const refused = (): unknown[] => [
    // @ts-expect-error there is no column "nope"
    defineJob({ name: "x", input: table, groupBy: "nope", reduce: count(), output: csv() }),
    // @ts-expect-error there is no column "nope" among several
    defineJob({ name: "x", input: table, groupBy: ["id", "nope"], reduce: count(), output: csv() }),
    // @ts-expect-error there is no column "nope" to sum
    defineJob({ name: "x", input: table, groupBy: "id", reduce: sum("nope"), output: csv() }),
    // @ts-expect-error a string is no number
    defineJob({ name: "x", input: table, groupBy: "n", reduce: aggregate({ rows: count(), ids: sum("id") }), output: csv() }),
    // @ts-expect-error records are no numbers
    defineJob({ name: "x", input: table, groupBy: "id", reduce: sum(), output: csv() }),
    // @ts-expect-error lines have no columns
    defineJob({ name: "x", input: text(), groupBy: "length", reduce: count(), output: csv() }),
    // @ts-expect-error a group-by has no map
    defineJob({ name: "x", input: table, groupBy: "id", map: () => {}, reduce: count(), output: csv() }),
    // @ts-expect-error a group-by needs an aggregator
    defineJob({ name: "x", input: table, groupBy: "id", output: csv() }),
  ];
  t_.is(typeof refused, "function");
});

test("derived columns and conditions are typed by the columns they are made of", (t_) => {
  const table = csv({ id: t.utf8(), n: t.int32(), big: t.int64(), x: t.float64().nullable(), at: t.timestamp(), tags: t.list(t.utf8()) });
  const isLong = (id: string): boolean => id.length > 9;
  defineJob({ name: "a", input: table, derive: ({ id, at }) => ({ head: id.lift(t.utf8(), (id) => id.slice(0, 3)), day: at.lift(t.date(), (at) => at) }), groupBy: ["head", "day"], reduce: sum("n"), output: csv() });
  defineJob({ name: "b", input: table, derive: ({ id, x }) => ({ size: id.lift(t.float64(), (id) => id.length), y: x.lift(t.float64(), (x) => x ?? 0) }), where: ({ size, n, big, x, at }) => [size.gt(2), n.le(5), big.ne(7n), x.isNotNull(), at.ge(new Date(0))], groupBy: "id", reduce: aggregate({ s: sum("size"), y: sum("y") }), output: csv() });
  defineJob({ name: "c", input: table, where: ({ id }) => id.lift(t.bool(), isLong), groupBy: "id", reduce: count(), output: csv({ id: t.utf8(), n: t.float64() }) });
  defineJob({ name: "d", input: csv(), where: ({ anything }) => anything!.eq("x"), groupBy: "other", reduce: count(), output: tsv() });
  defineJob({ name: "e", input: jsonl<{ host: string; bytes: number }>({ paths: "x" }), where: ({ bytes }) => bytes.gt(0), groupBy: "host", reduce: sum("bytes"), output: jsonl() });
  const refused = (): unknown[] => [
    // @ts-expect-error there is no column "nope" to compare
    defineJob({ name: "x", input: table, where: ({ nope }) => nope.gt(1), groupBy: "id", reduce: count(), output: csv() }),
    // @ts-expect-error a number is not compared with a string
    defineJob({ name: "x", input: table, where: ({ n }) => n.gt("1"), groupBy: "id", reduce: count(), output: csv() }),
    // @ts-expect-error null has a condition of its own
    defineJob({ name: "x", input: table, where: ({ x }) => x.eq(null), groupBy: "id", reduce: count(), output: csv() }),
    // @ts-expect-error lists have no order
    defineJob({ name: "x", input: table, where: ({ tags }) => tags.eq(["a"]), groupBy: "id", reduce: count(), output: csv() }),
    // @ts-expect-error a function that decides gives true or false
    defineJob({ name: "x", input: table, where: ({ id }) => id.lift(t.utf8(), (id) => id), groupBy: "id", reduce: count(), output: csv() }),
    // @ts-expect-error the function gives a number
    defineJob({ name: "x", input: table, derive: ({ id }) => ({ head: id.lift(t.utf8(), (id) => id.length) }), groupBy: "head", reduce: count(), output: csv() }),
    // @ts-expect-error a string has no toFixed
    defineJob({ name: "x", input: table, derive: ({ id }) => ({ head: id.lift(t.utf8(), (id) => id.toFixed()) }), groupBy: "head", reduce: count(), output: csv() }),
    // @ts-expect-error x may be null
    defineJob({ name: "x", input: table, derive: ({ x }) => ({ y: x.lift(t.float64(), (x) => x.valueOf()) }), groupBy: "y", reduce: count(), output: csv() }),
    // @ts-expect-error there is no column "tail"
    defineJob({ name: "x", input: table, derive: ({ id }) => ({ head: id.lift(t.utf8(), (id) => id) }), groupBy: "tail", reduce: count(), output: csv() }),
    // @ts-expect-error a text is not summed
    defineJob({ name: "x", input: table, derive: ({ id }) => ({ head: id.lift(t.utf8(), (id) => id) }), groupBy: "id", reduce: sum("head"), output: csv() }),
    // @ts-expect-error where is for a group-by
    defineJob({ name: "x", input: table, where: () => [], map: (row, emit) => emit(row), output: csv() }),
  ];
  t_.is(typeof refused, "function");
});

test("look-ups are typed by the columns of side inputs", (t_) => {
  const table = csv({ city: t.utf8(), n: t.int32(), maybe: t.utf8().nullable(), at: t.timestamp() });
  const side = { cities: csv({ id: t.utf8(), country: t.utf8(), size: t.float64() }, { paths: "cities.csv" }), hosts: jsonl<{ name: string; ip: string }>("hosts.jsonl"), lines: text("lines.txt") };
  defineJob({ name: "a", input: table, side, derive: ({ city, maybe }, { cities, hosts }) => ({ country: city.lookup(cities.id, cities.country), ip: maybe.lookup(hosts.name, hosts.ip) }), where: ({ country }) => [country.isNotNull(), country.ne("NO")], groupBy: ["country", "ip"], reduce: count(), output: csv() });
  defineJob({ name: "b", input: table, side, derive: ({ city }, { cities }) => ({ size: city.lookup(cities.id, cities.size) }), groupBy: "n", reduce: sum("size"), output: csv() });
  const refused = (): unknown[] => [
    // @ts-expect-error a number is not found among texts
    defineJob({ name: "x", input: table, side, derive: ({ n }, { cities }) => ({ country: n.lookup(cities.id, cities.country) }), groupBy: "country", reduce: count(), output: csv() }),
    // @ts-expect-error there is no side input "nope"
    defineJob({ name: "x", input: table, side, derive: ({ city }, { nope }) => ({ country: city.lookup(nope.id, nope.country) }), groupBy: "country", reduce: count(), output: csv() }),
    // @ts-expect-error there is no column "nope"
    defineJob({ name: "x", input: table, side, derive: ({ city }, { cities }) => ({ country: city.lookup(cities.id, cities.nope) }), groupBy: "country", reduce: count(), output: csv() }),
    // @ts-expect-error lines have no columns
    defineJob({ name: "x", input: table, side, derive: ({ city }, { lines }) => ({ found: city.lookup(lines.length, lines.length) }), groupBy: "found", reduce: count(), output: csv() }),
    // @ts-expect-error a text is not compared with a number
    defineJob({ name: "x", input: table, side, derive: ({ city }, { cities }) => ({ country: city.lookup(cities.id, cities.country) }), where: ({ country }) => country.gt(5), groupBy: "country", reduce: count(), output: csv() }),
    // @ts-expect-error a text is not summed
    defineJob({ name: "x", input: table, side, derive: ({ city }, { cities }) => ({ country: city.lookup(cities.id, cities.country) }), groupBy: "n", reduce: sum("country"), output: csv() }),
  ];
  t_.is(typeof refused, "function");
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
    // @ts-expect-error the lifted function makes numbers, the key is a string
    defineJob({ name: "x", input: text(), key: t.utf8(), value: t.float64(), map: words().lift((word) => word.length), reduce: sum(), output: tsv() }),
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
