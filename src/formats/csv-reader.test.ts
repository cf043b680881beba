import test from "ava";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { BadRecordError } from "../errors.js";
import type { InputSpec } from "../model/job-spec.js";
import { wholeFile, type InputFile } from "../model/split.js";
import type { CsvState, CsvTransitions } from "../model/task.js";
import { TempInputs } from "../testing/temp-input.js";
import { openCsvReader } from "./csv-reader.js";
import { surveyCsv } from "./csv-survey.js";
import { openBytes } from "./open-bytes.js";

type CsvSpec = Extract<InputSpec, { format: "csv" | "tsv" }>;

const inputs = new TempInputs();
const bare: CsvSpec = { format: "csv", paths: [], delimiter: ",", header: false };
const headed: CsvSpec = { ...bare, header: true };

interface Read {
  readonly records: unknown[];
  readonly offsets: number[];
  readonly bad: string[];
  skipped: number;
}

/** Reads a file split by split, with the states that surveys find. */
async function read(spec: CsvSpec, file: InputFile, splitBytes = Infinity, chunkBytes = 1 << 20, maxRecordBytes = 1 << 20): Promise<Read> {
  const all: Read = { records: [], offsets: [], bad: [], skipped: 0 };
  let csvState: CsvState = "plain";
  for (let start = 0; start < file.size || start === 0; start += splitBytes) {
    const split = { file, start, end: Math.min(file.size, start + splitBytes) };
    const reader = await openCsvReader(spec, split, { maxRecordBytes, chunkBytes, csvState });
    while (await reader.advance()) {
      for (let more = true; more; ) {
        try {
          more = reader.next();
          if (more) all.offsets.push(reader.offset);
          if (more) all.records.push(reader.record);
        } catch (error) {
          if (!(error instanceof BadRecordError)) throw error;
          all.bad.push(error.message.replace(/^.*?: /, ""));
        }
      }
    }
    all.skipped += reader.skipped;
    reader.close();
    const source = openBytes(file, Math.max(0, start - 1));
    const transitions: CsvTransitions = await surveyCsv(source, split, spec.delimiter);
    source.close();
    csvState = transitions[csvState];
  }
  return all;
}

/** Fields as a person's files have them, with all that CSV finds difficult. */
const field = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("", "a", "b c", "1.5", "é", "日本", "😀") },
  { weight: 2, arbitrary: fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "x", "\r\n", "\0") }) },
);

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const table = fc
  .tuple(fc.integer({ min: 2, max: 4 }), fc.constantFrom("\n", "\r\n"), fc.boolean())
  .chain(([width, ending, lastEnds]) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { maxLength: 8 }).map((rows) => ({ rows, text: rows.map((row) => row.map(quoted).join(",")).join(ending) + (lastEnds ? ending : "") })));

test("well-formed CSV reads as csv-parse reads it", async (t) => {
  await fc.assert(
    fc.asyncProperty(table, async ({ text }) => {
      const { records } = await read(bare, inputs.write("table.csv", text));
      t.deepEqual(records, parse(text, { skip_empty_lines: true, relax_column_count: true }) as string[][]);
    }),
    { numRuns: 300 },
  );
});

test("any cuts into splits and chunks give the records and offsets of the whole", async (t) => {
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 3, max: 40 }), async ({ text }, chunkBytes) => {
      const file = inputs.write("table.csv", text);
      const whole = await read(bare, file);
      for (let splitBytes = 1; splitBytes <= file.size; splitBytes++) t.deepEqual(await read(bare, file, splitBytes, chunkBytes), whole, `splits of ${splitBytes} bytes, chunks of ${chunkBytes}`);
    }),
    { numRuns: 60 },
  );
});

test("any bytes at all are cut into the same good and bad records wherever splits lie", async (t) => {
  const soup = fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a", "\r\n", '""', '\n"', '",'), maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(soup, fc.integer({ min: 3, max: 30 }), async (text, chunkBytes) => {
      const file = inputs.write("soup.csv", text);
      const whole = await read(bare, file);
      for (let splitBytes = 1; splitBytes <= file.size; splitBytes++) {
        t.deepEqual(await read(bare, file, splitBytes, chunkBytes), whole, `splits of ${splitBytes} bytes, chunks of ${chunkBytes}`);
      }
    }),
    { numRuns: 200 },
  );
});

test("offsets are those of the records' first bytes, also behind text that is not ASCII", async (t) => {
  const text = 'é,1\n"ü\n",2\n\nplain,3\n';
  const { offsets, records, skipped } = await read(bare, inputs.write("offsets.csv", text));
  t.deepEqual(offsets, ["é,1\n", 'é,1\n"ü\n",2\n\n'].reduce((found, before) => [...found, Buffer.byteLength(before)], [0]));
  t.deepEqual(records, [["é", "1"], ["ü\n", "2"], ["plain", "3"]]);
  t.is(skipped, 1);
});

test("a header names the columns for every split, a byte order mark is dropped, and `__proto__` is a name like others", async (t) => {
  const file = inputs.write("headed.csv", '\ufeffname,__proto__\n"a\nb",1\nc,2\nd,3\n');
  for (const splitBytes of [Infinity, 1, 2, 5, 16]) {
    const { records } = await read(headed, file, splitBytes);
    t.is(JSON.stringify(records), '[{"name":"a\\nb","__proto__":"1"},{"name":"c","__proto__":"2"},{"name":"d","__proto__":"3"}]');
  }
});

test("a schema picks columns by name and types them", async (t) => {
  const type = <K extends string>(kind: K) => ({ kind, nullable: false }) as const;
  const schema: CsvSpec["schema"] = [
    { name: "n", type: type("float64") },
    { name: "id", type: { kind: "int64", as: "bigint", nullable: false } },
    { name: "day", type: { kind: "date", nullable: true } },
    { name: "note", type: { kind: "utf8", nullable: true } },
    { name: "ok", type: type("bool") },
  ];
  const text = 'extra,ok,id,note,n,day\nx,true,9007199254740993,,-1.5e3,2024-02-29\ny,0,-1,"",.5,\n';
  const { records } = await read({ ...headed, schema }, inputs.write("typed.csv", text));
  t.deepEqual(records, [
    { n: -1500, id: 9007199254740993n, day: new Date("2024-02-29"), note: null, ok: true },
    { n: 0.5, id: -1n, day: null, note: "", ok: false },
  ]);
});

test("what is wrong with a record is told, and reading goes on behind it", async (t) => {
  const schema: CsvSpec["schema"] = [{ name: "a", type: { kind: "int32", nullable: false } }];
  const text = 'a,b\n1,x\n2\n3,y,z\nfour,x\n"5"6,x\n7,x\n8,"open\n9,x\n';
  const { records, bad } = await read({ ...headed, schema }, inputs.write("bad.csv", text));
  t.deepEqual(records, [{ a: 1 }, { a: 7 }]);
  t.deepEqual(bad, [
    "the record has 1 field, expected 2",
    "the record has 3 fields, expected 2",
    'column "a": expected int32, got "four"',
    "field 1 goes on after its closing quote",
    "a quote is opened but never closed",
  ]);
});

test("numbers are decimal and nothing else", async (t) => {
  const schema: CsvSpec["schema"] = [{ name: "n", type: { kind: "float64", nullable: false } }];
  const good = ["0", "-0", "1.", ".5", "+7", "1e5", "1E-7", "NaN", "Infinity", "-Infinity"];
  const wrong = [" 1", "1 ", "0x10", "0b1", "0o7", "1,5", "1_0", "--1", "", "inf", "nan", "1e", "e1", "-", "."];
  const text = `n\n${[...good, ...wrong].map((cell) => `"${cell}"`).join("\n")}\n`;
  const { records, bad } = await read({ ...headed, schema }, inputs.write("numbers.csv", text));
  t.deepEqual(records, good.map((cell) => ({ n: Number(cell) + 0 })));
  t.is(bad.length, wrong.length);
});

test("a missing or doubled column fails the file, with its header and what may have been meant", async (t) => {
  const schema: CsvSpec["schema"] = [{ name: "User", type: { kind: "utf8", nullable: false } }];
  await t.throwsAsync(read({ ...headed, schema }, inputs.write("missing.csv", "user,b\n1,2\n")), { message: /has no column "User" \(did you mean "user"\?\); its header is "user", "b"$/ });
  await t.throwsAsync(read(headed, inputs.write("doubled.csv", "a,a\n1,2\n")), { message: /has two columns "a"/ });
});

test("a record beyond the limit is one bad record, found with little memory, and the next is read", async (t) => {
  const text = `a,b\n"${"x".repeat(5000)}\n",1\nc,2\n`;
  const { records, bad } = await read(headed, inputs.write("long.csv", text), Infinity, 100, 1000);
  t.deepEqual(records, [{ a: "c", b: "2" }]);
  t.regex(bad[0]!, /^the record is longer than 1000 bytes \(--max-record-size\)/);
});

test("a split of a file without newlines or quotes reads as a whole", async (t) => {
  const file = inputs.write("one.csv", "abc,def");
  for (let splitBytes = 1; splitBytes < 8; splitBytes++) t.deepEqual((await read(bare, file, splitBytes)).records, [["abc", "def"]]);
  t.deepEqual((await read(headed, inputs.write("empty.csv", ""))).records, []);
  t.is(wholeFile(file).end, 7);
});
