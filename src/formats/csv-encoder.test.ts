import test from "ava";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { ByteSink } from "../columnar/byte-sink.js";
import type { InputSpec, OutputSpec } from "../model/job-spec.js";
import type { FieldSpec } from "../model/type-spec.js";
import { TempInputs, wholeSplit } from "../testing/temp-input.js";
import { createCsvEncoder } from "./csv-encoder.js";
import { openCsvReader } from "./csv-reader.js";
import { openTsvReader } from "./tsv-reader.js";

type Separated = Extract<OutputSpec, { format: "csv" | "tsv" }>;

const inputs = new TempInputs();
const csv: Separated = { format: "csv", delimiter: ",", header: true };
const tsv: Separated = { format: "tsv", delimiter: "\t", header: false };

function write(spec: Separated, rows: readonly unknown[]): string {
  const encoder = createCsvEncoder(spec);
  const out = new ByteSink();
  encoder.begin(out);
  for (const row of rows) encoder.encode(row, out);
  encoder.end(out);
  return Buffer.from(out.view()).toString();
}

async function readBack(spec: Separated, text: string): Promise<unknown[]> {
  const input = { ...spec, paths: [] } as Extract<InputSpec, { format: "csv" | "tsv" }>;
  const open = spec.format === "csv" ? openCsvReader : openTsvReader;
  const reader = await open(input, wholeSplit(inputs.write(`back.${spec.format}`, text)), { maxRecordBytes: 1 << 20 });
  const records: unknown[] = [];
  while (await reader.advance()) while (reader.next()) records.push(reader.record);
  reader.close();
  return records;
}

const schema: readonly FieldSpec[] = [
  { name: "text", type: { kind: "utf8", nullable: false } },
  { name: "maybe", type: { kind: "utf8", nullable: true } },
  { name: "number", type: { kind: "float64", nullable: false } },
  { name: "long", type: { kind: "int64", as: "bigint", nullable: true } },
  { name: "flag", type: { kind: "bool", nullable: false } },
  { name: "at", type: { kind: "timestamp", nullable: true } },
  { name: "bytes", type: { kind: "binary", nullable: false } },
  { name: "tags", type: { kind: "list", item: { kind: "utf8", nullable: true }, nullable: false } },
  { name: "any", type: { kind: "json", nullable: false } },
];
const nasty = fc.string({ unit: fc.oneof(fc.constantFrom('"', ",", "\t", "\n", "\r", "\\", "\\n", " ", "\ufeff"), fc.string({ unit: "grapheme", maxLength: 1 })), maxLength: 6 });
const row = fc.record({
  text: nasty,
  maybe: fc.option(nasty),
  number: fc.double().map((value) => value + 0),
  long: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  flag: fc.boolean(),
  at: fc.option(fc.date({ min: new Date(-1e14), max: new Date(1e14), noInvalidDate: true })),
  bytes: fc.uint8Array({ maxLength: 5 }),
  tags: fc.array(fc.option(nasty), { maxLength: 3 }),
  any: fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
});

// TSV has no quotes, so in a nullable column an empty string would read as null: it is refused.
for (const spec of [{ ...csv, schema }, { ...csv, schema, delimiter: ";", header: false }, { ...tsv, schema }, { ...tsv, schema, header: true }]) {
  test(`typed rows written as ${spec.format} with ${spec.header ? "a" : "no"} header read back as they were`, async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 4 }), async (made) => {
        const rows = made.map((each) => ({ ...each, maybe: spec.format === "tsv" && each.maybe === "" ? "x" : each.maybe }));
        t.deepEqual(await readBack(spec, write(spec, rows)), rows);
      }),
      { numRuns: 150 },
    );
  });
}

test("what is written is CSV to others, too", (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(nasty, nasty), { minLength: 1, maxLength: 5 }), (rows) => {
      const text = write({ ...csv, header: false }, rows);
      t.deepEqual(parse(text, { relax_column_count: true }), rows.map((cells) => [...cells]));
    }),
  );
});

test("numbers print as the shortest text that reads back the same, integers without a point, -0 as 0", (t) => {
  const numbers: Separated = { ...tsv, schema: [{ name: "n", type: { kind: "float64", nullable: false } }] };
  t.is(write(numbers, [{ n: 0.1 }, { n: 5 }, { n: -0 }, { n: 1e21 }, { n: 123456789012 }]), "0.1\n5\n0\n1e+21\n123456789012\n");
});

test("without a schema the first row names the columns, and another shape is refused", (t) => {
  t.is(write(csv, [{ key: "a", value: 1 }, { value: 2, key: "b" }]), "key,value\na,1\nb,2\n");
  t.throws(() => write(csv, [{ key: "a", value: 1 }, { key: "b", other: 2 }]), { message: /must have the columns of the first row \("key", "value"\), got \{"key":"b","other":2\}/ });
  t.throws(() => write(csv, [["a"], ["a", "b"]]), { instanceOf: TypeError });
});

test("TSV refuses an empty string where it would read back as null", (t) => {
  t.throws(() => write({ ...tsv, schema: [{ name: "maybe", type: { kind: "utf8", nullable: true } }] }, [{ maybe: "" }]), { message: /TSV cannot tell an empty string from null/ });
});

test("a value that does not fit names its column, the type and the value", (t) => {
  t.throws(() => write({ ...csv, schema }, [{ text: 5 }]), { message: 'column "text": expected utf8, got 5 (number)' });
  t.throws(() => write({ ...csv, schema }, ["text"]), { message: /must be an object with the columns of the schema, got "text"/ });
});
