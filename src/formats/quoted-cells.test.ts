/** Quoted cells from the kernels, as codes of a dictionary and as columns, against the cells as they were written. */
import test from "ava";
import fc from "fast-check";
import type { CodedTexts } from "../columnar/coded-texts.js";
import { newKernels, type Kernels } from "../columnar/kernels/wasm.js";
import type { Utf8Column } from "../job/record-batch.js";
import type { FieldSpec } from "../model/type-spec.js";
import { goodColumns, statesOf } from "../testing/csv-reading.js";
import { splitsOf, TempInputs } from "../testing/temp-input.js";
import { openReader } from "./open-reader.js";

const inputs = new TempInputs();
const SCHEMA: readonly FieldSpec[] = [
  { name: "key", type: { kind: "utf8", nullable: false } },
  { name: "n", type: { kind: "int32", nullable: false } },
  { name: "x", type: { kind: "float64", nullable: true } },
  { name: "text", type: { kind: "utf8", nullable: false } },
];
const SPEC = { format: "csv" as const, paths: [], delimiter: ",", header: false, schema: SCHEMA };
let shared: Kernels | undefined;
const kernels = (bytes: number): Kernels => {
  if (shared === undefined || shared.memory.length < bytes) shared = newKernels(bytes);
  return shared;
};

interface Line {
  /** Undefined where it is a bad record. */
  readonly row: readonly [string, number, number | null, string] | undefined;
  readonly content: string;
}

/** Quotes at every place of a block of 16 and of 64 bytes. */
const content = fc.oneof(
  fc.tuple(fc.nat(70), fc.constantFrom("", '"', '""', '"""', '","', '"\n"', "\r\n", 'a "b" c'), fc.nat(70)).map(([before, what, behind]) => "x".repeat(before) + what + "y".repeat(behind)),
  fc.array(fc.constantFrom('"', "a", "bc", ",", "\n", "\r", "é", "\0"), { maxLength: 20 }).map((parts) => parts.join("")),
);
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
/** Without quotes where it may stand so: a quote inside is data then. */
const written = (text: string, bare: boolean): string => (bare && !/[,\n\r]|^"/.test(text) ? text : quoted(text));
const line = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(content, fc.integer({ min: -99, max: 99 }), fc.option(fc.integer({ min: -999, max: 999 })), content, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.constantFrom("\n", "\r\n")).map(([key, n, x, text, bare, end]): Line => {
    const decimal = x === null ? null : x / 10;
    return { row: [key, n, decimal, text], content: [written(key, bare[0]!), written(String(n), bare[1]!), written(String(decimal ?? ""), bare[2]!), written(text, bare[3]!)].join(",") + end };
  }) },
  { weight: 1, arbitrary: fc.constantFrom('"a"b,1,2,c\n', '"a" ,1,2,c\n', '"a"\r,1,2,c\n', 'a,"1""",2,c\n', '"a""b"c",1,2,d\n').map((text): Line => ({ row: undefined, content: text })) },
);
const lines = fc.tuple(fc.array(line, { maxLength: 50 }), fc.nat(3)).map(([some, times]) => Array.from({ length: times + 1 }, () => some).flat());

/** Rows with the key last, and how many records were bad. */
async function read(text: string, splitSize: number, chunkBytes: number): Promise<{ rows: unknown[][]; bad: number; coded: number }> {
  const splits = splitsOf(inputs.write("quoted.csv", text), splitSize);
  const states = await statesOf(splits, ",", kernels);
  const rows: unknown[][] = [];
  let bad = 0;
  let coded = 0;
  for (const [i, split] of splits.entries()) {
    const reader = await openReader(SPEC, split, { maxRecordBytes: 1 << 20, chunkBytes, csvState: states[i]!, columns: ["n", "x", "text", "key"], coded: { names: ["key"], recordBytes: 8 }, kernels });
    while (await reader.advance()) {
      const { length, columns } = goodColumns(reader, () => bad++);
      const { key, n, x, text: texts } = columns as unknown as { key: Utf8Column | CodedTexts; n: Int32Array; x: Utf8Column; text: Utf8Column };
      if ("codes" in key) {
        coded += length;
        const known = Array.from({ length: key.size }, (_, code) => Buffer.from(key.texts.bytes.subarray(key.texts.offsets[code], key.texts.offsets[code + 1])).toString());
        if (new Set(known).size !== known.length) throw new Error("A text has two codes");
      }
      for (let row = 0; row < length; row++) rows.push([key.get(row), n[row], x.get(row), texts.get(row)]);
    }
    reader.close();
  }
  return { rows, bad, coded };
}

test.serial("quoted cells are what was written, as keys, texts and numbers, whatever the splits and chunks", async (t) => {
  await fc.assert(
    fc.asyncProperty(lines, fc.constantFrom(0, 3, 17, 64, 1000), fc.constantFrom(64, 1024, 1 << 16), async (all, splitSize, chunkBytes) => {
      const text = all.map((each) => each.content).join("");
      const { coded, ...found } = await read(text, splitSize === 0 || text.length > 3000 ? text.length + 1 : splitSize, chunkBytes);
      const rows: unknown[][] = all.flatMap(({ row }) => (row === undefined ? [] : [[...row]]));
      t.deepEqual(found, { rows, bad: all.length - rows.length });
      // Only records that outgrow the kernel's memory are not numbered.
      if (chunkBytes === 1 << 16) t.is(coded, rows.length);
    }),
    { numRuns: 400 },
  );
});

test.serial("a text longer than the kernel's chunk has its quotes resolved, and so have those around it", async (t) => {
  const long = 'a "long" one, '.repeat(2000);
  const texts = ['"', long, 'b"c', "", long, '""'];
  const text = texts.map((each, i) => `${quoted(each)},${i},${i},${quoted(each)}\n`).join("");
  for (const splitSize of [777, text.length]) {
    const { rows } = await read(text, splitSize, 4096);
    t.deepEqual(rows, texts.map((each, i) => [each, i, i, each]));
  }
});
