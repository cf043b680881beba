/** Look-ups in side inputs over whole files, against the same join written as an ordinary map. */
import test from "ava";
import { InvalidJobError } from "../errors.js";
import { LocalRuns } from "../testing/local-run.js";
import { explainJob } from "./explain-job.js";

const runs = new LocalRuns();
const rows = Array.from({ length: 5000 }, (_, i) => ({
  city: ["Ålesund", "", 'a "quoted" one', "x".repeat(40), "\u0000", "constructor"][i % 8] ?? `c${(i * 31) % 97}`,
  n: ((i * 7919) % 100) - 50,
  day: `2024-01-${10 + (i % 20)}`,
  maybe: i % 5 === 0 ? null : `m${i % 7}`,
  x: i / 8,
}));
const quoted = (cell: string): string => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
const input = {
  csv: runs.write("rows.csv", `city,n,day,maybe,x\n${rows.map(({ city, n, day, maybe, x }) => [quoted(city), n, day, maybe ?? "", x].join(",")).join("\n")}\n`),
  jsonl: runs.write("rows.jsonl", rows.map((row) => JSON.stringify(row)).join("\n")),
};
const cities = [...new Set(rows.map(({ city }) => city))].filter((_, i) => i % 3 !== 0);
const paths = {
  cities: runs.write("cities.csv", `id,country,rank\n${cities.map((city, i) => `${quoted(city)},${["NO", "SE", "DK"][i % 3]},${i % 4}`).join("\n")}\n`),
  numbers: runs.write("numbers.jsonl", Array.from({ length: 60 }, (_, n) => JSON.stringify({ n: n - 20, at: n % 4 === 0 ? null : new Date(n * 86_400_000).toISOString(), list: [n] })).join("\n")),
  days: runs.write("days.tsv", Array.from({ length: 15 }, (_, i) => `2024-01-${10 + i}\tday ${i % 4}\n`).join("")),
};
const SCHEMA = `{ city: t.utf8(), n: t.int32(), day: t.date(), maybe: t.utf8().nullable(), x: t.float64() }`;
const SIDES = `{
  cities: csv({ id: t.utf8(), country: t.utf8(), rank: t.int32() }, { paths: ${JSON.stringify(paths.cities)} }),
  numbers: jsonl({ n: t.int32(), at: t.timestamp().nullable(), list: t.list(t.int32()) }, { paths: ${JSON.stringify(paths.numbers)} }),
  days: tsv({ day: t.date(), name: t.utf8() }, { paths: ${JSON.stringify(paths.days)} }),
}`;
const AGGREGATE = `aggregate({ rows: count(), x: sum("x"), n: sum("n") })`;

/** Each as look-ups, and as an ordinary map with the type of its key. */
const CASES: readonly { readonly grouped: string; readonly key: string; readonly map: string }[] = [
  {
    grouped: `derive: ({ city }, { cities }) => ({ country: city.lookup(cities.id, cities.country) }), groupBy: "country"`,
    key: "t.utf8().nullable()",
    map: `emit(c.side("cities").find(({ id }) => id === r.city)?.country ?? null, r)`,
  },
  {
    grouped: `derive: ({ city }, { cities }) => ({ country: city.lookup(cities.id, cities.country) }), where: ({ country, n }) => [country.isNotNull(), n.gt(-40), country.ne("DK")], groupBy: "country"`,
    key: "t.utf8().nullable()",
    map: `const f = c.side("cities").find(({ id }) => id === r.city); if (f && r.n > -40 && f.country !== "DK") emit(f.country, r)`,
  },
  {
    grouped: `derive: ({ n, city }, { numbers, cities }) => ({ at: n.lookup(numbers.n, numbers.at), rank: city.lookup(cities.id, cities.rank) }), groupBy: ["at", "rank"]`,
    key: "t.struct({ at: t.timestamp().nullable(), rank: t.int32().nullable() })",
    map: `emit({ at: c.side("numbers").find(({ n }) => n === r.n)?.at ?? null, rank: c.side("cities").find(({ id }) => id === r.city)?.rank ?? null }, r)`,
  },
  {
    grouped: `derive: ({ day }, { days }) => ({ name: day.lookup(days.day, days.name) }), where: ({ name }) => name.isNotNull(), groupBy: "city"`,
    key: "t.utf8()",
    map: `if (c.side("days").some(({ day }) => +day === +r.day)) emit(r.city, r)`,
  },
  {
    grouped: `derive: ({ city }, { cities }) => ({ rank: city.lookup(cities.id, cities.rank), size: city.lift(t.int32(), (city) => city.length) }), where: ({ rank }) => rank.ge(1), groupBy: ["size", "city"]`,
    key: "t.struct({ size: t.int32(), city: t.utf8() })",
    map: `if (c.side("cities").find(({ id }) => id === r.city)?.rank >= 1) emit({ size: r.city.length, city: r.city }, r)`,
  },
  {
    grouped: `derive: ({ city }, { cities }) => ({ rank: city.lookup(cities.id, cities.rank) }), where: ({ rank }) => rank.isNull(), groupBy: "city"`,
    key: "t.utf8()",
    map: `if (!c.side("cities").some(({ id }) => id === r.city)) emit(r.city, r)`,
  },
  {
    grouped: `derive: ({ n }, { numbers }) => ({ list: n.lookup(numbers.n, numbers.list) }), groupBy: "list"`,
    key: "t.list(t.int32()).nullable()",
    map: `emit(c.side("numbers").find(({ n }) => n === r.n)?.list ?? null, r)`,
  },
  {
    grouped: `derive: ({ maybe }, { cities }) => ({ rank: maybe.lookup(cities.id, cities.rank) }), groupBy: "rank"`,
    key: "t.int32().nullable()",
    map: `emit(c.side("cities").find(({ id }) => id === r.maybe)?.rank ?? null, r)`,
  },
];

for (const [i, { grouped, key, map }] of CASES.entries()) {
  test.serial(`look-ups give what a join by a plain map gives: ${grouped}`, async (t) => {
    const job = (format: string, how: string): string => `{ name: "g", input: ${format}(${SCHEMA}), side: ${SIDES}, ${how}, reduce: ${AGGREGATE}, output: jsonl() }`;
    const plain = await runs.run(runs.job("mapped", job("csv", `key: ${key}, value: t.struct(${SCHEMA}), map: (r, emit, c) => { ${map} }`)), { input: input.csv, partitions: 2 });
    for (const format of ["csv", "jsonl"] as const) {
      // Where functions are lifted as well, bad records that are skipped make it the plain way.
      const onBadRecord = (i % 2 === 0) === (format === "csv") ? "skip" : "fail";
      const columns = await runs.run(runs.job("grouped", job(format, grouped)), { input: input[format], partitions: 2, splitSize: 40_000 + 9973 * i, onBadRecord });
      t.deepEqual(columns.parts, plain.parts, format);
      t.is(columns.manifest.records, rows.length);
    }
  });
}

test.serial("a value that is found is aggregated like any other", async (t) => {
  const job = runs.job("value", `{ name: "g", input: csv(${SCHEMA}), side: ${SIDES}, derive: ({ city }, { cities }) => ({ rank: city.lookup(cities.id, cities.rank) }), groupBy: "day", reduce: sum("rank"), output: tsv() }`);
  const rankOf = new Map(cities.map((city, i) => [city, i % 4]));
  const expected = new Map<string, number>();
  for (const { city, day } of rows) expected.set(day, (expected.get(day) ?? 0) + (rankOf.get(city) ?? 0));
  const { parts } = await runs.run(job, { input: input.csv, splitSize: 50_000 });
  t.deepEqual(parts.join("").trimEnd().split("\n").sort(), [...expected].map(([day, sum]) => `${day}\t${sum}`).sort());
});

test.serial("values that are there twice fail the job, and say which", async (t) => {
  const twice = runs.write("twice.csv", "id,country\na,NO\nb,SE\na,DK\n");
  for (const [onBadRecord, key] of [["fail", "country"], ["skip", "country"], ["skip", "size"]] as const) {
    const job = runs.job("twice", `{ name: "g", input: csv(${SCHEMA}), side: { cities: csv({ paths: ${JSON.stringify(twice)} }) }, derive: ({ city }, { cities }) => ({ country: city.lookup(cities.id, cities.country), size: city.lift(t.int32(), (city) => city.length) }), where: ({ country }) => country.isNull(), groupBy: "${key}", reduce: count(), output: tsv() }`);
    const failure = await runs.failure(job, { input: input.csv, onBadRecord });
    t.like(failure, { kind: "user-error", message: 'derive.country: side input cities has more than one row whose id is "a" (string); a lookup needs values that are there once' });
  }
});

test.serial("look-ups that make no sense are refused before anything runs", async (t) => {
  const refused = async (derive: string, message: RegExp): Promise<unknown> =>
    t.throwsAsync(runs.run(runs.job("refused", `{ name: "g", input: jsonl({ ...${SCHEMA}, tags: t.list(t.utf8()) }), side: { ...${SIDES}, lines: text({ paths: "lines.txt" }) }, derive: (c, s) => ({ d: ${derive} }), groupBy: "d", reduce: count(), output: tsv() }`), { input: input.jsonl }), { instanceOf: InvalidJobError, message });
  await refused(`c.city.lookup(s.nope.id, s.nope.country)`, /derive\.d: there is no side input "nope"; the job declares cities, numbers, days, lines/);
  await refused(`c.city.lookup(s.cities.nope, s.cities.country)`, /derive\.d, side\.cities: the input has no column "nope"; it has id, country, rank/);
  await refused(`c.city.lookup(s.cities.id, s.cities.nope)`, /derive\.d, side\.cities: the input has no column "nope"/);
  await refused(`c.city.lookup(s.lines.id, s.lines.nope)`, /derive\.d, side\.lines: the columns of text\(\) are not known/);
  await refused(`c.nope.lookup(s.cities.id, s.cities.country)`, /derive: the input has no column "nope"/);
  await refused(`c.n.lookup(s.cities.id, s.cities.country)`, /derive\.d: column "n" is int32 and side\.cities\.id is utf8; give both one type/);
  await refused(`c.tags.lookup(s.cities.id, s.cities.country)`, /derive\.d: column "tags" is list<utf8>; texts, numbers, bools and times can be looked up/);
  await refused(`c.city.lookup(s.cities.id, s.days.name)`, /lookup of column "city": takes two columns of one side input, such as/);
  await refused(`c.city.lookup(s.cities)`, /lookup of column "city": takes two columns of one side input, such as/);
});

test.serial("explain shows look-ups, which leave records to no closer look", async (t) => {
  const job = runs.job("explained", `{ name: "g", input: csv(${SCHEMA}), side: ${SIDES}, derive: ({ city }, { cities }) => ({ country: city.lookup(cities.id, cities.country) }), groupBy: "country", reduce: count(), output: tsv() }`);
  const lines = await explainJob(job, { input: [input.csv], onBadRecord: "skip" });
  t.deepEqual(lines.slice(lines.findIndex((line) => line.startsWith("Stage map")) + 1).slice(0, 3).map((line) => line.trim()), [
    "group by country, columns read: city",
    "derive country: country of side input cities where its id is city",
    "path: kernels index and parse the cells",
  ]);
});
