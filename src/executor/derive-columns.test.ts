/** Derived columns and conditions over chunks, against filter and map over the rows, and against the plain twin. */
import test from "ava";
import fc from "fast-check";
import { columnsOfRows } from "../formats/row-columns.js";
import type { CodedTexts } from "../columnar/coded-texts.js";
import { count, csv, defineJob, sum, t, type Job } from "../index.js";
import type { RecordColumns, Utf8Column, ValueColumn } from "../job/record-batch.js";
import { deriveSpec } from "../job/derive-spec.js";
import type { GroupBySpec } from "../model/job-spec.js";
import { columnDeriver, recordDeriver, type SideRows } from "./derive-columns.js";

type Row = Readonly<Record<"name" | "city", string> & { x: number; n: number; big: bigint; at: Date; maybe: string | null }>;
type Columns = RecordColumns<Record<string, unknown>>;

const schema = { name: t.utf8(), city: t.utf8(), x: t.float64(), n: t.int32(), big: t.int64(), at: t.timestamp(), maybe: t.utf8().nullable() };
const table = csv(schema, { paths: "none.csv" });
const output = csv();

/** A job, the rows that it counts, and its key, in plain words. */
interface Case {
  readonly job: Job;
  readonly keep: (row: Row) => boolean;
  readonly key: (row: Row) => unknown;
}

const cases: readonly Case[] = [
  {
    job: defineJob({ name: "a", input: table, derive: ({ name }) => ({ k: name.lift(t.utf8(), (name) => name.toUpperCase()) }), where: ({ x, city }) => [x.gt(0), city.ne("c1")], groupBy: "k", reduce: sum("n"), output }),
    keep: ({ x, city }) => x > 0 && city !== "c1",
    key: ({ name }) => name.toUpperCase(),
  },
  {
    job: defineJob({ name: "b", input: table, derive: ({ n }) => ({ k: n.lift(t.int32(), (n) => n % 3) }), where: ({ k }) => k.ge(0), groupBy: "k", reduce: count(), output }),
    keep: ({ n }) => n % 3 >= 0,
    key: ({ n }) => n % 3,
  },
  {
    job: defineJob({ name: "c", input: table, derive: ({ maybe }) => ({ k: maybe.lift(t.utf8().nullable(), (maybe) => (maybe === null ? "none" : maybe === "" ? null : maybe)) }), where: ({ k, big }) => [k.isNotNull(), big.le(5n)], groupBy: "k", reduce: count(), output }),
    keep: ({ maybe, big }) => maybe !== "" && big <= 5n,
    key: ({ maybe }) => maybe ?? "none",
  },
  {
    job: defineJob({ name: "d", input: table, derive: ({ x, at }) => ({ k: x.lift(t.float64(), (x) => 1 / x), year: at.lift(t.int32(), (at) => at.getUTCFullYear()) }), where: ({ year, name }) => [name.lift(t.bool(), (name) => name.length % 2 === 0), year.eq(1970)], groupBy: "k", reduce: count(), output }),
    keep: ({ name, at }) => name.length % 2 === 0 && at.getUTCFullYear() === 1970,
    key: ({ x }) => (x === 0 ? Infinity : 1 / x),
  },
  {
    job: defineJob({ name: "e", input: table, where: ({ name, maybe }) => [name.lt("b"), maybe.isNull()], groupBy: "name", reduce: count(), output }),
    keep: ({ name, maybe }) => Buffer.compare(Buffer.from(name), Buffer.from("b")) < 0 && maybe === null,
    key: ({ name }) => name,
  },
];

const text = fc.oneof(fc.constantFrom("", "a", "b", "c1", "\u0000", "é", "\u{1f600}", "\uffff", "constructor", "x".repeat(50)), fc.string({ unit: "binary", maxLength: 6 }));
const row: fc.Arbitrary<Row> = fc.record({
  name: text,
  city: fc.constantFrom("c1", "c2", "c3"),
  x: fc.oneof(fc.constantFrom(0, -0, 1, -1, NaN, Infinity), fc.double()),
  n: fc.integer({ min: -10, max: 10 }),
  big: fc.bigInt({ min: -9n, max: 9n }),
  at: fc.constantFrom(0, 1, 400 * 86_400_000).map((millis) => new Date(millis)),
  maybe: fc.option(text, { nil: null }),
});

/** The same column as a reader's dictionary, which grows from chunk to chunk and may hold what no row of a chunk has. */
class Dictionary {
  readonly #texts: string[] = [];

  code(column: Utf8Column): CodedTexts {
    const codes = Int32Array.from({ length: column.length }, (_, row) => this.#code(column.get(row)));
    const offsets = new Int32Array(this.#texts.length + 1);
    const parts = this.#texts.map((one) => Buffer.from(one));
    for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i]! + part.length;
    return { length: column.length, codes, texts: { kind: "bytes", offsets, bytes: Buffer.concat(parts) }, size: parts.length, isLast: false, epoch: 3, get: (row) => column.get(row) };
  }

  #code(value: string): number {
    const known = this.#texts.indexOf(value);
    return known >= 0 ? known : this.#texts.push(value) - 1;
  }
}

function specOf(job: Job): GroupBySpec {
  return deriveSpec(job.definition, { params: {} }, {}).map.groupBy!;
}

function valuesOf(columns: Columns, name: string): unknown[] {
  const column = columns.columns[name]! as ValueColumn<unknown> | Float64Array;
  return Array.from({ length: columns.length }, (_, i) => ("get" in column ? column.get(i) : column[i]));
}

const noSides: SideRows = {
  side: () => [],
  sideIndex: () => {
    throw new Error("nothing is looked up");
  },
};

/** What the shuffle makes of a key: -0 is 0. */
function plain(value: unknown): unknown {
  return value === 0 ? 0 : value;
}

test("chunk after chunk, the rows that stay and their derived keys are those of filter and map", (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...cases), fc.array(fc.tuple(fc.array(row, { maxLength: 30 }), fc.boolean()), { maxLength: 5 }), ({ job, keep, key }, chunks) => {
      const spec = specOf(job);
      const { name } = spec.keys[0]!;
      const derive = columnDeriver(spec, job.definition, noSides);
      const twin = recordDeriver(spec, job.definition, noSides);
      const dictionary = new Dictionary();
      for (const [rows, coded] of chunks) {
        const { length, columns } = columnsOfRows(Object.entries(schema).map(([name, { type }]) => ({ name, type })), rows);
        const given = coded ? { ...columns, name: dictionary.code(columns["name"] as unknown as Utf8Column) } : columns;
        const derived = derive({ length, columns: given as Columns["columns"] });
        const expected = rows.filter((row) => keep(row)).map((row) => plain(key(row)));
        t.deepEqual(valuesOf(derived, name).map(plain), expected);
        t.deepEqual(rows.map((row) => twin(row)).filter((row) => row !== undefined).map((row) => plain(row[name])), expected);
        const keys = derived.columns[name] as unknown as CodedTexts;
        if (keys.codes !== undefined && spec.where.length > 0) {
          // A code that no row ever had would be a key of its own.
          t.true(keys.size <= new Set(chunks.flatMap(([rows]) => rows.map((one) => key(one)))).size);
        }
      }
    }),
    { numRuns: 1500 },
  );
});

test("values that hardly ever repeat, and more of them than are remembered", (t) => {
  const job = defineJob({ name: "many", input: table, derive: ({ name, n }) => ({ k: name.lift(schema.name, (name) => name.slice(-3)), m: n.lift(schema.x, (n) => n + 1) }), where: ({ m }) => m.ne(7), groupBy: "k", reduce: sum("m"), output });
  const derive = columnDeriver(specOf(job), job.definition, noSides);
  const fields = [{ name: "name", type: schema.name.type }, { name: "n", type: schema.n.type }];
  for (let chunk = 0; chunk < 12; chunk++) {
    const rows = Array.from({ length: 20_000 }, (_, i) => ({ name: `name ${chunk * 20_000 + i}`, n: chunk * 20_000 + i }));
    const derived = derive(columnsOfRows(fields, rows));
    const kept = rows.filter(({ n }) => n !== 6);
    t.deepEqual(valuesOf(derived, "k"), kept.map(({ name }) => name.slice(-3)));
    t.deepEqual(valuesOf(derived, "m"), kept.map(({ n }) => n + 1));
  }
});

test("a function sees each value once, however many rows, columns and chunks have it", (t) => {
  const seen: string[] = [];
  const job = defineJob({ name: "calls", input: table, derive: ({ city }) => ({ k: city.lift(schema.city, (city) => (seen.push(city), city)) }), groupBy: "k", reduce: count(), output });
  const derive = columnDeriver(specOf(job), job.definition, noSides);
  for (const from of [0, 50]) {
    const rows = Array.from({ length: 1000 }, (_, i) => ({ city: `c${from + (i % 100)}` }));
    derive(columnsOfRows([{ name: "city", type: schema.city.type }], rows));
  }
  t.deepEqual(seen, Array.from({ length: 150 }, (_, i) => `c${i}`));
});

test("a derived column hides one of the input's that only the header names, and functions see the input's", (t) => {
  const job = defineJob({ name: "hidden", input: csv({ paths: "none.csv" }), derive: ({ a, b }) => ({ b: a!.lift(schema.name, (a) => `of ${a}`), c: b!.lift(schema.name, (b) => `of ${b}`) }), groupBy: ["b", "c"], reduce: count(), output });
  const rows = [{ a: "a1", b: "b1" }, { a: "a2", b: "b2" }];
  const expected = rows.map(({ a, b }) => ({ b: `of ${a}`, c: `of ${b}` }));
  const derived = columnDeriver(specOf(job), job.definition, noSides)(columnsOfRows(["a", "b"].map((name) => ({ name, type: schema.name.type })), rows));
  t.deepEqual(expected.map((_, i) => ({ b: valuesOf(derived, "b")[i], c: valuesOf(derived, "c")[i] })), expected);
  const twin = recordDeriver(specOf(job), job.definition, noSides);
  t.like(rows.map((row) => twin(row)), expected);
});
