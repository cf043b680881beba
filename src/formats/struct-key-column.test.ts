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
  { name: "time", type: { kind: "timestamp", nullable: false } },
];
const NAMES = SCHEMA.map(({ name }) => name);
let shared: Kernels | undefined;
const kernels = (bytes: number): Kernels => {
  if (shared === undefined || shared.memory.length < bytes) shared = newKernels(bytes);
  return shared;
};

type Row = Readonly<Record<string, unknown>>;

interface Found {
  /** Keys as they should be, and as they were made, row by row; rows of a chunk without keys are left out of both. */
  readonly expected: string[];
  readonly made: string[];
  readonly ways: Set<"codes" | "bytes" | "none">;
  readonly epochs: Set<unknown>;
}

/** `rows` is what `content` says. */
async function read(spec: InputSpec, content: Buffer, rows: readonly Row[], names: readonly string[], chunkBytes: number, recordBytes = 8): Promise<Found> {
  const encode = encoderFor({ kind: "struct", fields: names.map((name) => SCHEMA.find((field) => field.name === name)!), nullable: false });
  const reader = await openReader(spec, wholeSplit(inputs.write("keys", content)), { maxRecordBytes: 1 << 20, chunkBytes, columns: NAMES, coded: { names, recordBytes }, kernels });
  const found: Found = { expected: [], made: [], ways: new Set(), epochs: new Set() };
  const sink = new ByteSink();
  let before = 0;
  while (await reader.advance()) {
    const { length, keys } = reader.columns() as KeyedColumns;
    const chunk = rows.slice(before, (before += length));
    if (length === 0) continue;
    const way = keys === undefined ? "none" : "codes" in keys ? "codes" : "bytes";
    found.ways.add(way);
    if (keys === undefined) continue;
    if ("codes" in keys) found.epochs.add(keys.epoch);
    const { offsets, bytes } = "codes" in keys ? keys.texts : keys;
    for (const [i, row] of chunk.entries()) {
      sink.clear();
      encode(row, sink);
      found.expected.push(Buffer.from(sink.bytes.subarray(0, sink.length)).toString("hex"));
      const at = "codes" in keys ? keys.codes[i]! : i;
      found.made.push(Buffer.from(bytes.subarray(offsets[at], offsets[at + 1])).toString("hex"));
    }
  }
  reader.close();
  if (before !== rows.length) throw new Error(`${before} rows were read of ${rows.length}`);
  return found;
}

const CSV: InputSpec = { format: "csv", paths: [], delimiter: ",", header: false, schema: SCHEMA };
const text = fc.oneof(
  fc.constantFrom("", "a", "ab", "b", 'say "so", twice', "\u0001", "a\u0001", "\u00ff", "é\u{1f600}", "\ud7ff\uffff", "x".repeat(16), "x".repeat(17), "y".repeat(1030)),
  fc.stringMatching(/^[a-c]{0,20}$/),
);
const number = fc.oneof(fc.double(), fc.constantFrom(-0, 0, NaN, -0.5, 1e300, 5e-324, Infinity, -Infinity));
const row = fc.record({
  text,
  other: text,
  n: fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 0)),
  big: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(-(2n ** 63n), 0n, -1n)),
  safe: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -1, 2 ** 53 - 1, 1 - 2 ** 53)),
  x: number,
  yes: fc.boolean(),
  day: fc.constantFrom("0001-01-01", "1969-12-31", "1970-01-01", "2024-02-29").map((day) => new Date(day)),
  time: fc.constantFrom(-1, 0, 1, 1e12 + 7).map((millis) => new Date(millis)),
});
function cell(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Object.is(value, -0)) return "-0";
  return String(value).replace("Infinity", "inf");
}
const quoted = (content: string): string => (/[",]/.test(content) ? `"${content.replaceAll('"', '""')}"` : content);
const line = (values: Row): string => `${NAMES.map((name) => quoted(name === "day" ? cell(values[name]).slice(0, 10) : cell(values[name]))).join(",")}\n`;
const csv = (rows: readonly Row[]): Buffer => Buffer.from(rows.map(line).join(""));
const wanted = fc.shuffledSubarray(NAMES, { minLength: 2 });

test.serial("keys of any columns are what the codec makes of each row, as codes and as bytes", async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 80 }), wanted, fc.constantFrom(2048, 1 << 16), fc.boolean(), async (rows, names, chunkBytes, coded) => {
      // Records that are too large leave no room for a dictionary.
      const { expected, made, ways } = await read(CSV, csv(rows), rows, names, chunkBytes, coded ? 8 : 4096);
      t.deepEqual(made, expected);
      if (chunkBytes > 2048) t.deepEqual([...ways], [coded ? "codes" : "bytes"]);
    }),
    { numRuns: 300 },
  );
});

test.serial("so are those of JSON lines", async (t) => {
  const ofJson = row.filter(({ x, safe, n }) => Number.isFinite(x) && ![x, safe, n].some((value) => Object.is(value, -0)));
  await fc.assert(
    fc.asyncProperty(fc.array(ofJson, { minLength: 1, maxLength: 40 }), wanted, async (rows, names) => {
      const content = rows.map((each) => `${JSON.stringify({ ...each, big: 0, day: each.day.toISOString().slice(0, 10) }).replace('"big":0', `"big":${each.big}`)}\n`).join("");
      const { expected, made, ways } = await read({ format: "jsonl", paths: [], schema: SCHEMA }, Buffer.from(content), rows, names, 1 << 16);
      t.deepEqual(made, expected);
      t.deepEqual([...ways], ["codes"]);
    }),
    { numRuns: 100 },
  );
});

const PLAIN: Row = { text: "a", other: "b", n: 1, big: 2n, safe: 3, x: 4, yes: true, day: new Date("2024-01-01"), time: new Date("2024-01-01") };

test.serial("a chunk with a NUL in a key, or with what is no UTF-8, has no such keys", async (t) => {
  for (const [bad, is] of [[Buffer.of(97, 0), "a\0a"], [Buffer.of(0xff), "\ufffda"]] as const) {
    const rows = [PLAIN, { ...PLAIN, text: is }];
    const content = Buffer.concat([csv([PLAIN]), bad, csv([PLAIN])]);
    t.deepEqual([...(await read(CSV, content, rows, ["n", "text"], 1 << 16)).ways], ["none"]);
    const { ways, made, expected } = await read(CSV, content, rows, ["n", "other"], 1 << 16);
    t.deepEqual([...ways], ["codes"]);
    t.deepEqual(made, expected);
  }
});

test.serial("keys that hardly ever repeat are no longer numbered", async (t) => {
  const rows = Array.from({ length: 150_000 }, (_, i) => ({ ...PLAIN, text: `k${(i * 7919) % 150_001}`, n: i }));
  const { expected, made, ways } = await read(CSV, csv(rows), rows, ["text", "n"], 1 << 18);
  t.deepEqual([...ways], ["codes", "bytes"]);
  t.is(made.length, rows.length);
  t.true(made.every((key, i) => key === expected[i]));
});

test.serial("a dictionary that grows, and starts anew where its records get large, gives each key its code", async (t) => {
  const rows = Array.from({ length: 150_000 }, (_, i) => ({ ...PLAIN, text: `key ${i % 3}`, n: Math.floor(i / 18) * 7919, x: i % 2 === 0 ? 0 : NaN }));
  const { expected, made, ways, epochs } = await read(CSV, csv(rows), rows, ["x", "text", "n"], 1 << 18, 1600);
  t.deepEqual([...ways], ["codes"]);
  t.true(epochs.size > 1);
  t.true(made.every((key, i) => key === expected[i]));
});
