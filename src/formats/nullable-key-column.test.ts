/** Keys of one column that may be null, from the kernels, against each value encoded. */
import test from "ava";
import fc from "fast-check";
import { ByteSink } from "../columnar/byte-sink.js";
import type { CodedTexts, KeyedColumns } from "../columnar/coded-texts.js";
import { encoderFor } from "../columnar/codec.js";
import { newKernels, type Kernels } from "../columnar/kernels/wasm.js";
import type { FieldSpec, TypeSpec } from "../model/type-spec.js";
import { TempInputs, wholeSplit } from "../testing/temp-input.js";
import { openReader } from "./open-reader.js";

const inputs = new TempInputs();
let shared: Kernels | undefined;
const kernels = (bytes: number): Kernels => {
  if (shared === undefined || shared.memory.length < bytes) shared = newKernels(bytes);
  return shared;
};

interface Found {
  readonly made: string[];
  /** Chunks with codes, and without. */
  readonly coded: number;
  readonly plain: number;
}

async function read(type: TypeSpec, content: Buffer, chunkBytes: number, format: "csv" | "jsonl" = "csv"): Promise<Found> {
  const schema: readonly FieldSpec[] = [{ name: "n", type: { kind: "int32", nullable: false } }, { name: "key", type }];
  const input = format === "csv" ? { format, paths: [], delimiter: ",", header: false, schema } : { format, paths: [], schema };
  const reader = await openReader(input, wholeSplit(inputs.write("keys", content)), { maxRecordBytes: 1 << 20, chunkBytes, columns: ["n", "key"], coded: { names: ["key"], recordBytes: 8 }, kernels });
  const made: string[] = [];
  let [coded, plain] = [0, 0];
  while (await reader.advance()) {
    const { length, keys } = reader.columns() as KeyedColumns;
    if (length === 0) continue;
    if (keys === undefined) plain++;
    else {
      coded++;
      const { codes, texts, isEncoded } = keys as CodedTexts;
      if (isEncoded !== true) throw new Error("Keys are encodings");
      for (let row = 0; row < length; row++) made.push(Buffer.from(texts.bytes.subarray(texts.offsets[codes[row]!], texts.offsets[codes[row]! + 1])).toString("hex"));
    }
  }
  reader.close();
  return { made, coded, plain };
}

function encodings(type: TypeSpec, values: readonly unknown[]): string[] {
  const encode = encoderFor(type);
  const sink = new ByteSink();
  return values.map((value) => {
    sink.clear();
    encode(value, sink);
    return Buffer.from(sink.view()).toString("hex");
  });
}

const text = fc.oneof(fc.constantFrom("", "a", "null", 'say "so", twice', "a\0b", "é\u{1f600}", "x".repeat(17), "y".repeat(1030)), fc.stringMatching(/^[a-c]{0,20}$/));
const KINDS: readonly (readonly [TypeSpec, fc.Arbitrary<unknown>])[] = [
  [{ kind: "utf8", nullable: true }, text],
  [{ kind: "int32", nullable: true }, fc.oneof(fc.nat(3), fc.integer())],
  [{ kind: "int64", as: "bigint", nullable: true }, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [{ kind: "int64", as: "number", nullable: true }, fc.maxSafeInteger()],
  [{ kind: "float64", nullable: true }, fc.oneof(fc.constantFrom(-0, 0, 0.5), fc.double({ noNaN: true, noDefaultInfinity: true }))],
  [{ kind: "bool", nullable: true }, fc.boolean()],
  [{ kind: "date", nullable: true }, fc.constantFrom("1969-12-31", "1970-01-01", "2024-02-29").map((day) => new Date(day))],
  [{ kind: "timestamp", nullable: true }, fc.constantFrom(-1, 0, 1e12 + 7).map((millis) => new Date(millis))],
];

function written(value: unknown, { kind }: TypeSpec): string {
  if (value === null) return "";
  if (typeof value === "string") return `"${value.replaceAll('"', '""')}"`;
  if (value instanceof Date) return kind === "date" ? value.toISOString().slice(0, 10) : value.toISOString();
  return Object.is(value, -0) ? "-0" : String(value);
}

for (const [type, value] of KINDS) {
  test.serial(`keys of ${JSON.stringify(type)} are what the codec makes of each value, null or not`, async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(value), { minLength: 1, maxLength: 60 }), fc.constantFrom(2048, 1 << 16), async (values, chunkBytes) => {
        const content = Buffer.from(values.map((each, i) => `${i},${written(each, type)}\n`).join(""));
        t.deepEqual((await read(type, content, chunkBytes)).made, encodings(type, values));
      }),
      { numRuns: 60 },
    );
  });
}

test.serial("so are those of JSON lines, where an empty text is not null", async (t) => {
  const type: TypeSpec = { kind: "utf8", nullable: true };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text), { minLength: 1, maxLength: 60 }), async (values) => {
      const content = Buffer.from(values.map((key, n) => `${JSON.stringify({ n, key })}\n`).join(""));
      t.deepEqual((await read(type, content, 1 << 16, "jsonl")).made, encodings(type, values));
    }),
    { numRuns: 60 },
  );
});

test.serial("a chunk with what is no UTF-8 has no such keys, and keys that hardly ever repeat are no longer numbered", async (t) => {
  const type: TypeSpec = { kind: "utf8", nullable: true };
  t.deepEqual(await read(type, Buffer.from([0x31, 0x2c, 0xff, 0x0a]), 1 << 16), { made: [], coded: 0, plain: 1 });
  const values = Array.from({ length: 150_000 }, (_, i) => (i % 100 === 0 ? null : `key ${i}`));
  const { made, coded, plain } = await read(type, Buffer.from(values.map((each, i) => `${i},${each ?? ""}\n`).join("")), 1 << 18);
  t.true(coded > 0 && plain > 0);
  const expected = encodings(type, values.slice(0, made.length));
  t.true(made.every((key, i) => key === expected[i]));
});
