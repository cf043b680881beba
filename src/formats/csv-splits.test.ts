import test from "ava";
import fc from "fast-check";
import { parse } from "csv-parse/sync";
import { gzipSync } from "node:zlib";
import { BadRecordError, TaskFailure } from "../errors.js";
import type { InputFile, Split } from "../model/split.js";
import type { CsvState, CsvTransitions } from "../model/task.js";
import { splitsOf, TempInputs, wholeSplit } from "../testing/temp-input.js";
import { csvStartStates, surveyCsv } from "./csv-survey.js";
import { openCsvReader, type CsvInputSpec } from "./csv-reader.js";
import { openBytes } from "./open-bytes.js";

interface Found {
  readonly offset: number;
  readonly fields: readonly string[] | "bad";
}
interface Answer {
  readonly records: readonly Found[];
  readonly blank: number;
}

const inputs = new TempInputs();
const LARGE = 1 << 20;
const arrays: CsvInputSpec = { format: "csv", paths: [], delimiter: ",", header: false };

/** Reads the whole file one byte after another. */
function recordsOf(content: Buffer, maxRecordBytes = LARGE): Answer {
  const records: Found[] = [];
  let blank = 0;
  let at = content.subarray(0, 3).equals(Buffer.from("\ufeff")) ? 3 : 0;
  while (at < content.length) {
    const offset = at;
    const fields: string[] = [];
    let bad = false;
    let quotes = 0;
    for (let ended = false; !ended; ) {
      const field: number[] = [];
      if (content[at] === 34) {
        quotes++;
        for (at++; at < content.length && (content[at] !== 34 || content[++at] === 34); at++) field.push(content[at]!);
        if (content[at - 1] !== 34 || (at === content.length && !closed(content, offset))) bad = true;
        if (content[at] === 13 && content[at + 1] === 10) at++;
        if (at < content.length && content[at] !== 44 && content[at] !== 10) bad = true;
        while (at < content.length && content[at] !== 44 && content[at] !== 10) at++;
      } else {
        while (at < content.length && content[at] !== 44 && content[at] !== 10) field.push(content[at++]!);
        if (content[at] === 10 && field.at(-1) === 13) field.pop();
      }
      fields.push(Buffer.from(field).toString());
      ended = content[at] !== 44;
      at++;
    }
    const size = Math.min(at - 1, content.length) - offset;
    if (size > maxRecordBytes) records.push({ offset, fields: "bad" });
    else if (fields.length === 1 && fields[0] === "" && quotes === 0) blank++;
    else records.push({ offset, fields: bad ? "bad" : fields });
  }
  return { records, blank };
}

/** Whether the scan from a record's start to the end of the content ends outside quotes. */
function closed(content: Buffer, from: number): boolean {
  return step("plain", 10, content.subarray(from)) !== "quoted";
}

/** The table of csv-machine.ts, byte by byte. */
function step(from: CsvState, byteBefore: number, bytes: Buffer): CsvState {
  let state = from;
  let before = byteBefore;
  for (const byte of bytes) {
    if (state === "quoted") state = byte === 34 ? "quote-in-quoted" : "quoted";
    else if (state === "quote-in-quoted") state = byte === 34 ? "quoted" : "plain";
    else if (byte === 34 && (before === 44 || before === 10)) state = "quoted";
    before = byte;
  }
  return state;
}

async function survey(split: Split): Promise<CsvTransitions> {
  const source = openBytes(split.file, split.start);
  try {
    return await surveyCsv(source, split, ",");
  } finally {
    source.close();
  }
}

async function read(splits: readonly Split[], options: { maxRecordBytes: number; chunkBytes?: number }, presumed = false): Promise<Answer> {
  const states = presumed ? splits.map(() => "presumed-plain" as const) : csvStartStates(await Promise.all(splits.map(survey)), [0]);
  const records: Found[] = [];
  let blank = 0;
  for (const [i, split] of splits.entries()) {
    const reader = await openCsvReader(arrays, split, { ...options, csvState: states[i] });
    while (await reader.advance()) {
      for (;;) {
        try {
          if (!reader.next()) break;
          records.push({ offset: reader.offset, fields: reader.record as string[] });
        } catch (error) {
          if (!(error instanceof BadRecordError)) throw error;
          records.push({ offset: error.offset, fields: "bad" });
        }
      }
    }
    blank += reader.skipped;
    reader.close();
  }
  return { records, blank };
}

const pieces = ['"', '"', '"', '""', ',', ",", "\n", "\n", "\r\n", "\r", '","', '"\n"', 'a', 'bc"d', '"e"', '"f,""g"\n', "ü", "😀", "\ufeff", "0123456789"];
const broken = [[0xff], [0xc3], [0xef, 0xbb], [0xbb, 0xbf], [0xbf]].map((bytes) => Buffer.from(bytes));
const content = fc
  .tuple(fc.constantFrom("", "", "\ufeff"), fc.array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...pieces.map((text) => Buffer.from(text))) }, fc.constantFrom(...broken)), { maxLength: 22 }))
  .map(([mark, parts]) => Buffer.concat([Buffer.from(mark), ...parts]));

test("any content in splits of every size gives the records and offsets of the whole file", async (assert) => {
  await fc.assert(
    fc.asyncProperty(content, fc.integer({ min: 1, max: 40 }), async (bytes, chunkBytes) => {
      const file = inputs.write("any.csv", bytes);
      const expected = recordsOf(bytes);
      for (let size = 1; size <= bytes.length + 1; size++) {
        assert.deepEqual(await read(splitsOf(file, size), { maxRecordBytes: LARGE, chunkBytes }), expected, `splits of ${size}`);
      }
    }),
    { numRuns: 60 },
  );
});

test("splits that are presumed to begin outside quotes give the records of the file, or one of them is given up for a quote", async (assert) => {
  const unquoted = pieces.filter((piece) => !piece.includes('"')).map((text) => Buffer.from(text));
  const rarely = fc.tuple(fc.array(fc.constantFrom(...unquoted), { maxLength: 30 }), fc.nat(30), fc.constantFrom("", '"', 'a"', ',"\n"')).map(([parts, at, quotes]) => Buffer.concat([...parts.slice(0, at), Buffer.from(quotes), ...parts.slice(at)]));
  const outcomes = { read: 0, givenUp: 0 };
  await fc.assert(
    fc.asyncProperty(rarely, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), async (bytes, size, chunkBytes) => {
      const splits = splitsOf(inputs.write("rare.csv", bytes), size);
      const answers: Answer[] = [];
      for (const split of splits) {
        try {
          answers.push(await read([split], { maxRecordBytes: LARGE, chunkBytes }, true));
          assert.false(bytes.subarray(split.start, split.end).includes(34));
        } catch (error) {
          assert.true(error instanceof TaskFailure && error.failure.kind === "needs-survey");
          assert.true(bytes.subarray(split.start).includes(34));
        }
      }
      const complete = answers.length === splits.length;
      outcomes[complete ? "read" : "givenUp"]++;
      if (complete) assert.deepEqual({ records: answers.flatMap(({ records }) => records), blank: answers.reduce((sum, { blank }) => sum + blank, 0) }, recordsOf(bytes));
    }),
    { numRuns: 400 },
  );
  assert.true(outcomes.read > 50 && outcomes.givenUp > 50, JSON.stringify(outcomes));
});

test("records longer than the limit are bad, whatever the splits and chunks", async (assert) => {
  await fc.assert(
    fc.asyncProperty(content, fc.integer({ min: 3, max: 30 }), fc.integer({ min: 1, max: 40 }), async (bytes, maxRecordBytes, chunkBytes) => {
      const file = inputs.write("long.csv", bytes);
      const expected = recordsOf(bytes, maxRecordBytes);
      for (let size = 1; size <= bytes.length + 1; size += 3) {
        assert.deepEqual(await read(splitsOf(file, size), { maxRecordBytes, chunkBytes }), expected, `splits of ${size}`);
      }
    }),
    { numRuns: 60 },
  );
});

test("a survey tells for each state how the split ends, whatever stands before it", async (assert) => {
  await fc.assert(
    fc.asyncProperty(content, fc.nat(60), fc.nat(60), async (bytes, from, length) => {
      const start = Math.min(from, bytes.length);
      const end = Math.min(start + length, bytes.length);
      const file = inputs.write("survey.csv", bytes);
      const mark = bytes.subarray(0, 3).equals(Buffer.from("\ufeff")) ? 3 : 0;
      const first = Math.min(Math.max(start, mark), Math.max(end, start));
      const before = first <= mark ? 10 : bytes[first - 1]!;
      const found = await survey({ file, start, end });
      for (const state of ["plain", "quoted", "quote-in-quoted"] as const) {
        assert.is(found[state], step(state, before, bytes.subarray(first, end)), `from ${state}, bytes ${start} to ${end}`);
      }
    }),
    { numRuns: 400 },
  );
});

test("a survey carries runs of quotes from one chunk of its reads to the next", async (assert) => {
  for (const quotes of [262_143, 262_144, 262_145, 524_288, 600_001]) {
    for (const [head, tail] of [["", ""], ["a,", ""], ["a,", ",b"], ["a", '\n"'], ["", "x"]] as const) {
      const bytes = Buffer.from(head + '"'.repeat(quotes) + tail);
      const found = await survey(wholeSplit(inputs.write("quotes.csv", bytes)));
      assert.is(found.plain, step("plain", 10, bytes));
      assert.is(found.quoted, step("quoted", 10, bytes));
      assert.is(found["quote-in-quoted"], step("quote-in-quoted", 10, bytes));
    }
  }
});

test("each file of several begins outside quotes", (assert) => {
  const opens: CsvTransitions = { plain: "quoted", quoted: "quote-in-quoted", "quote-in-quoted": "plain" };
  assert.deepEqual(csvStartStates([opens, opens, opens, opens, opens], [0, 3]), ["plain", "quoted", "quote-in-quoted", "plain", "quoted"]);
  assert.deepEqual(csvStartStates([], []), []);
});

test("a compressed file gives the same records", async (assert) => {
  await fc.assert(
    fc.asyncProperty(content, fc.integer({ min: 1, max: 40 }), async (bytes, chunkBytes) => {
      const file = inputs.write("any.csv.gz", gzipSync(bytes), "gzip");
      assert.deepEqual(await read([wholeSplit(file)], { maxRecordBytes: LARGE, chunkBytes }), recordsOf(bytes));
    }),
    { numRuns: 40 },
  );
});

const cell = fc.string({ unit: fc.constantFrom("a", "b", " ", '"', ",", "\n", "\r\n", "\r", "ü", "😀", "7"), maxLength: 6 });
const table = fc.tuple(fc.integer({ min: 2, max: 5 }), fc.constantFrom("\n", "\r\n"), fc.constantFrom("", "\ufeff")).chain(([width, newline, mark]) =>
  fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }).map((rows) => {
    const lines = rows.map((row) => row.map(([text, quoted]) => (quoted || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(","));
    return mark + lines.join(newline) + newline;
  }),
);

test("well-formed CSV reads as csv-parse reads it", async (assert) => {
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 100 }), async (csv, size, chunkBytes) => {
      const file: InputFile = inputs.write("table.csv", csv);
      const found = await read(splitsOf(file, size), { maxRecordBytes: LARGE, chunkBytes });
      const expected: string[][] = parse(csv, { bom: true, record_delimiter: ["\r\n", "\n"] });
      assert.deepEqual(found.records.map((record) => record.fields), expected);
    }),
    { numRuns: 200 },
  );
});

test("a quote that is never closed costs the memory of a chunk, and what stands before it is read", async (assert) => {
  const file = inputs.write("runaway.csv.gz", gzipSync(Buffer.concat([Buffer.from('a,b\n1,2\n3,"'), Buffer.alloc(60_000_000, "x,y\n")])), "gzip");
  const before = process.memoryUsage().arrayBuffers;
  const { records } = await read([wholeSplit(file)], { maxRecordBytes: 100_000 });
  assert.true(process.memoryUsage().arrayBuffers - before < 30_000_000);
  assert.deepEqual(records, [{ offset: 0, fields: ["a", "b"] }, { offset: 4, fields: ["1", "2"] }, { offset: 8, fields: "bad" }]);
});

test("records much longer than splits and chunks are read whole", async (assert) => {
  const bytes = Buffer.from(`"${"a\n".repeat(100_000)}",1\n"",2\r\n${"ü".repeat(200_000)},"${'""'.repeat(40_000)}"`);
  const file = inputs.write("wide.csv", bytes);
  for (const size of [7001, 65_536, bytes.length]) {
    assert.deepEqual(await read(splitsOf(file, size), { maxRecordBytes: LARGE, chunkBytes: 4096 }), recordsOf(bytes));
  }
});
