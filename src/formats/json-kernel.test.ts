/** Columns of JSON lines from kernels, against JSON.parse of each line. */
import test from "ava";
import fc from "fast-check";
import type { CodedTexts } from "../columnar/coded-texts.js";
import { ThreadKernels } from "../columnar/kernels/thread-kernels.js";
import { newKernels, type Kernels } from "../columnar/kernels/wasm.js";
import { BadRecordError } from "../errors.js";
import type { RecordColumns, Utf8Column } from "../job/record-batch.js";
import type { FieldSpec } from "../model/type-spec.js";
import { splitsOf, TempInputs, wholeSplit } from "../testing/temp-input.js";
import { parseIsoDay, parseIsoTime } from "./iso-time.js";
import { openJsonKernel } from "./json-kernel.js";
import { openReader, type ReaderOptions } from "./open-reader.js";

const inputs = new TempInputs();
let shared: Kernels | undefined;
/** One memory after another reader's use of it. */
const kernels = (bytes: number): Kernels => {
  if (shared === undefined || shared.memory.length < bytes) shared = newKernels(bytes);
  return shared;
};
const SCHEMA: readonly FieldSpec[] = [
  { name: "n", type: { kind: "int32", nullable: false } },
  { name: "x", type: { kind: "float64", nullable: true } },
  { name: "big", type: { kind: "int64", as: "bigint", nullable: true } },
  { name: "flag", type: { kind: "bool", nullable: true } },
  { name: "day", type: { kind: "date", nullable: true } },
  { name: "time", type: { kind: "timestamp", nullable: true } },
  { name: "maybe", type: { kind: "utf8", nullable: true } },
  { name: "name", type: { kind: "utf8", nullable: false } },
];

interface Answer {
  readonly rows: readonly (readonly unknown[])[];
  /** Where bad records begin. */
  readonly bad: readonly number[];
  readonly skipped: number;
}

/** Straight from the definition: each line by JSON.parse, long integers by their digits. */
function expected(content: Buffer): Answer {
  const rows: unknown[][] = [];
  const bad: number[] = [];
  let skipped = 0;
  for (let at = 0; at < content.length; ) {
    const newline = content.indexOf(10, at);
    const end = newline < 0 ? content.length : newline;
    const line = content.toString("utf8", at, end).replace(/\r$/, "");
    if (/^[ \t\r]*$/.test(line)) skipped++;
    else {
      const row = rowOf(line);
      if (row === undefined) bad.push(at);
      else rows.push(row);
    }
    at = end + 1;
  }
  return { rows, bad, skipped };
}

function rowOf(line: string): unknown[] | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { n, x = null, big = null, flag = null, day = null, time = null, maybe = null, name } = value;
  if (!Number.isInteger(n) || (n as number) !== ((n as number) | 0) || typeof name !== "string") return undefined;
  if (x !== null && !Number.isFinite(x)) return undefined;
  if (maybe !== null && typeof maybe !== "string") return undefined;
  const whole = bigOf(line, big);
  if (whole === undefined || (flag !== null && typeof flag !== "boolean")) return undefined;
  const dayAt = timeOf(day, parseIsoDay);
  const moment = timeOf(time, parseIsoTime);
  if (dayAt === undefined || moment === undefined) return undefined;
  return [(n as number) | 0, x, whole, flag, dayAt && new Date(Math.floor(dayAt.getTime() / DAY) * DAY), moment, wellFormed(maybe), wellFormed(name)];
}

const DAY = 86_400_000;

function timeOf(value: unknown, parse: (text: string) => number | undefined): Date | null | undefined {
  if (value === null) return null;
  const time = typeof value === "string" ? parse(value) : typeof value === "number" && Math.abs(value) <= 8.64e15 ? Math.trunc(value) : undefined;
  return time === undefined ? undefined : new Date(time);
}

/** The tests write a long integer in one way only, behind its own name. */
function bigOf(line: string, big: unknown): bigint | null | undefined {
  if (big === null) return null;
  if (typeof big === "string") return /^-?\d{1,18}$/.test(big) ? BigInt(big) : undefined;
  if (!Number.isInteger(big)) return undefined;
  if (Number.isSafeInteger(big)) return BigInt(big as number);
  const digits = [...line.matchAll(/"big"[ \t\r]*:[ \t\r]*(-?\d+)/g)].at(-1)?.[1];
  return digits !== undefined && BigInt.asIntN(64, BigInt(digits)) === BigInt(digits) ? BigInt(digits) : undefined;
}

/** A lone surrogate is U+FFFD as soon as a text becomes bytes. */
function wellFormed(value: unknown): unknown {
  return typeof value === "string" ? Buffer.from(value).toString() : value;
}

async function byColumns(content: Buffer, splitSize: number, options: Partial<ReaderOptions>): Promise<Answer & { readonly coded: number }> {
  const file = inputs.write("lines.jsonl", content);
  const rows: unknown[][] = [];
  const bad: number[] = [];
  let skipped = 0;
  let coded = 0;
  for (const split of splitSize === 0 ? [wholeSplit(file)] : splitsOf(file, splitSize)) {
    const reader = await openReader({ format: "jsonl", paths: [], schema: SCHEMA }, split, { maxRecordBytes: 1 << 20, columns: "all", kernels, ...options });
    while (await reader.advance()) {
      for (;;) {
        try {
          const { length, columns } = reader.columns() as RecordColumns<Record<string, unknown>>;
          const read = SCHEMA.map(({ name }) => columns[name]!);
          if ("codes" in columns["name"]!) {
            coded += length;
            checkCodes(columns["name"] as unknown as CodedTexts);
          }
          for (let row = 0; row < length; row++) rows.push(read.map((column) => wellFormed("get" in column ? (column as Utf8Column).get(row) : (column as unknown as Float64Array)[row])));
          break;
        } catch (error) {
          if (!(error instanceof BadRecordError)) throw error;
          sameOffset(error.offset, reader.offset);
          bad.push(error.offset);
        }
      }
    }
    reader.close();
    skipped += reader.skipped;
  }
  return { rows, bad, skipped, coded };
}

function checkCodes({ size, texts: { offsets, bytes } }: CodedTexts): void {
  const known = Array.from({ length: size }, (_, code) => Buffer.from(bytes.subarray(offsets[code], offsets[code + 1])).toString());
  if (new Set(known).size !== known.length) throw new Error("A text has two codes");
}

function sameOffset(left: number, right: number): void {
  if (left !== right) throw new Error(`offset ${left} of the error, ${right} of the reader`);
}

const text = fc.oneof(fc.stringMatching(/^[a-z]{0,20}$/), fc.string({ unit: "binary", maxLength: 30 }), fc.constantFrom('"', "\\", "\u0000", "é日本", "\u{1f600}", "\ud800", "\ufeff", "x".repeat(70), "\u2028", "/"));
const character = fc.constantFrom('"', "\\", "/", "\b", "\f", "\n", "\r", "\t", "\0", "a", "xyz", "\x7f", "\x80", "é", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\uffff", "\ud83d", "\ude00", "\u{1f600}", "\u{10ffff}", "x".repeat(13), "y".repeat(16));
/** One text in many spellings: as short as JSON has it, with escapes of units in either case, with those of one letter. */
const spell = (text: string, way: number): string => {
  if (way === 0) return JSON.stringify(text).slice(1, -1);
  if (way === 3) return [...text].map((one) => (one === "/" ? "\\/" : JSON.stringify(one).slice(1, -1))).join("");
  const unit = (one: string): string => one.charCodeAt(0).toString(16).padStart(4, "0");
  return text.split("").map((one) => `\\u${way === 1 ? unit(one) : unit(one).toUpperCase()}`).join("");
};
const spelled = fc.array(fc.tuple(character, fc.nat(3)), { maxLength: 8 }).map((parts) => `"${parts.map(([one, way]) => spell(one, way)).join("")}"`);
/** Most are no JSON any more. */
const broken = fc.tuple(spelled, fc.nat(40)).map(([json, at]) => json.slice(0, at % json.length) + json.slice((at % json.length) + 1));
const written = fc.oneof({ weight: 2, arbitrary: text.map((one) => JSON.stringify(one)) }, { weight: 2, arbitrary: spelled });
const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom("0", "-0", "1e5", "1E+2", "1.50", "0.1", "123456789012345678", "1e400", "-1.5e-3", "5.0", "01", "+1", ".5", "5.", "-", "1e", "NaN", "0x1", "1_0"),
);
const FOUR_DIGITS = { min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true };
const value: fc.Arbitrary<string> = fc.oneof(
  written,
  broken,
  number,
  fc.constantFrom("true", "false", "null", "nul", "truE", "[]", "{}", "[1,2]", '{"n":1}', '{"a":[{"b":"}"}]}', "[1,]", '{"a"}', '"\\u00e9"', '"\\x"', '"\\u12"', '"tab\there"', '"open', "[[[[1]]]]", "[".repeat(80) + "]".repeat(80), '"\\ud83d\\ude00"', '"\\/"'),
);
const time = fc.oneof(fc.date({ noInvalidDate: true }).map((date) => JSON.stringify(date)), fc.date({ noInvalidDate: true }).map((date) => String(date.getTime())), fc.constantFrom('"2024-02-29"', '"2023-02-29"', '"2024"', "2024", "-1", "1e12", "1.5", "-0", "9e15", "null", "true", '"1969-12-31 23:59:59.9999+01:00"', '"2024-01-01T00:00:00\\u005a"'));
const space = fc.constantFrom("", "", "", " ", "\t", "\r", "  ");
const member = (name: string, of: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(space, space, space, of, fc.nat(12)).map(([a, b, c, content, way]) => `${a}"${spell(name, way > 3 || name === "big" ? 0 : way)}"${b}:${c}${content}`);
const proper: Readonly<Record<string, fc.Arbitrary<string>>> = {
  n: fc.integer().map(String),
  x: fc.oneof(number, fc.constant("null")),
  big: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String), fc.constantFrom("null", '"12"')),
  flag: fc.constantFrom("true", "false", "null", "true", "false", "tru", "falsey", "1", '"true"'),
  day: fc.oneof({ weight: 3, arbitrary: fc.date(FOUR_DIGITS).map((date) => JSON.stringify(date.toISOString().slice(0, 10))) }, { weight: 1, arbitrary: time }),
  time: fc.oneof({ weight: 3, arbitrary: fc.date(FOUR_DIGITS).map((date) => JSON.stringify(date)) }, { weight: 1, arbitrary: time }),
  maybe: fc.oneof({ weight: 3, arbitrary: written }, { weight: 1, arbitrary: fc.constant("null") }),
  name: fc.oneof({ weight: 12, arbitrary: written }, { weight: 1, arbitrary: broken }),
  other: value,
};
const anyMember = fc.constantFrom("n", "x", "flag", "time", "maybe", "name", "na\\u006de", "other", "__proto__", "constructor", "").chain((name) => member(name, value));
const full = fc.tuple(...Object.entries(proper).map(([name, of]) => member(name, of)));
const object = fc.tuple(full, fc.array(anyMember, { maxLength: 1 }), fc.nat(60), space, fc.nat()).map(([members, more, fate, end, turn]) => {
  const kept = members.filter((_, i) => i !== fate);
  const at = turn % (kept.length + 1);
  return `{${[...kept.slice(at), ...(fate > 40 ? more : []), ...kept.slice(0, at)].join(",")}${end}}${end}`;
});
const line = fc.oneof(
  { weight: 12, arbitrary: object },
  { weight: 1, arbitrary: fc.constantFrom("", " ", "\r", "{}", "[]", "null", '{"n":1,"name":"a",}', '{"n":1 "name":"a"}', '{"n":1,"name":"a"}}', '{"n":1,"name":"a"} x', '{n:1}', "{", '{"n":1,"name":"a"', '\ufeff{"n":1,"name":"a"}', '{"n":1,"name":"a","n":2}', '{,"n":1,"name":"a"}', '{"n":1,"name":"a","a\nb":1}') },
);
const content = fc
  .tuple(fc.array(fc.tuple(line, fc.constantFrom("\n", "\n", "\r\n")), { maxLength: 40 }), line, fc.boolean(), fc.nat(9))
  .map(([lines, last, ends, damage]) => {
    const bytes = Buffer.from(lines.map((each) => each.join("")).join("") + (ends ? "" : last));
    // Sometimes a byte that is no UTF-8.
    if (damage === 0 && bytes.length > 0) bytes[bytes.length >> 1] = 0xff;
    // A mark at the start would be none of the line's.
    return bytes[0] === 0xef ? bytes.subarray(3) : bytes;
  });

const CODED = { names: ["name"], recordBytes: 16 };

test.serial("columns from kernels are what JSON.parse makes of each line", async (t) => {
  await fc.assert(
    fc.asyncProperty(content, fc.constantFrom(0, 0, 7, 64, 500), fc.constantFrom(64, 1024, 1 << 18), fc.boolean(), async (bytes, splitSize, chunkBytes, coded) => {
      const options = { chunkBytes, ...(coded ? { columns: SCHEMA.map(({ name }) => name), coded: CODED } : {}) };
      const { coded: _, ...read } = await byColumns(bytes, splitSize, options);
      t.deepEqual(read, expected(bytes));
    }),
    { numRuns: 800 },
  );
});

test.serial("many lines, some of them long, some with escapes: most go through kernels", async (t) => {
  const bytes = Buffer.from(
    Array.from({ length: 20_000 }, (_, i) => {
      const name = i % 100 === 7 ? `quo"te ${i % 50}` : `name ${i % 500}`;
      return `${JSON.stringify({ ts: "2024-01-01", deep: { a: [i, { b: "}\n" }] }, name, n: i, x: i % 3 === 0 ? null : i / 7, ...(i % 4 === 0 ? {} : { maybe: i % 9 === 0 ? "" : `m${i}` }), big: i, pad: i === 9000 ? "long ".repeat(100_000) : "" })}\n`;
    }).join(""),
  );
  const { coded, ...read } = await byColumns(bytes, 0, { columns: SCHEMA.map(({ name }) => name), coded: CODED });
  t.deepEqual(read, expected(bytes));
  t.true(coded > 19_000);
});

/** Of nearly one beginning, shorter and longer than a vector, more than are remembered, and names that are wanted. */
const ALIKE = ["n", "x", "na", "nam", "names", "name ", "nam\u00e9", "maybe", "maybe2", ...Array.from({ length: 45 }, (_, size) => "a name of many bytes, and of which most are there in each".slice(0, size + 3))];

test.serial("names that are nearly alike, in the order of the line before and in others, are told apart", async (t) => {
  const others = fc.array(fc.tuple(fc.constantFrom(...ALIKE.slice(2)), fc.constantFrom("1", '"a"', "null", "[2]")), { maxLength: 50 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(others, space, fc.integer({ min: 1, max: 4 }), fc.nat(50)), { minLength: 1, maxLength: 12 }), async (groups) => {
      // Several lines of one order, then one of its members less, and in another order.
      const lines = groups.flatMap(([pairs, gap, times, turn]) => {
        const members = [...pairs.map(([name, value]) => `${JSON.stringify(name)}${gap}:${value}`), `"name"${gap}:"of ${turn}"`, `"n":${turn}`];
        const at = turn % members.length;
        return [...Array.from({ length: times }, () => members), [...members.slice(at), ...members.slice(0, at)], members.filter((_, i) => i !== at)];
      });
      const bytes = Buffer.from(lines.map((members) => `{${members.join(",")}}\n`).join(""));
      const { coded: _, ...read } = await byColumns(bytes, 0, { columns: SCHEMA.map(({ name }) => name), coded: CODED });
      t.deepEqual(read, expected(bytes));
    }),
    { numRuns: 300 },
  );
});

test.serial("texts with escapes, and names, are read by the kernel, one key for all spellings", async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(spelled, fc.oneof(spelled, fc.constant("null")), fc.nat(3), fc.boolean()), { minLength: 1, maxLength: 60 }), async (lines) => {
      const bytes = Buffer.from(lines.map(([name, maybe, way, first]) => `{${first ? `"maybe":${maybe},` : ""}"${spell("name", way)}":${name},"n":1,"day":"2024\\u002d02-29"${first ? "" : `,"maybe":${maybe}`}}\n`).join(""));
      const { coded, ...read } = await byColumns(bytes, 0, { columns: SCHEMA.map(({ name }) => name), coded: CODED });
      t.deepEqual(read, expected(bytes));
      t.is(coded, lines.length);
      const { cells } = openJsonKernel(SCHEMA, { columns: "all", kernels })!;
      const chunk = cells.chunks.allocate!(bytes.length);
      chunk.set(bytes);
      cells.read(chunk, 0, 0);
      t.is(cells.rows, lines.length);
    }),
    { numRuns: 200 },
  );
});

test.serial("what is wrong with a text is said in the words of the closer look, at the same place", async (t) => {
  const texts = ['"\\x"', '"a\\u12"', '"\\u12g4"', '"\\ud83d\\u"', '"\\\\\\"', '"tab\there"', '"\\', '"\\"', '"\\U0041"'];
  const spec = { format: "jsonl" as const, paths: [], schema: SCHEMA };
  const file = inputs.write("broken.jsonl", texts.flatMap((each) => [`{"n":1,"name":"\\n"}\n`, `{"n":1,"name":${each}}\n`, `{"n":1,"name":"a",${each}:1}\n`]).join(""));
  const faults = async (options: Partial<ReaderOptions>, take: (reader: Awaited<ReturnType<typeof openReader>>) => void): Promise<string[]> => {
    const reader = await openReader(spec, wholeSplit(file), { maxRecordBytes: 1 << 20, ...options });
    const messages: string[] = [];
    while (await reader.advance()) {
      for (;;) {
        try {
          take(reader);
          break;
        } catch (error) {
          if (!(error instanceof BadRecordError)) throw error;
          messages.push(error.message);
        }
      }
    }
    reader.close();
    return messages;
  };
  const byRecord = await faults({}, (reader) => {
    while (reader.next());
  });
  t.is(byRecord.length, 2 * texts.length);
  t.deepEqual(await faults({ columns: "all", kernels }, (reader) => reader.columns()), byRecord);
});

test.serial("texts whose records would take more memory than kernels get are not numbered", async (t) => {
  const memory = new ThreadKernels();
  const bytes = Buffer.from('{"n":1,"name":"a"}\n{"n":2,"name":"b"}\n');
  for (const recordBytes of [16, 4600, 100_000]) {
    const { coded, ...read } = await byColumns(bytes, 0, { columns: SCHEMA.map(({ name }) => name), coded: { names: ["name"], recordBytes }, kernels: (size) => memory.get(size) });
    t.deepEqual(read, expected(bytes));
    t.is(coded, recordBytes === 16 ? 2 : 0);
  }
});

test.serial("a dictionary with large records starts anew before those take much memory", async (t) => {
  const recordBytes = 1600;
  const file = inputs.write("many.jsonl", Buffer.from(Array.from({ length: 240_000 }, (_, i) => `{"n":1,"name":"${Math.floor(i / 3)}"}\n`).join("")));
  const reader = await openReader({ format: "jsonl", paths: [], schema: SCHEMA }, wholeSplit(file), { maxRecordBytes: 1 << 20, columns: ["n", "name"], coded: { names: ["name"], recordBytes }, kernels: newKernels });
  let most = 0;
  let wasLast = true;
  const epochs = new Set<unknown>();
  while (await reader.advance()) {
    const name = (reader.columns() as RecordColumns<Record<string, unknown>>).columns["name"] as unknown as CodedTexts;
    t.is(!epochs.has(name.epoch), wasLast);
    epochs.add(name.epoch);
    wasLast = name.isLast;
    most = Math.max(most, name.size);
  }
  reader.close();
  t.true(epochs.size > 1);
  t.true(most * recordBytes < 100 << 20, `${most} texts`);
});
