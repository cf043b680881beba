/** Group-by jobs over whole files, against the same job written as an ordinary map. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { InvalidJobError } from "../errors.js";
import { LocalRuns } from "../testing/local-run.js";

const runs = new LocalRuns();
const NAMES = ["plain", 'has "quotes"', "a, b", "line\nbreak", "é日本", "", "x".repeat(40), "\u0000nul", "r\rr", "constructor"];

function quoted(cell: string, always: boolean): string {
  return always || /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function quarantined(output: string): unknown[] {
  const folder = join(output, "_quarantine");
  return readdirSync(folder).sort().flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line) as unknown));
}

/** Rows of every sort of cell: of `bad` ones, each in its way cannot be read. */
function content(rows: number, bad: boolean): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    if (bad && i % 97 === 5) return ["short,1", "a,b,c,d,e,f,g", `"open" text,1,2,3,4`, `k,one,1,2,x`, `k,1,1.5,2,x`][i % 5]!;
    const number = [String((i % 2000) / 10 - 100), "1e-7", "123456789.123456789", "-0", String(i ** 4 / 7), "9007199254740993"][i % 13 < 8 ? 0 : (i % 13) - 8]!;
    const n = String((i * 7919) % 1000);
    return [quoted(NAMES[(i * i + i) % 7 === 0 ? i % 10 : (i * i) % 10]!, i % 3 === 0), number, quoted(n, i % 11 === 0), `${i}00000000000`, `other${i % 3}`].join(",");
  });
  return `name,x,n,big,rest\r\n${lines.join(bad ? "\n" : "\r\n")}${bad ? "\n" : ""}`;
}

const SCHEMA = `{ name: t.utf8(), x: t.float64(), n: t.int32(), big: t.int64() }`;
const AGGREGATE = `aggregate({ rows: m.count(), sum: sum("x"), mean: m.mean("x"), least: m.min("x"), most: m.max("n"), total: sum("n"), big: sum("big"), first: m.first("name"), few: m.countDistinct("n") })`;
const VALUE = `t.struct(${SCHEMA})`;
const file = runs.write("all.csv", content(4000, false));
const grouped = runs.job("grouped", `{ name: "g", input: csv(${SCHEMA}), groupBy: "name", reduce: ${AGGREGATE}, output: jsonl() }`);
const mapped = runs.job("mapped", `{ name: "g", input: csv(${SCHEMA}), key: t.utf8(), value: ${VALUE}, map: (r, emit) => emit(r.name, r), reduce: ${AGGREGATE}, output: jsonl() }`);

test.serial("a group-by gives what the plain map gives, whatever the splits", async (t) => {
  const { parts: expected } = await runs.run(mapped, { input: file, partitions: 2 });
  t.is(expected.join("").split("\n").length - 1, NAMES.length);
  for (const splitSize of [1 << 30, 70_001, 9973, 1600]) {
    const { parts, manifest } = await runs.run(grouped, { input: file, partitions: 2, splitSize });
    t.deepEqual(parts, expected, `split size ${splitSize}`);
    t.is(manifest.records, 4000);
  }
});

test.serial("a small memory budget spills and changes nothing", async (t) => {
  const many = runs.write("many.csv", `k,v\n${Array.from({ length: 60_000 }, (_, i) => `key${(i * 7) % 30_000},${i / 8}\n`).join("")}`);
  const job = (how: string) => `{ name: "g", input: csv({ k: t.utf8(), v: t.float64() }), ${how}, reduce: sum("v"), output: tsv() }`;
  const plain = runs.job("many-mapped", job(`key: t.utf8(), value: t.struct({ v: t.float64() }), map: (r, emit) => emit(r.k, r)`));
  const columns = runs.job("many-grouped", job(`groupBy: "k"`));
  const { parts: expected } = await runs.run(plain, { input: many, partitions: 3 });
  for (const memory of [1 << 30, 2 << 20]) t.deepEqual((await runs.run(columns, { input: many, partitions: 3, memory })).parts, expected);
});

test.serial("bad records are counted and quarantined as by the plain map, with file and offset", async (t) => {
  const damaged = runs.write("bad.csv", content(3000, true));
  const read = async (job: string, splitSize: number) => {
    const { parts, manifest, output } = await runs.run(job, { input: damaged, partitions: 1, splitSize, onBadRecord: "quarantine" });
    return { parts, bad: manifest.badRecords, quarantined: quarantined(output) };
  };
  const expected = await read(mapped, 1 << 30);
  t.true(expected.bad >= 30);
  t.is(expected.quarantined.length, expected.bad);
  for (const splitSize of [1 << 30, 9973]) t.deepEqual(await read(grouped, splitSize), expected);
  const failure = await runs.failure(grouped, { input: damaged });
  t.is(failure.kind, "bad-record");
  t.is(failure.offset, (await runs.failure(mapped, { input: damaged })).offset);
});

test.serial("keys of several columns, of numbers and of every other type", async (t) => {
  const lines = Array.from({ length: 2000 }, (_, i) => [`u${i % 7}`, i % 5 === 0 ? "" : String(i % 4), String(((i % 9) - 4) / 2), i % 2 === 0 ? "true" : "false", `2024-01-0${1 + (i % 9)}`, String(i)].join(","));
  const input = runs.write("typed.csv", `u,n,x,b,d,i\n${lines.join("\n")}\n`);
  const schema = { u: "t.utf8()", n: "t.int32().nullable()", x: "t.float64()", b: "t.bool()", d: "t.date()", i: "t.int32()" };
  const dataset = `csv({ ${Object.entries(schema).map(([name, type]) => `${name}: ${type}`).join(", ")} })`;
  for (const keys of [["u"], ["i"], ["n"], ["x"], ["b"], ["d"], ["u", "n"], ["d", "x", "b"]] as (keyof typeof schema)[][]) {
    const reduce = `aggregate({ s: sum("i"), nulls: sum("n"), least: m.min("d"), rows: count() })`;
    const struct = `t.struct({ ${keys.map((name) => `${name}: ${schema[name]}`).join(", ")} })`;
    const key = keys.length === 1 ? `key: ${schema[keys[0]!]}, map: (r, emit) => emit(r.${keys[0]}, r)` : `key: ${struct}, map: (r, emit) => emit(r, r)`;
    const value = `value: t.struct({ ${Object.entries(schema).map(([name, type]) => `${name}: ${type}`).join(", ")} })`;
    const plain = await runs.run(runs.job("typed-mapped", `{ name: "g", input: ${dataset}, ${key}, ${value}, reduce: ${reduce}, output: jsonl() }`), { input, partitions: 2 });
    const columns = await runs.run(runs.job("typed-grouped", `{ name: "g", input: ${dataset}, groupBy: ${JSON.stringify(keys)}, reduce: ${reduce}, output: jsonl() }`), { input, partitions: 2, splitSize: 7000 });
    t.deepEqual(columns.parts, plain.parts, keys.join());
  }
});

test.serial("keys of several columns, thousands of them, some chunks with keys that kernels leave alone", async (t) => {
  // Pairs that are alike once they stand one behind the other, texts on both sides of 16 bytes, numbers that are written in several ways.
  const texts = ["", "a", "ab", "b", "bc", "c", "1", "a,b", 'say "a""b"', "é日本", "sixteen bytes ok", "seventeen bytes!!", "x".repeat(70), "\u0001"];
  const numbers = ["0", "-0", "0.0", "-2", "1", "1.0", "1e0", "-1.5", "9007199254740993", "0.1"];
  const strange = ["\0", "a\0", "a\0b", "\xff", "\xfe"];
  const rows = Array.from({ length: 30_000 }, (_, i) => {
    const one = i >= 12_000 && i < 12_500 ? Buffer.from(strange[i % 5]!, "latin1") : Buffer.from(quoted(texts[(i * 31) % 14]!, i % 5 === 0));
    const others = [quoted(texts[Math.floor(i / 14) % 14]!, i % 9 === 0), numbers[(i >> 4) % 10]!, String(((i % 10_000) >> 5) * 7919), String(2n ** 63n - 1n - BigInt(i % 3))];
    return Buffer.concat([one, Buffer.from(`,${others.join(",")}\n`)]);
  });
  const input = runs.write("several.csv", Buffer.concat([Buffer.from("one,two,x,n,big\n"), ...rows]));
  const schema = { one: "t.utf8()", two: "t.utf8()", x: "t.float64()", n: "t.int32()", big: "t.int64()" };
  const fields = (names: readonly string[]): string => `{ ${names.map((name) => `${name}: ${schema[name as keyof typeof schema]}`).join(", ")} }`;
  const all = fields(Object.keys(schema));
  for (const [keys, least] of [[["one", "two"], 196], [["two", "one", "n", "x"], 5000], [["big", "x", "one"], 250]] as const) {
    const reduce = `aggregate({ rows: count(), n: sum("n"), x: m.mean("x"), big: m.min("big"), ${least > 196 ? "" : `first: m.first("two")`} })`;
    const job = (name: string, how: string): string => runs.job(name, `{ name: "g", input: csv(${all}), ${how}, reduce: ${reduce}, output: jsonl() }`);
    const { parts: expected } = await runs.run(job("several-mapped", `key: t.struct(${fields(keys)}), value: t.struct(${all}), map: (r, emit) => emit(r, r)`), { input, partitions: 2 });
    t.true(expected.join("").split("\n").length > least);
    const grouped = job("several-grouped", `groupBy: ${JSON.stringify(keys)}`);
    for (const how of [{}, { splitSize: 500_000, memory: 4 << 20 }]) t.deepEqual((await runs.run(grouped, { input, partitions: 2, ...how })).parts, expected, keys.join());
  }
});

test.serial("TSV, JSON lines, Arrow, and CSV without a schema are grouped too; counting reads the key alone", async (t) => {
  const rows = Array.from({ length: 1500 }, (_, i) => ({ name: `k\\${i % 13}`, x: i / 4, n: i }));
  const jsonl = runs.write("rows.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
  const tsv = runs.write("rows.tsv", rows.map(({ name, x, n }) => [name.replace("\\", "\\\\"), x, n].join("\t")).join("\n"));
  const csv = runs.write("rows.csv", `n,name,x\n${rows.map(({ name, x, n }) => [n, name, x].join(",")).join("\n")}`);
  const schema = `{ name: t.utf8(), x: t.float64(), n: t.int32() }`;
  const shards = await runs.run(runs.job("to-arrow", `{ name: "a", input: jsonl(${schema}), map: (row, emit) => emit(row), output: arrow(${schema}) }`), { input: jsonl, splitSize: 20_000 });
  const expected = Array.from({ length: 13 }, (_, k) => {
    const own = rows.filter((_, i) => i % 13 === k);
    return `k\\\\${k}\t${own.reduce((sum, { x }) => sum + x, 0)}\t${own.length}`;
  }).sort().join("\n");
  const total = `groupBy: "name", reduce: aggregate({ x: sum("x"), rows: count() }), output: tsv()`;
  for (const [format, input] of [["jsonl", jsonl], ["tsv", tsv], ["csv", csv], ["arrow", `${shards.output}/*.arrow`]] as const) {
    const { parts } = await runs.run(runs.job(`total-${format}`, `{ name: "g", input: ${format}(${schema}), ${total} }`), { input, splitSize: 6000 });
    t.is(parts.join("").trimEnd().split("\n").sort().join("\n"), expected, format);
  }
  const { parts } = await runs.run(runs.job("untyped", `{ name: "g", input: csv(), groupBy: "name", reduce: count(), output: tsv() }`), { input: csv });
  t.is(parts.join("").split("\n").length - 1, 13);
});

test.serial("bytes that are no UTF-8 group as the strings they become, and ranges order the parts", async (t) => {
  const input = runs.write("latin.csv", Buffer.from(`k,v\n${"\xe9a,1\n\xe8a,2\nb,3\n".repeat(400)}`, "latin1"));
  for (const partition of ["", "partition: range(),"]) {
    const { parts } = await runs.run(runs.job("latin", `{ name: "g", input: csv({ k: t.utf8(), v: t.int32() }), groupBy: "k", ${partition} reduce: sum("v"), output: tsv() }`), { input, partitions: 2, splitSize: 4096 });
    t.deepEqual(parts.join("").split("\n").filter(Boolean).sort(), ["b\t1200", Buffer.from("\ufffda\t1200").toString("latin1")].sort());
  }
});

test.serial("columns that are not there are refused before anything runs", async (t) => {
  const job = (name: string, rest: string) => runs.job(name, `{ name: "g", input: csv({ a: t.utf8(), v: t.int32() }), output: tsv(), ${rest} }`);
  await t.throwsAsync(runs.run(job("no-key", `groupBy: "b", reduce: count()`), { input: file }), { instanceOf: InvalidJobError, message: /groupBy: the input has no column "b"; it has a, v/ });
  await t.throwsAsync(runs.run(job("no-value", `groupBy: "a", reduce: sum("w")`), { input: file }), { instanceOf: InvalidJobError, message: /reduce: the input has no column "w"/ });
  await t.throwsAsync(runs.run(job("twice", `groupBy: ["a", "a"], reduce: count()`), { input: file }), { instanceOf: InvalidJobError, message: /names the column "a" twice/ });
  await t.throwsAsync(runs.run(job("text", `groupBy: "v", reduce: sum("a")`), { input: file }), { instanceOf: InvalidJobError, message: /needs numbers, but the values are utf8/ });
  await t.throwsAsync(runs.run(job("both", `groupBy: "a", map: () => {}, reduce: count()`), { input: file }), { instanceOf: InvalidJobError, message: /exactly one of/ });
});

test.serial("columns that the header does not name fail the job, also where bad records are passed over", async (t) => {
  const job = (name: string, rest: string) => runs.job(name, `{ name: "g", output: tsv(), ${rest} }`);
  const csvInput = runs.write("three.csv", "host,status,size\na,200,1\n");
  const tsvInput = runs.write("three.tsv", "host\tstatus\tsize\na\t200\t1\n");
  const empty = runs.write("empty.csv", "");
  const derived = job("derived", `input: csv(), derive: ({ hots }) => ({ h: hots.lift(t.utf8(), String) }), groupBy: "h", reduce: count()`);
  for (const onBadRecord of ["fail", "skip"] as const) {
    const failure = await runs.failure(derived, { input: csvInput, onBadRecord });
    t.is(failure.kind, "bad-input");
    t.is(failure.message, `Input ${csvInput} has no column "hots". Its header is: "host", "status", "size". Did you mean "host"?`);
  }
  t.regex((await runs.failure(job("key", `input: tsv({ header: true }), groupBy: "client", reduce: count()`), { input: tsvInput })).message, /has no column "client"\. Its header is: .*\. Name columns as the header does$/);
  t.deepEqual((await runs.run(derived, { input: empty })).parts.join(""), "");
});
