/** Keys of several columns from the kernels, against each row's values encoded as a struct. */
import test from "ava";
import fc from "fast-check";
import { ByteSink } from "../columnar/byte-sink.js";
import type { KeyedColumns } from "../columnar/coded-texts.js";
import { encoderFor } from "../columnar/codec.js";
import { newKernels, type Kernels } from "../columnar/kernels/wasm.js";
import type { InputSpec } from "../model/job-spec.js";
import type { FieldSpec } from "../model/type-spec.js";
import { TempInputs, wholeSplit } from "../testing/temp-input.js";
import { openReader } from "./open-reader.js";

const inputs = new TempInputs();
const SCHEMA: readonly FieldSpec[] = [
  { name: "text", type: { kind: "utf8", nullable: false } },
  { name: "other", type: { kind: "utf8", nullable: false } },
  { name: "n", type: { kind: "int32", nullable: false } },
  { name: "big", type: { kind: "int64", as: "bigint", nullable: false } },
  { name: "safe", type: { kind: "int64", as: "number", nullable: false } },
  { name: "x", type: { kind: "float64", nullable: false } },
  { name: "yes", type: { kind: "bool", nullable: false } },
  { name: "day", type: { kind: "date", nullable: false } },
];
const NAMES = SCHEMA.map(({ name }) => name);
let shared: Kernels | undefined;
const kernels = (bytes: number): Kernels => {
  if (shared === undefined || shared.memory.length < bytes) shared = newKernels(bytes);
  return shared;
};

interface Found {
  /** Keys as they should be, and as they were made, chunk after chunk; those of a chunk without keys are left out of both. */
  readonly expected: string[];
  readonly made: string[];
  readonly ways: Set<"codes" | "bytes" | "none">;
}

async function read(spec: InputSpec, content: Buffer, names: readonly string[], chunkBytes: number, recordBytes = 8): Promise<Found> {
  const encode = encoderFor({ kind: "struct", fields: names.map((name) => SCHEMA.find((field) => field.name === name)!), nullable: false });
  const reader = await openReader(spec, wholeSplit(inputs.write("keys", content)), { maxRecordBytes: 1 << 20, chunkBytes, columns: NAMES, coded: { names, recordBytes }, kernels });
  const found: Found = { expected: [], made: [], ways: new Set() };
  const sink = new ByteSink();
  while (await reader.advance()) {
    const { length, columns, keys } = reader.columns() as KeyedColumns;
    if (length === 0) continue;
    const way = keys === undefined ? "none" : "codes" in keys ? "codes" : "bytes";
    found.ways.add(way);
    if (keys === undefined) continue;
    const { offsets, bytes } = "codes" in keys ? keys.texts : keys;
    for (let row = 0; row < length; row++) {
      sink.clear();
      const value = (name: string): unknown => {
        const column = columns[name] as unknown as { get(row: number): unknown } | Float64Array;
        return "get" in column ? column.get(row) : column[row];
      };
      encode(Object.fromEntries(names.map((name) => [name, value(name)])), sink);
      found.expected.push(Buffer.from(sink.bytes.subarray(0, sink.length)).toString("hex"));
      const at = "codes" in keys ? keys.codes[row]! : row;
      found.made.push(Buffer.from(bytes.subarray(offsets[at], offsets[at + 1])).toString("hex"));
    }
  }
  reader.close();
  return found;
}

const CSV: InputSpec = { format: "csv", paths: [], delimiter: ",", header: false, schema: SCHEMA };
const text = fc.oneof(fc.constantFrom("", "a", 'say "so", twice', "é\u{1f600}", "x".repeat(16), "y".repeat(1030)), fc.stringMatching(/^[a-c]{0,20}$/));
const number = fc.oneof(fc.double({ noDefaultInfinity: true }).map(String), fc.constantFrom("-0", "0", "NaN", "-0.5", "1e300", "inf", "-inf"));
const row = fc.tuple(
  text,
  text,
  fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 0)).map(String),
  fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(0n, -1n)).map(String),
  fc.maxSafeInteger().map(String),
  number,
  fc.constantFrom("true", "false"),
  fc.constantFrom("1969-12-31", "1970-01-01", "2024-02-29"),
);
const line = (cells: readonly string[]): string => `${cells.map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\n`;
const wanted = fc.shuffledSubarray(NAMES, { minLength: 2 });

test.serial("keys of any columns are what the codec makes of each row, as codes and as bytes", async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 80 }), wanted, fc.constantFrom(2048, 1 << 16), fc.boolean(), async (rows, names, chunkBytes, coded) => {
      // Records that are too large leave no room for a dictionary.
      const { expected, made, ways } = await read(CSV, Buffer.from(rows.map(line).join("")), names, chunkBytes, coded ? 8 : 4096);
      t.deepEqual(made, expected);
      if (chunkBytes > 2048) t.deepEqual([...ways], [coded ? "codes" : "bytes"]);
    }),
    { numRuns: 300 },
  );
});

test.serial("so are those of JSON lines", async (t) => {
  const members = fc.record({ text, n: fc.integer(), x: fc.double({ noNaN: true, noDefaultInfinity: true }) });
  await fc.assert(
    fc.asyncProperty(fc.array(members, { minLength: 1, maxLength: 40 }), async (rows) => {
      const content = rows.map((each) => `${JSON.stringify({ ...each, other: "b", big: 5, safe: 6, yes: true, day: "2024-01-01" })}\n`).join("");
      const { expected, made, ways } = await read({ format: "jsonl", paths: [], schema: SCHEMA }, Buffer.from(content), ["x", "text", "n", "day"], 1 << 16);
      t.deepEqual(made, expected);
      t.deepEqual([...ways], ["codes"]);
    }),
    { numRuns: 100 },
  );
});

test.serial("a chunk with a NUL in a key, or with what is no UTF-8, has no such keys", async (t) => {
  for (const bad of [Buffer.of(97, 0), Buffer.of(0xff)]) {
    const plain = line(["a", "b", "1", "2", "3", "4", "true", "2024-01-01"]);
    const content = Buffer.concat([Buffer.from(plain), bad, Buffer.from(plain)]);
    t.deepEqual([...(await read(CSV, content, ["n", "text"], 1 << 16)).ways], ["none"]);
    t.deepEqual([...(await read(CSV, content, ["n", "other"], 1 << 16)).ways], ["codes"]);
  }
});

test.serial("keys that hardly ever repeat are no longer numbered", async (t) => {
  const content = Buffer.from(Array.from({ length: 150_000 }, (_, i) => line([`k${(i * 7919) % 150_001}`, "b", String(i), "2", "3", "4", "true", "2024-01-01"])).join(""));
  const { expected, made, ways } = await read(CSV, content, ["text", "n"], 1 << 18);
  t.deepEqual([...ways], ["codes", "bytes"]);
  t.is(made.length, 150_000);
  t.true(made.every((key, i) => key === expected[i]));
});
