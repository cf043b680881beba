/** Nullable columns of CSV and TSV from kernels, against records read one by one. */
import test from "ava";
import fc from "fast-check";
import { newKernels, type Kernels } from "../columnar/kernels/wasm.js";
import { BadRecordError } from "../errors.js";
import type { RecordColumns, ValueColumn } from "../job/record-batch.js";
import type { FieldSpec } from "../model/type-spec.js";
import { TempInputs, wholeSplit } from "../testing/temp-input.js";
import { openReader } from "./open-reader.js";

const inputs = new TempInputs();
const SCHEMA: readonly FieldSpec[] = [
  { name: "x", type: { kind: "float64", nullable: true } },
  { name: "n", type: { kind: "int32", nullable: true } },
  { name: "big", type: { kind: "int64", as: "bigint", nullable: true } },
  { name: "safe", type: { kind: "int64", as: "number", nullable: true } },
  { name: "flag", type: { kind: "bool", nullable: true } },
  { name: "day", type: { kind: "date", nullable: true } },
  { name: "time", type: { kind: "timestamp", nullable: true } },
  { name: "maybe", type: { kind: "utf8", nullable: true } },
  { name: "name", type: { kind: "utf8", nullable: false } },
];
const NAMES = SCHEMA.map(({ name }) => name);
let shared: Kernels | undefined;
const kernels = (bytes: number): Kernels => {
  if (shared === undefined || shared.memory.length < bytes) shared = newKernels(bytes);
  return shared;
};

type Answer = (readonly unknown[] | string)[];

/** Records and errors, by one way of reading or another. */
async function read(format: "csv" | "tsv", content: string, chunkBytes: number, way: "plain" | "records" | "columns", schema: readonly FieldSpec[]): Promise<Answer> {
  const spec = { format, paths: [], delimiter: format === "csv" ? "," : "\t", header: false, schema };
  const reader = await openReader(spec, wholeSplit(inputs.write("cells", content)), { maxRecordBytes: 1 << 20, chunkBytes, ...(way === "plain" ? {} : { columns: "all" as const, kernels }) });
  const rows: unknown[][] = [];
  const bad: string[] = [];
  const take = (): boolean => {
    try {
      if (way === "columns") {
        const { length, columns } = reader.columns() as RecordColumns<Record<string, unknown>>;
        const values = schema.map(({ name }) => columns[name]!);
        for (let row = 0; row < length; row++) rows.push(values.map((column) => ("get" in column ? (column as ValueColumn<unknown>).get(row) : (column as unknown as Float64Array)[row])));
        return false;
      }
      if (!reader.next()) return false;
      rows.push(schema.map(({ name }) => (reader.record as Record<string, unknown>)[name]));
    } catch (error) {
      if (!(error instanceof BadRecordError)) throw error;
      bad.push(`${error.offset} ${error.message.replace(/^.*?byte/, "byte")}`);
    }
    return true;
  };
  while (await reader.advance()) while (take());
  reader.close();
  return [...rows, ...bad];
}

const digits = fc.oneof(fc.integer().map(String), fc.constantFrom("-0", "1.5", "9007199254740993", "x", " ", "-", "1e3", "12345678901234567890"));
const text = fc.oneof(fc.stringMatching(/^[a-z{]{0,20}$/), fc.constantFrom("\0", "é\u{1f600}", "{", "\\", "\\t"));
const empty = fc.constantFrom("", "", "", '""');
const sparse = (of: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof({ weight: 2, arbitrary: of }, { weight: 1, arbitrary: of.map((cell) => `"${cell}"`) }, { weight: 2, arbitrary: empty });
const flag = fc.constantFrom("true", "0", "FALSE", "no", "1");
const time = fc.oneof(fc.date({ noInvalidDate: true }).map((date) => date.toISOString()), fc.constantFrom("2024-02-29", "2023-02-29", "1969-12-31 23:59", "2024-01-01T00:00:00+01:00", "2024", "-000001-01-01"));
const cells = [digits, digits, digits, digits, flag, time, time, text, text].map(sparse);
const easy = fc.tuple(fc.integer(), fc.nat(511)).map(([n, missing]) =>
  SCHEMA.map(({ type: { kind } }, i) => {
    if ((missing >> i) & 1) return "";
    if (kind === "bool") return String(n % 2 === 0);
    if (kind === "date" || kind === "timestamp") return new Date((n % 20_000) * 86_400_000).toISOString().slice(0, 10);
    return kind === "utf8" ? `t${n}` : String(n);
  }),
);
const records = fc.array(fc.tuple(fc.oneof({ weight: 3, arbitrary: easy }, { weight: 1, arbitrary: fc.tuple(...cells) }), fc.constantFrom("\n", "\n", "\r\n")), { maxLength: 60 });

for (const [format, delimiter] of [["csv", ","], ["tsv", "\t"]] as const) {
  test.serial(`columns and records of ${format} from kernels have nulls where records have`, async (t) => {
    await fc.assert(
      fc.asyncProperty(records, fc.constantFrom(64, 1024, 1 << 18), fc.boolean(), async (rows, chunkBytes, last) => {
        // The last column may be a nullable one, before the newline.
        const order = last ? [...NAMES.keys()] : [...NAMES.keys()].reverse();
        const content = rows.map(([row, end]) => order.map((i) => row[i]).join(delimiter) + end).join("");
        const schema = order.map((i) => SCHEMA[i]!);
        const plain = await read(format, content, chunkBytes, "plain", schema);
        for (const way of ["columns", "records"] as const) t.deepEqual(await read(format, content, chunkBytes, way, schema), plain);
      }),
      { numRuns: 400 },
    );
    t.truthy(shared);
  });
}
