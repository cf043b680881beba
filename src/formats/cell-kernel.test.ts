import test from "ava";
import fc from "fast-check";
import { newKernels } from "../columnar/kernels/wasm.js";
import { BadRecordError } from "../errors.js";
import type { RecordColumns, Utf8Column } from "../job/record-batch.js";
import type { InputFile } from "../model/split.js";
import type { FieldSpec, TypeSpec } from "../model/type-spec.js";
import { goodColumns, statesOf } from "../testing/csv-reading.js";
import { splitsOf, TempInputs, wholeSplit } from "../testing/temp-input.js";
import { openKernel } from "./cell-kernel.js";
import type { CellSchema } from "./cell-schema.js";
import { cellParser } from "./cell-values.js";
import type { CsvInputSpec } from "./csv-reader.js";
import { openReader, type ReaderOptions } from "./open-reader.js";
import type { RecordReader } from "./record-reader.js";

type Row = readonly unknown[];
interface Answer {
  readonly rows: readonly Row[];
  readonly bad: readonly string[];
  readonly skipped: number;
}

const inputs = new TempInputs();
const type = (kind: "utf8" | "float64" | "int32"): TypeSpec => ({ kind, nullable: false });
const SCHEMA: readonly FieldSpec[] = [
  { name: "name", type: type("utf8") },
  { name: "x", type: type("float64") },
  { name: "n", type: type("int32") },
  { name: "big", type: { kind: "int64", as: "bigint", nullable: false } },
  { name: "safe", type: { kind: "int64", as: "number", nullable: false } },
];
const NAMES = SCHEMA.map(({ name }) => name);

/** The plain way: one record after another. */
async function rowByRow(reader: RecordReader<unknown>): Promise<Answer> {
  const rows: Row[] = [];
  const bad: string[] = [];
  while (await reader.advance()) {
    for (;;) {
      try {
        if (!reader.next()) break;
        rows.push(NAMES.map((name) => (reader.record as Record<string, unknown>)[name]));
      } catch (error) {
        if (!(error instanceof BadRecordError)) throw error;
        bad.push(`${error.offset} ${error.message} ${error.record}`);
      }
    }
  }
  reader.close();
  return { rows, bad, skipped: reader.skipped };
}

/** The same with where each record stands, asked of every `each`th. */
function placed(each: number): (reader: RecordReader<unknown>) => Promise<Answer> {
  return async (reader) => {
    const rows: Row[] = [];
    const next = reader.next.bind(reader);
    reader.next = () => {
      const more = next();
      if (more && rows.push([]) % each === 0) rows.push([reader.offset, reader.raw()]);
      return more;
    };
    const read = await rowByRow(reader);
    return { ...read, rows: [...read.rows, ...rows] };
  };
}

async function byColumns(reader: RecordReader<unknown>): Promise<Answer> {
  const rows: Row[] = [];
  const bad: string[] = [];
  while (await reader.advance()) {
    const { length, columns } = goodColumns(reader, (error) => bad.push(`${error.offset} ${error.message} ${error.record}`));
    const values = NAMES.map((name) => columns[name]!);
    for (let row = 0; row < length; row++) {
      rows.push(values.map((column) => ("get" in column ? (column as Utf8Column).get(row) : (column as unknown as Float64Array)[row])));
    }
  }
  reader.close();
  return { rows, bad, skipped: reader.skipped };
}

async function readAll(spec: CsvInputSpec, file: InputFile, splitSize: number, options: Partial<ReaderOptions>, read: (reader: RecordReader<unknown>) => Promise<Answer>): Promise<Answer> {
  const splits = splitSize === 0 ? [wholeSplit(file)] : splitsOf(file, splitSize);
  const states = spec.format === "csv" ? await statesOf(splits, spec.delimiter) : [];
  const answers: Answer[] = [];
  for (const [i, split] of splits.entries()) {
    const csvState = states[i];
    answers.push(await read(await openReader(spec, split, { maxRecordBytes: 1 << 20, ...(csvState === undefined ? {} : { csvState }), ...options })));
  }
  return { rows: answers.flatMap(({ rows }) => rows), bad: answers.flatMap(({ bad }) => bad), skipped: answers.reduce((sum, { skipped }) => sum + skipped, 0) };
}

const text = fc.oneof(fc.stringMatching(/^[ -~]{0,40}$/), fc.constantFrom("", '"', 'a"b', '""', "\0", "é\u{1f600}", "\r", "a\rb", "x".repeat(70), "\\", "a\\tb", "\\\\"));
const number = fc.oneof(
  fc.double().map(String),
  fc.integer().map(String),
  fc.double({ min: -1e4, max: 1e4, noNaN: true }).map((x) => x.toFixed(3)),
  fc.tuple(fc.constantFrom("", "-", "+"), fc.stringMatching(/^\d{0,18}$/), fc.constantFrom("", ".", ".."), fc.stringMatching(/^\d{0,18}$/)).map((parts) => parts.join("")),
  fc.constantFrom("-0", "-0.0", "0.1", "9007199254740993", "9007199254740992", "9007199254740991", "1e5", " 1", "1 ", "", "-", "+", ".", "5.", ".5", "-.5", "1.2.3", "nan", "2147483648", "-2147483648", "0x1", "1/2", "1:2"),
);
const whole = fc.oneof({ weight: 4, arbitrary: fc.integer().map(String) }, { weight: 1, arbitrary: number });

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

/** A cell as it may be written in CSV: mostly right, with quotes or without. */
const csvCell = (cell: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(cell, fc.nat(9)).map(([content, how]) => (how === 0 ? content : how < 4 || /[",\n\r]/.test(content) ? quoted(content) : content));
const withBreaks = fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: fc.constantFrom("a\nb", 'q"\n"', ",", "\r\n", 'a,"b"') });

function lines(cell: (content: fc.Arbitrary<string>) => fc.Arbitrary<string>, delimiter: string, name: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const good = fc.tuple(cell(name), cell(number), cell(whole), cell(whole), cell(whole)).map((cells) => cells.join(delimiter));
  const easy = fc.tuple(fc.stringMatching(/^[a-z]{0,20}$/), fc.integer({ min: -999, max: 999 })).map(([key, n]) => [key, n / 10, n, n, n].join(delimiter));
  const line = fc.oneof({ weight: 6, arbitrary: easy }, { weight: 3, arbitrary: good }, { weight: 1, arbitrary: fc.constantFrom("", "\r", `a${delimiter}b`, `a${delimiter.repeat(7)}b`, 'a"b', '"a"b', '"open') });
  return fc.tuple(fc.array(fc.tuple(line, fc.constantFrom("\n", "\n", "\r\n")).map(([content, end]) => content + end), { maxLength: 60 }), line, fc.boolean()).map(([all, last, ends]) => all.join("") + (ends ? "" : last));
}

const csvText = lines(csvCell, ",", withBreaks);
const tsvText = lines((cell) => cell.map((content) => content.replace(/[\t\n]/g, "\\t")), "\t", text);

test("columns and records of CSV from the kernels are those of the plain reader, bad records too", async (t) => {
  const spec: CsvInputSpec = { format: "csv", paths: [], delimiter: ",", header: false, schema: SCHEMA };
  await fc.assert(
    fc.asyncProperty(csvText, fc.constantFrom(0, 0, 1, 7, 64, 500), fc.constantFrom(1, 64, 1024, 1 << 18), async (content, splitSize, chunkBytes) => {
      const file = inputs.write("cells", content);
      const plain = await readAll(spec, file, 0, {}, rowByRow);
      const size = file.size > 2000 && splitSize === 1 ? 64 : splitSize;
      t.deepEqual(await readAll(spec, file, size, { columns: "all", chunkBytes }, byColumns), plain);
      t.deepEqual(await readAll(spec, file, size, { columns: "all", chunkBytes }, rowByRow), plain);
      t.deepEqual(await readAll(spec, file, 0, { columns: "all", chunkBytes }, placed(3)), await readAll(spec, file, 0, {}, placed(3)));
    }),
    { numRuns: 200 },
  );
});

test("columns and records of TSV from the kernels are those of the plain reader", async (t) => {
  const spec: CsvInputSpec = { format: "tsv", paths: [], delimiter: "\t", header: false, schema: SCHEMA };
  await fc.assert(
    fc.asyncProperty(tsvText, fc.constantFrom(0, 0, 7, 64, 500), fc.constantFrom(64, 1024, 1 << 18), async (content, splitSize, chunkBytes) => {
      const file = inputs.write("cells", content);
      const plain = await readAll(spec, file, 0, {}, rowByRow);
      for (const way of [byColumns, rowByRow]) t.deepEqual(await readAll(spec, file, splitSize, { columns: "all", chunkBytes }, way), plain);
      t.deepEqual(await readAll(spec, file, 0, { columns: "all", chunkBytes }, placed(1)), await readAll(spec, file, 0, {}, placed(1)));
    }),
    { numRuns: 150 },
  );
});

test("records longer than a chunk, and more than one window of separators", async (t) => {
  const spec: CsvInputSpec = { format: "csv", paths: [], delimiter: ",", header: false, schema: SCHEMA };
  const content = inputs.write(
    "long",
    Array.from({ length: 20_000 }, (_, i) => `${i % 4000 === 77 ? "long".repeat(40_000) : i % 3 === 0 ? `"key, ""${i}"""` : `key${i}`},${i / 8},${i},${i},${i}${i === 9000 ? ",1" : ""}\n`).join(""),
  );
  const plain = await readAll(spec, content, 0, {}, rowByRow);
  t.is(plain.rows.length, 19_999);
  for (const chunkBytes of [4096, 1 << 18]) for (const way of [byColumns, rowByRow]) t.deepEqual(await readAll(spec, content, 0, { columns: "all", chunkBytes }, way), plain);
  const dense = inputs.write("dense", Array.from({ length: 40_000 }, (_, i) => `a,${i % 10},2,3,4\n`).join(""));
  t.deepEqual(await readAll(spec, dense, 0, { columns: "all" }, byColumns), await readAll(spec, dense, 0, {}, rowByRow));
});

test("whatever stands in a short cell, next to a number on either side, is the number that the plain reader makes of it", async (t) => {
  const spec: CsvInputSpec = { format: "csv", paths: [], delimiter: ",", header: false, schema: SCHEMA };
  let cells = [""];
  const all = [...cells];
  for (let size = 1; size <= 4; size++) all.push(...(cells = cells.flatMap((cell) => [..."059.-+:"].map((letter) => cell + letter))));
  const longer = ["-999.999", "+999.999", "12345678", "-1234567", "1.234567", "1234567.", ".1234567", "123456789", "1.2345678", "-1.234567"];
  const content = [...all, ...longer].flatMap((cell) => ["1.5", cell, cell, "-20"].map((x) => `a,${x},1,1,1\n`)).join("");
  const file = inputs.write("short", content);
  const plain = await readAll(spec, file, 0, {}, rowByRow);
  t.true(plain.bad.length > all.length && plain.rows.length > 2 * all.length);
  t.deepEqual(await readAll(spec, file, 0, { columns: "all" }, byColumns), plain);
});

for (const left of [0, 127, 255]) {
  test(`texts become codes of a dictionary that outgrows the cache, in memory full of ${left}`, async (t) => {
    const spec: CsvInputSpec = { format: "csv", paths: [], delimiter: ",", header: false, schema: SCHEMA.slice(0, 1).concat(SCHEMA.slice(2, 3)) };
    const names = Array.from({ length: 60_000 }, (_, i) => (i * 7919) % 13_001).map((key) => (key % 5 === 0 ? `a key of more than sixteen bytes: ${key}` : `key${key}`));
    const file = inputs.write("codes", names.map((name, i) => `${i % 7 === 0 ? quoted(name) : name},${i}\n`).join(""));
    const kernels = (bytes: number) => {
      const used = newKernels(bytes);
      used.memory.fill(left);
      return used;
    };
    const reader = await openReader(spec, wholeSplit(file), { maxRecordBytes: 1 << 20, columns: ["n", "name"], coded: { names: ["name"], recordBytes: 8 }, kernels });
    const read: string[] = [];
    let codes = 0;
    while (await reader.advance()) {
      const { length, columns } = reader.columns() as RecordColumns<{ name: string; n: number }>;
      if ("codes" in columns.name) codes += length;
      for (let row = 0; row < length; row++) read.push(columns.name.get(row));
    }
    reader.close();
    t.deepEqual(read, names);
    t.is(codes, names.length);
  });
}

test("numbers, times and booleans that kernels do not read are read alone: the kernel takes every record", (t) => {
  const odd = { x: ["nan", "-Infinity", "1234567890123456789012345", "5e-324", '"1e-310"'], n: ["0000000000000000000000012", "+00000000000000000001"], big: ["-000000000000000000000000000012"], at: ["+012024-01-01T00:00:00Z"] };
  const columns = [{ name: "x", kind: "float64" }, { name: "n", kind: "int32" }, { name: "big", kind: "int64", as: "bigint" }, { name: "at", kind: "timestamp" }] as const;
  const rows = Array.from({ length: 500 }, (_, i) => [i % 3 === 0 ? odd.x[i % 5]! : "1.5", i % 4 === 0 ? odd.n[i % 2]! : "7", i % 5 === 0 ? odd.big[0]! : "8", i % 6 === 0 ? odd.at[0]! : "2024-01-01"]);
  const schema: CellSchema = { columns: columns.map(({ name, ...of }, position) => ({ name, position, type: { ...of, nullable: false } })), width: 4, source: "schema" };
  const kernel = openKernel(schema, { delimiter: 44, quote: 34, escape: -1 }, { columns: "all" })!;
  const content = Buffer.from(rows.map((row) => `${row.join(",")}\n`).join(""));
  const chunk = kernel.chunks.allocate!(content.length);
  content.copy(chunk);
  kernel.read(chunk, 0, 0);
  t.is(kernel.rows, rows.length);
  t.is(kernel.next, content.length);
  for (const [i, { type }] of schema.columns!.entries()) {
    const parse = cellParser(type);
    const values = kernel.builders[i]!.take(rows.length) as unknown as Record<number, unknown> & { get?(row: number): unknown };
    for (const [row, cells] of rows.entries()) {
      const bytes = Buffer.from(cells[i]!.replaceAll('"', ""));
      t.deepEqual(values.get ? values.get(row) : values[row], parse(bytes, 0, bytes.length), cells[i]);
    }
  }
});
