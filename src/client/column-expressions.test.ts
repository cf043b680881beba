/** Derived columns and conditions over whole files, against the same job written as an ordinary map. */
import test from "ava";
import { InvalidJobError } from "../errors.js";
import { LocalRuns } from "../testing/local-run.js";
import { explainJob } from "./explain-job.js";

const runs = new LocalRuns();
const NAMES = ["plain", 'has "quotes"', "a, b", "line\nbreak", "é日本", "", "x".repeat(40), "\u0000nul", "constructor", "\u{1f600}", "\uff5e", "__proto__"];
const rows = Array.from({ length: 4000 }, (_, i) => ({
  name: NAMES[(i * i + 3 * i) % NAMES.length]!,
  city: `c${(i * 31) % 97}`,
  x: [i / 8 - 200, -0, 1e-7, 0.1][i % 9 < 3 ? (i % 3) + 1 : 0]!,
  n: ((i * 7919) % 2000) - 1000,
  big: BigInt(i) * 100_000_000_000n,
  at: new Date(Date.UTC(2024, 0, 1 + (i % 60), i % 24)),
  maybe: i % 5 === 0 ? null : `m${i % 7}`,
}));

function quoted(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const input = {
  csv: runs.write("rows.csv", `name,city,x,n,big,at,maybe\n${rows.map(({ name, city, x, n, big, at, maybe }) => [quoted(name), city, Object.is(x, -0) ? "-0" : x, n, big, at.toISOString(), maybe ?? ""].join(",")).join("\n")}\n`),
  jsonl: runs.write("rows.jsonl", rows.map((row) => JSON.stringify({ ...row, big: String(row.big) })).join("\n")),
};
const SCHEMA = `{ name: t.utf8(), city: t.utf8(), x: t.float64(), n: t.int32(), big: t.int64(), at: t.timestamp(), maybe: t.utf8().nullable() }`;
const AGGREGATE = `aggregate({ rows: count(), x: sum("x"), n: sum("n"), first: m.first("city") })`;

/** Each as column expressions, and as an ordinary map with the type of its key. */
const CASES: readonly { readonly grouped: string; readonly key: string; readonly map: string }[] = [
  { grouped: `derive: ({ name }) => ({ head: name.lift(t.utf8(), (name) => name.slice(0, 2)) }), groupBy: "head"`, key: "t.utf8()", map: "emit(r.name.slice(0, 2), r)" },
  { grouped: `derive: ({ n }) => ({ tens: n.lift(t.int32(), (n) => Math.trunc(n / 10)) }), groupBy: "tens"`, key: "t.int32()", map: "emit(Math.trunc(r.n / 10) | 0, r)" },
  { grouped: `derive: ({ at, city }) => ({ day: at.lift(t.date(), (at) => at), c: city.lift(t.utf8(), (city) => city.at(-1)) }), groupBy: ["c", "day"]`, key: "t.struct({ c: t.utf8(), day: t.date() })", map: "emit({ c: r.city.at(-1), day: r.at }, r)" },
  { grouped: `derive: ({ big }) => ({ b: big.lift(t.int64(), (big) => big / 7n), s: big.lift(t.int64({ as: "number" }), (big) => Number(big % 11n)) }), where: ({ b }) => b.lt(5_000_000_000_000n), groupBy: "s"`, key: `t.int64({ as: "number" })`, map: "if (r.big / 7n < 5_000_000_000_000n) emit(Number(r.big % 11n), r)" },
  { grouped: `derive: ({ maybe }) => ({ k: maybe.lift(t.utf8().nullable(), (maybe) => (maybe === "m3" ? null : maybe && maybe + "!")) }), groupBy: "k"`, key: "t.utf8().nullable()", map: `emit(r.maybe === "m3" ? null : r.maybe && r.maybe + "!", r)` },
  { grouped: `where: ({ city }) => city.lift(t.bool(), (city) => city.endsWith("1")), groupBy: "city"`, key: "t.utf8()", map: `if (r.city.endsWith("1")) emit(r.city, r)` },
  { grouped: `where: ({ city }) => city.lift(t.bool(), (city) => city.endsWith("1")), groupBy: "name"`, key: "t.utf8()", map: `if (r.city.endsWith("1")) emit(r.name, r)` },
  { grouped: `where: ({ x, n, at, big }) => [x.gt(0), n.le(500), at.ge(new Date("2024-01-15")), big.ne(0n)], groupBy: "name"`, key: "t.utf8()", map: `if (r.x > 0 && r.n <= 500 && r.at >= new Date("2024-01-15") && r.big !== 0n) emit(r.name, r)` },
  { grouped: `where: ({ maybe }) => maybe.isNull(), groupBy: ["name", "maybe"]`, key: "t.struct({ name: t.utf8(), maybe: t.utf8().nullable() })", map: "if (r.maybe === null) emit(r, r)" },
  { grouped: `where: ({ maybe }) => [maybe.isNotNull(), maybe.ne("m1")], groupBy: "maybe"`, key: "t.utf8().nullable()", map: `if (r.maybe !== null && r.maybe !== "m1") emit(r.maybe, r)` },
  { grouped: `where: ({ maybe }) => maybe.ge("m3"), groupBy: "name"`, key: "t.utf8()", map: `if (r.maybe !== null && r.maybe >= "m3") emit(r.name, r)` },
  // U+1F600 comes behind U+FF5E by UTF-8, and before it by UTF-16.
  { grouped: `where: ({ name }) => name.gt("\\uff5e"), groupBy: "name"`, key: "t.utf8()", map: `if (Buffer.compare(Buffer.from(r.name), Buffer.from("\\uff5e")) > 0) emit(r.name, r)` },
  { grouped: `where: ({ x }) => x.lift(t.bool(), (x) => Object.is(x, 0)), groupBy: "name"`, key: "t.utf8()", map: "if (r.x === 0) emit(r.name, r)" },
  { grouped: `where: ({ x }) => x.gt(1e9), groupBy: "name"`, key: "t.utf8()", map: "" },
  { grouped: `derive: ({ city }) => ({ c: city.lift(t.utf8(), (city) => city.at(-1)) }), where: ({ c }) => c.ge("4"), groupBy: "c"`, key: "t.utf8()", map: `if (r.city.at(-1) >= "4") emit(r.city.at(-1), r)` },
];

for (const format of ["csv", "jsonl"] as const) {
  test.serial(`derived columns and conditions over ${format} give what the plain map gives`, async (t) => {
    for (const [i, { grouped, key, map }] of CASES.entries()) {
      if (format === "jsonl" && i % 3 !== 0) continue;
      const job = (how: string): string => `{ name: "g", input: ${format}(${SCHEMA}), ${how}, reduce: ${AGGREGATE}, output: jsonl() }`;
      const plain = await runs.run(runs.job("mapped", job(`key: ${key}, value: t.struct(${SCHEMA}), map: (r, emit) => { ${map} }`)), { input: input[format], partitions: 2 });
      // Bad records that are skipped make it the plain way.
      const onBadRecord = i % 4 === 3 ? "skip" : "fail";
      const columns = await runs.run(runs.job("grouped", job(grouped)), { input: input[format], partitions: 2, splitSize: 40_000 + 9973 * i, onBadRecord });
      t.deepEqual(columns.parts, plain.parts, grouped);
      t.is(columns.manifest.records, rows.length);
    }
  });
}

test.serial("a derived column is a value too", async (t) => {
  const job = runs.job("value", `{ name: "g", input: csv(${SCHEMA}), derive: ({ name, n }) => ({ length: name.lift(t.float64(), (name) => name.length), odd: n.lift(t.bool(), (n) => n % 2 !== 0) }), where: ({ odd }) => odd.eq(true), groupBy: "city", reduce: aggregate({ s: sum("length"), n: count() }), output: tsv() }`);
  const expected = new Map<string, [number, number]>();
  for (const { name, city, n } of rows) {
    if (n % 2 === 0) continue;
    const [length, count] = expected.get(city) ?? [0, 0];
    expected.set(city, [length + name.length, count + 1]);
  }
  const { parts } = await runs.run(job, { input: input.csv, splitSize: 30_000 });
  t.deepEqual(parts.join("").trimEnd().split("\n").sort(), [...expected].map(([city, numbers]) => [city, ...numbers].join("\t")).sort());
});

test.serial("a lifted function is called far less often than there are records", async (t) => {
  const job = runs.job("calls", `{ name: "g", input: csv(${SCHEMA}), derive: ({ city }) => ({ c: city.lift(t.utf8(), (city) => { console.log("called"); return city; }) }), groupBy: "c", reduce: count(), output: tsv() }`);
  const { log } = await runs.run(job, { input: input.csv, splitSize: 1 << 30 });
  t.is(log.split("called").length - 1, 97);
});

test.serial("what a lifted function throws names function, value, file and place, and is a bad record where those are tolerated", async (t) => {
  const at = rows.findIndex(({ city }) => city === "c42");
  const throwing = `city.lift(t.utf8(), (city) => { if (city === "c42") throw new RangeError("not 42"); return city; })`;
  const job = (name: string, how: string) => runs.job(name, `{ name: "g", input: jsonl(${SCHEMA}), ${how}, reduce: count(), output: tsv() }`);
  const lines = rows.map((row) => JSON.stringify({ ...row, big: String(row.big) }));
  const offset = Buffer.byteLength(lines.slice(0, at).join("\n")) + 1;
  for (const splitSize of [1 << 30, 50_000]) {
    const failure = await runs.failure(job("throws", `derive: ({ city }) => ({ c: ${throwing} }), groupBy: "c"`), { input: input.jsonl, splitSize, threads: 1 });
    t.is(failure.kind, "user-error");
    t.is(failure.message, 'derive.c of "c42" (string): RangeError: not 42');
    t.regex(failure.stack ?? "", /throws\.ts:3/);
    t.is(failure.file, input.jsonl);
    t.is(failure.offset, offset);
    t.true(failure.record?.startsWith(lines[at]!.slice(0, 100)));
  }
  const { parts, manifest } = await runs.run(job("skips", `derive: ({ city }) => ({ c: ${throwing} }), groupBy: "c"`), { input: input.jsonl, onBadRecord: "skip" });
  t.is(manifest.badRecords, rows.filter(({ city }) => city === "c42").length);
  t.is(parts.join("").trimEnd().split("\n").length, 96);
  const wrong = await runs.failure(job("wrong", `derive: ({ city }) => ({ c: city.lift(t.int32(), () => "text") }), groupBy: "c"`), { input: input.jsonl });
  t.is(wrong.message, 'derive.c of "c0" (string): TypeError: expected int32, got "text" (string)');
  t.is(wrong.stack, "");
  // The record that throws fails a condition before.
  t.is((await runs.run(job("spared", `derive: ({ city }) => ({ c: ${throwing} }), where: ({ city }) => city.ne("c42"), groupBy: "c"`), { input: input.jsonl })).parts.join("").trimEnd().split("\n").length, 96);
});

test.serial("expressions that make no sense are refused before anything runs", async (t) => {
  const refused = async (how: string, message: RegExp): Promise<unknown> => t.throwsAsync(runs.run(runs.job("refused", `{ name: "g", input: csv(${SCHEMA}), ${how}, output: tsv() }`), { input: input.csv }), { instanceOf: InvalidJobError, message });
  await refused(`where: ({ nope }) => nope.gt(1), groupBy: "name", reduce: count()`, /where: the input has no column "nope"/);
  await refused(`derive: ({ nope }) => ({ a: nope.lift(t.utf8(), String) }), groupBy: "a", reduce: count()`, /derive: the input has no column "nope"/);
  await refused(`derive: ({ name }) => ({ city: name.lift(t.utf8(), String) }), groupBy: "city", reduce: count()`, /derive: the input has a column "city" already/);
  await refused(`derive: ({ name }) => ({ a: name.gt("x") }), groupBy: "a", reduce: count()`, /derive\.a: must be a lifted function/);
  await refused(`where: ({ n }) => n.gt("5"), groupBy: "name", reduce: count()`, /column "n" is int32 and cannot be compared with 5 \(string\)/);
  await refused(`where: ({ n }) => n.eq(null), groupBy: "name", reduce: count()`, /column "n" is int32 and cannot be compared with null; isNull\(\) and isNotNull\(\) ask for that/);
  await refused(`where: ({ big }) => big.eq(5), groupBy: "name", reduce: count()`, /column "big" is int64 and cannot be compared with 5 \(number\); it takes a bigint/);
  await refused(`where: ({ at }) => at.gt("2024-01-01"), groupBy: "name", reduce: count()`, /column "at" is timestamp and cannot be compared with 2024-01-01 \(string\); it takes a Date/);
  await refused(`derive: ({ n, a }) => ({ a: n.lift(t.int32(), Number), b: a.lift(t.utf8(), String) }), groupBy: "b", reduce: count()`, /derive\.b: "a" is a derived column itself; call both functions in one, over the input's column/);
  await refused(`where: ({ n }) => n.lift(t.utf8(), String), groupBy: "name", reduce: count()`, /gives t\.bool\(\), not utf8/);
  await refused(`where: ({ n }) => n.lift(t.bool().nullable(), () => null), groupBy: "name", reduce: count()`, /gives t\.bool\(\), not bool\?/);
  await refused(`derive: ({ n }) => ({ d: n.lift(t.utf8(), String) }), groupBy: "dd", reduce: count()`, /groupBy: the input has no column "dd"; it has name, .*, maybe, and derived are d$/);
  await refused(`where: () => true, groupBy: "name", reduce: count()`, /where: must give conditions/);
  await refused(`where: ({ name, n }) => n.gt(1) && name.eq("a"), groupBy: "name", reduce: count()`, /where: a condition on column "n" is made and not given back.*in an array/);
  await refused(`where: ({ n }) => n.gt(5), map: (r, emit) => emit(r)`, /`where` is for jobs with `groupBy`/);
});

test.serial("explain shows expressions and the path", async (t) => {
  const job = runs.job("explained", `{ name: "g", input: csv({ name: t.utf8(), city: t.utf8(), n: t.int32(), unread: t.json() }), derive: ({ name }) => ({ head: name.lift(t.utf8(), (name) => name[0]), unused: name.lift(t.utf8(), String) }), where: ({ n, city }) => [n.gt(5), city.eq("a"), city.lift(t.bool(), Boolean)], groupBy: "head", reduce: sum("n"), output: tsv() }`);
  const lines = async (options = {}): Promise<string[]> => {
    const all = await explainJob(job, { input: [input.csv], ...options });
    return all.slice(all.findIndex((line) => line.startsWith("Stage map")) + 1).slice(0, 6).map((line) => line.trim());
  };
  const expected = [
    "group by head, columns read: name, n, city",
    "derive head: a function of name, called once for each distinct value of a chunk",
    "where n > 5",
    'where city = "a"',
    "where a function of city holds",
  ];
  t.deepEqual(await lines(), [...expected, "path: kernels index and parse the cells"]);
  t.deepEqual(await lines({ onBadRecord: "skip" }), [...expected, "path: plain, a call for each record, because one that a function of columns throws on is a bad record, to be set aside"]);
});
