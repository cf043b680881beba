import test from "ava";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { BadRecordError, TaskFailure } from "../errors.js";
import { fieldsOf, t, type Schema } from "../job/data-type.js";
import type { RecordColumns, Utf8Column, ValueColumn } from "../job/record-batch.js";
import type { InputFile, Split } from "../model/split.js";
import { splitsOf, TempInputs, wholeSplit } from "../testing/temp-input.js";
import { openCsvReader, type CsvInputSpec } from "./csv-reader.js";
import type { RecordReader } from "./record-reader.js";
import { openTsvReader } from "./tsv-reader.js";

const inputs = new TempInputs();
const options = { maxRecordBytes: 1 << 20 };

function csv(schema?: Schema, header = true, delimiter = ","): CsvInputSpec {
  return { format: "csv", paths: [], delimiter, header, ...(schema === undefined ? {} : { schema: fieldsOf(schema) }) };
}

function tsv(schema?: Schema, header = false): CsvInputSpec {
  return { format: "tsv", paths: [], delimiter: "\t", header, ...(schema === undefined ? {} : { schema: fieldsOf(schema) }) };
}

function open(spec: CsvInputSpec, split: Split, chunkBytes?: number): Promise<RecordReader<unknown>> {
  const chosen = chunkBytes === undefined ? options : { ...options, chunkBytes };
  return spec.format === "csv" ? openCsvReader(spec, split, chosen) : openTsvReader(spec, split, chosen);
}

/** Records, and for bad ones their errors' messages without the path. */
async function readAll(spec: CsvInputSpec, content: string | InputFile, splitBytes = Infinity, chunkBytes?: number): Promise<unknown[]> {
  const file = typeof content === "string" ? inputs.write("a.csv", content) : content;
  const found: unknown[] = [];
  for (const split of splitBytes === Infinity ? [wholeSplit(file)] : splitsOf(file, splitBytes)) {
    const reader = await open(spec, split, chunkBytes);
    while (await reader.advance()) {
      for (;;) {
        try {
          if (!reader.next()) break;
          found.push(reader.record);
        } catch (error) {
          if (!(error instanceof BadRecordError)) throw error;
          found.push(error.message.slice(file.path.length + 2));
        }
      }
    }
    reader.close();
  }
  return found;
}

async function refused(spec: CsvInputSpec, content: string): Promise<string> {
  try {
    await readAll(spec, content);
  } catch (error) {
    if (error instanceof TaskFailure) return `${error.failure.kind}: ${error.message.replace(/^Input \S+ /, "")}`;
    throw error;
  }
  return "not refused";
}

test("the header names the members of records without a schema", async (assert) => {
  assert.deepEqual(await readAll(csv(), 'a,"b ""x""",\r\n1,"2,\n3",\n'), [{ a: "1", 'b "x"': "2,\n3", "": "" }]);
  assert.deepEqual(await readAll(csv(undefined, true, ";"), "\ufeffa;b\n,;é\n"), [{ a: ",", b: "é" }]);
  assert.deepEqual(await readAll(tsv(undefined, true), "a\tb\\t\nx\\\\y\t\\n\\q\\\n"), [{ a: "x\\y", "b\t": "\n\\q\\" }]);
});

test("without header and schema a record is the array of its fields", async (assert) => {
  assert.deepEqual(await readAll(csv(undefined, false), 'a,"b"\n\nc\n,'), [["a", "b"], ["c"], ["", ""]]);
  assert.deepEqual(await readAll(tsv(), 'a\t"b"\r\n\nc'), [["a", '"b"'], ["c"]]);
});

test("a header like a prototype's property is an ordinary member", async (assert) => {
  const [record] = await readAll(csv(), "__proto__,constructor,toString\n1,2,3\n");
  assert.deepEqual(Object.entries(record as object), [["__proto__", "1"], ["constructor", "2"], ["toString", "3"]]);
  assert.is(Object.getPrototypeOf(record), Object.prototype);
});

test("every split finds the header at the start of the file, and none takes it for a record", async (assert) => {
  const content = `\n\r\n"name",n\n${Array.from({ length: 20 }, (_, i) => `ü${i},${i}\n`).join("")}`;
  const expected = Array.from({ length: 20 }, (_, i) => ({ n: i }));
  for (const mark of ["", "\ufeff"]) {
    const file = inputs.write("split.csv", mark + content);
    for (let size = 1; size <= file.size; size++) {
      assert.deepEqual(await readAll(csv({ n: t.int32() }), file, size, 7), expected, `splits of ${size}`);
      assert.deepEqual(await readAll({ ...tsv({ n: t.int32() }, true) }, inputs.write("split.tsv", mark + content.replaceAll(",", "\t").replaceAll('"', "")), size, 7), expected);
    }
  }
});

test("a file without records has none, whatever its header", async (assert) => {
  for (const content of ["", "\n\n", "\ufeff", "x,n", "x,n\r\n", "\ufeffx,n\n\n"]) {
    assert.deepEqual(await readAll(csv({ n: t.int32() }), content), [], JSON.stringify(content));
  }
});

test("a compressed file is read with its header", async (assert) => {
  const file = inputs.write("a.csv.gz", gzipSync("\ufeffa,n\nx,1\ny,2\n"), "gzip");
  assert.deepEqual(await readAll(csv({ n: t.float64() }), file), [{ n: 1 }, { n: 2 }]);
});

const everything = {
  s: t.utf8(), f: t.float64(), i: t.int32(), l: t.int64(), k: t.int64({ as: "number" }), b: t.bool(), at: t.timestamp(), on: t.date(),
  x: t.binary(), j: t.json(), tags: t.list(t.int64()), who: t.struct({ id: t.int32() }),
};

test("cells have the types of their columns, found by name or by position", async (assert) => {
  const cells = ["é", "-1.5e3", "+7", "-9223372036854775808", "9007199254740991", "TRUE", "2024-02-29T12:00:00.5+01:00", "2024-02-29", "AAH/", '"{""a"":[1]}"', '"[1,9223372036854775807]"', '"{""id"":5,""y"":0}"'];
  const expected = {
    s: "é", f: -1500, i: 7, l: -9223372036854775808n, k: 9007199254740991, b: true, at: new Date("2024-02-29T11:00:00.500Z"), on: new Date("2024-02-29"),
    x: new Uint8Array([0, 1, 255]), j: { a: [1] }, tags: [1n, 9223372036854775807n], who: { id: 5 },
  };
  assert.deepEqual(await readAll(csv(everything, false), cells.join(",")), [expected]);
  const names = Object.keys(everything);
  assert.deepEqual(await readAll(csv(everything), `extra,${names.toReversed().join(",")}\n?,${cells.toReversed().join(",")}\n`), [expected]);
});

test("an empty cell of a nullable column is null; between quotes it is an empty string where the column holds strings", async (assert) => {
  const schema = { a: t.utf8().nullable(), b: t.utf8(), n: t.float64().nullable(), x: t.binary().nullable() };
  assert.deepEqual(await readAll(csv(schema, false), ',,,\n"","","",""\n'), [
    { a: null, b: "", n: null, x: null },
    { a: "", b: "", n: null, x: new Uint8Array() },
  ]);
});

test("numbers read as Number and BigInt read them, and other text is refused", async (assert) => {
  const number = fc.oneof(fc.double().map(String), fc.integer().map(String), fc.bigInt().map(String), fc.stringMatching(/^[+-]?\d{0,18}\.?\d{0,18}(e[+-]?\d{1,3})?$/), fc.stringMatching(/^[-+.e0-9 ]{0,6}$/));
  await fc.assert(
    fc.asyncProperty(fc.array(number, { minLength: 1, maxLength: 20 }), async (texts) => {
      const content = texts.map((text) => `${text},\n`).join("");
      const floats = texts.map((text) => {
        const strict = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(text) && Number.isFinite(Number(text));
        return strict || /^(NaN|-?Infinity)$/.test(text) ? Number(text) : undefined;
      });
      const found = await readAll(csv({ n: t.float64(), x: t.utf8() }, false), content);
      assert.deepEqual(found.map((record) => (typeof record === "string" ? undefined : (record as { n: number }).n)), floats);
      const longs = texts.map((text) => (/^[+-]?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text.replace("+", ""))) === BigInt(text.replace("+", "")) ? BigInt(text.replace("+", "")) : undefined));
      const read = await readAll(csv({ n: t.int64(), x: t.utf8() }, false), content);
      assert.deepEqual(read.map((record) => (typeof record === "string" ? undefined : (record as { n: bigint }).n)), longs);
    }),
    { numRuns: 200 },
  );
});

test("a cell that does not fit is a bad record that names column, type and text; reading goes on", async (assert) => {
  const one = (type: Schema[string], text: string) => readAll(csv({ n: type, z: t.utf8() }, false), `${text},\n`);
  assert.deepEqual(await readAll(csv({ n: t.float64() }), "n,m\n1,\nabc,\n,\n2,\n"), [
    { n: 1 },
    'byte 7: column "n": expected float64, got "abc"',
    'byte 12: column "n": expected float64, got an empty field. Make the column nullable to read that as null',
    { n: 2 },
  ]);
  assert.deepEqual(await one(t.int32(), "2147483648"), ['byte 0: column "n": expected int32 (from -2147483648 to 2147483647), got "2147483648"']);
  assert.deepEqual(await one(t.int64(), "9223372036854775808"), ['byte 0: column "n": expected int64 (within 64 bits), got "9223372036854775808"']);
  assert.regex(String(await one(t.int64({ as: "number" }), "9007199254740993")), /expected int64 as a number up to 2\^53 \(t\.int64\(\) reads larger ones as bigint\), got "9007199254740993"/);
  assert.deepEqual(await one(t.bool(), "yes"), ['byte 0: column "n": expected bool (true, false, 1 or 0), got "yes"']);
  assert.deepEqual(await one(t.date().nullable(), "2023-02-29"), ['byte 0: column "n": expected date? as YYYY-MM-DD, got "2023-02-29"']);
  assert.regex(String(await one(t.timestamp(), "noon")), /expected timestamp as ISO 8601, such as .*, got "noon"/);
  assert.regex(String(await one(t.binary(), "a")), /expected binary as base64, got "a"/);
  assert.regex(String(await one(t.json(), "{")), /column "n": expected JSON, but /);
  assert.regex(String(await one(t.list(t.int32()), '"[1,""x""]"')), /column "n": .*n\[1\].*expected int32, got "x"/);
  assert.true(String(await one(t.int32(), "9".repeat(100_000))).length < 200);
});

test("records with too many or too few fields or misplaced quotes are bad, with offset and text", async (assert) => {
  const file = inputs.write("bad.csv", 'a,b\n1\r\n1,2,3\n"x"y,2\n4,5\n6,"7\n8,9\n');
  const reader = await openCsvReader(csv(), wholeSplit(file), options);
  assert.true(await reader.advance());
  const next = () => assert.throws(() => reader.next(), { instanceOf: BadRecordError })!;
  const narrow = next();
  assert.is(narrow.message, `${file.path}, byte 4: the record has 1 field, but the header names 2`);
  assert.deepEqual([narrow.offset, narrow.record, reader.offset, reader.raw()], [4, "1", 4, "1"]);
  const wide = next();
  assert.regex(wide.message, /byte 7: the record has 3 fields, but the header names 2$/);
  assert.is(wide.record, "1,2,3");
  assert.regex(next().message, /byte 13: text stands behind the closing quote of field 1; a quote inside a quoted field must be doubled$/);
  assert.true(reader.next());
  assert.deepEqual(reader.record, { a: "4", b: "5" });
  assert.false(reader.next());
  assert.true(await reader.advance());
  const open = next();
  assert.regex(open.message, /byte 24: the quote that opens field 2 is never closed$/);
  assert.is(open.record, '6,"7\n8,9');
  assert.false(reader.next());
  assert.false(await reader.advance());
  assert.is(reader.bytesRead, file.size);
  reader.close();
  assert.deepEqual(await readAll(tsv({ a: t.utf8() }), "x\ty\nz\n"), ["byte 0: the record has 2 fields, but the schema names 1", { a: "z" }]);
});

test("blank lines are passed over and counted, but are empty fields in TSV of one column", async (assert) => {
  const file = inputs.write("blank", "a\n\n\r\nx\n\n");
  const reader = await openCsvReader(csv(), wholeSplit(file), options);
  const records: unknown[] = [];
  while (await reader.advance()) while (reader.next()) records.push(reader.record);
  assert.deepEqual(records, [{ a: "x" }]);
  assert.is(reader.skipped, 3);
  reader.close();
  assert.deepEqual(await readAll(tsv({ a: t.utf8() }), file), [{ a: "a" }, { a: "" }, { a: "" }, { a: "x" }, { a: "" }]);
  assert.deepEqual(await readAll(csv({ a: t.utf8() }), 'a\n""\n\n'), [{ a: "" }]);
});

test("a header that does not fit stops the job, and the error says how to go on", async (assert) => {
  assert.is(await refused(csv({ price: t.float64() }), "id,Prcie,name\n"), 'bad-input: has no column "price". Its header is: "id", "Prcie", "name". Did you mean "Prcie"?');
  assert.is(await refused(csv({ price: t.float64() }), "id,name\n"), 'bad-input: has no column "price". Its header is: "id", "name". Name the columns of the schema as the header does');
  assert.is(await refused(csv(), "a,b,a\n"), 'bad-input: names the column "a" twice in its header: "a", "b", "a". Rename one of the two, or read it with header: false');
  assert.is(await refused(csv({ b: t.utf8() }), "a,b,a\n"), "not refused");
  assert.is(await refused(csv(), 'a,"b\n1,2\n'), "bad-input: has a header that cannot be read: the quote that opens field 2 is never closed");
  await assert.throwsAsync(openTsvReader({ ...tsv(), delimiter: ";" }, wholeSplit(inputs.write("a", "")), options), { message: /always a tab/ });
});

async function columnsOf(reader: RecordReader<unknown>): Promise<{ rows: unknown[][]; bad: number }> {
  const rows: unknown[][] = [];
  let bad = 0;
  while (await reader.advance()) {
    let columns: RecordColumns<unknown> | undefined;
    while (columns === undefined) {
      try {
        columns = reader.columns();
      } catch (error) {
        if (!(error instanceof BadRecordError)) throw error;
        bad++;
      }
    }
    const all = Object.values(columns.columns) as (Utf8Column | ValueColumn<unknown> | Float64Array)[];
    for (const column of all) assert32(column.length, columns.length);
    for (let row = 0; row < columns.length; row++) rows.push(all.map((column) => ("get" in column ? column.get(row) : column[row])));
  }
  return { rows, bad };
}

function assert32(found: number, expected: number): void {
  if (found !== expected) throw new Error(`A column has ${found} values, not ${expected}`);
}

test("columns hold the same values as records, and bad records are thrown one by one", async (assert) => {
  const schema = { s: t.utf8(), f: t.float64(), i: t.int32(), l: t.int64(), k: t.int64({ as: "number" }), b: t.bool(), on: t.date(), m: t.utf8().nullable() };
  const text = fc.constantFrom("", "a", "é", '"q""q"', '"x,\ny"', "long".repeat(20), '"😀"');
  const row = fc.tuple(text, fc.constantFrom("1", "-2.5", "1e400", "x"), fc.constantFrom("1", "-0", "9", "9.5"), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String), fc.maxSafeInteger().map(String), fc.constantFrom("true", "0"), fc.constantFrom("2024-01-01"), text);
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 40 }), fc.integer({ min: 1, max: 400 }), async (rows, chunkBytes) => {
      const file = inputs.write("columns.csv", rows.map((cells) => `${cells.join(",")}\n`).join(""));
      const records = await readAll(csv(schema, false), file, Infinity, chunkBytes);
      const reader = await open(csv(schema, false), wholeSplit(file), chunkBytes);
      const found = await columnsOf(reader);
      reader.close();
      const good = records.filter((record) => typeof record === "object");
      assert.deepEqual(found.rows, good.map((record) => Object.values(record as object)));
      assert.is(found.bad, records.length - good.length);
    }),
    { numRuns: 150 },
  );
});

test("columns come as typed arrays and bytes, in the order of the schema or of the header", async (assert) => {
  const file = inputs.write("shape.csv", "__proto__,n\na,1\n");
  const reader = await open(csv({ n: t.float64(), ["__proto__"]: t.utf8() }), wholeSplit(file));
  assert.true(await reader.advance());
  const { columns } = reader.columns() as RecordColumns<{ n: number }>;
  assert.true(columns.n instanceof Float64Array);
  assert.deepEqual(Object.keys(columns), ["n", "__proto__"].filter((name) => Object.hasOwn(columns, name)));
  reader.close();
  const untyped = await open(csv(), wholeSplit(file));
  assert.deepEqual((await columnsOf(untyped)).rows, [["a", "1"]]);
  untyped.close();
  const nameless = await open(csv(undefined, false), wholeSplit(file));
  await nameless.advance();
  assert.throws(() => nameless.columns(), { message: /needs a header or a schema/ });
  nameless.close();
});
