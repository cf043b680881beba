import test from "ava";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { BadRecordError } from "../errors.js";
import type { Split } from "../model/split.js";
import { splitsOf, TempInputs, wholeSplit } from "../testing/temp-input.js";
import type { ChunkOptions } from "./line-chunks.js";
import { TextReader } from "./text-reader.js";

interface Line {
  readonly offset: number;
  readonly text: string | "too long";
}

const inputs = new TempInputs();
const LARGE = 1 << 20;

/** Lines of the whole file, the slow and obvious way. */
function linesOf(content: Buffer, maxRecordBytes = LARGE): Line[] {
  const lines: Line[] = [];
  let at = content.subarray(0, 3).equals(Buffer.from("\ufeff")) ? 3 : 0;
  while (at < content.length) {
    let newline = at;
    while (newline < content.length && content[newline] !== 10) newline++;
    const crlf = newline < content.length && newline > at && content[newline - 1] === 13;
    const text = newline - at > maxRecordBytes ? "too long" : content.subarray(at, crlf ? newline - 1 : newline).toString("utf8");
    lines.push({ offset: at, text });
    at = newline + 1;
  }
  return lines;
}

async function read(splits: readonly Split[], options: ChunkOptions): Promise<Line[]> {
  const lines: Line[] = [];
  for (const split of splits) {
    const reader = new TextReader(split, options);
    while (await reader.advance()) {
      for (;;) {
        try {
          if (!reader.next()) break;
          lines.push({ offset: reader.offset, text: reader.record });
        } catch (error) {
          if (!(error instanceof BadRecordError)) throw error;
          lines.push({ offset: error.offset, text: "too long" });
        }
      }
    }
    reader.close();
  }
  return lines;
}

async function readColumns(splits: readonly Split[], options: ChunkOptions): Promise<string[]> {
  const lines: string[] = [];
  for (const split of splits) {
    const reader = new TextReader(split, options);
    while (await reader.advance()) {
      const { line } = reader.columns().columns;
      for (let i = 0; i < line.length; i++) lines.push(line.get(i));
    }
    reader.close();
  }
  return lines;
}

const pieces = ["\n", "\n", "\r\n", "\r", "\0", "a", "bc", " ", "ü", "€", "😀", "\ufeff", "\u2028", "0123456789"].map((text) => Buffer.from(text));
const broken = [[0xff], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0x80], [0xef, 0xbb]].map((bytes) => Buffer.from(bytes));
const content = fc
  .tuple(fc.constantFrom("", "\ufeff"), fc.array(fc.constantFrom(...pieces, ...broken), { maxLength: 25 }))
  .map(([mark, parts]) => Buffer.concat([Buffer.from(mark), ...parts]));

test("any content in splits of every size gives the lines and offsets of the whole file", async (assert) => {
  await fc.assert(
    fc.asyncProperty(content, fc.integer({ min: 1, max: 40 }), async (bytes, chunkBytes) => {
      const file = inputs.write("any.txt", bytes);
      const expected = linesOf(bytes);
      for (let size = 1; size <= bytes.length + 1; size++) {
        const splits = splitsOf(file, size);
        assert.deepEqual(await read(splits, { maxRecordBytes: LARGE, chunkBytes }), expected);
        assert.deepEqual(await readColumns(splits, { maxRecordBytes: LARGE, chunkBytes }), expected.map((line) => line.text));
      }
    }),
    { numRuns: 60 },
  );
});

test("lines longer than the limit are bad records, whatever the splits and chunks", async (assert) => {
  await fc.assert(
    fc.asyncProperty(content, fc.integer({ min: 3, max: 30 }), fc.integer({ min: 1, max: 40 }), async (bytes, maxRecordBytes, chunkBytes) => {
      const file = inputs.write("overlong.txt", bytes);
      const expected = linesOf(bytes, maxRecordBytes);
      for (let size = 1; size <= bytes.length + 1; size += 3) {
        assert.deepEqual(await read(splitsOf(file, size), { maxRecordBytes, chunkBytes }), expected);
      }
    }),
    { numRuns: 60 },
  );
});

test("compressed content gives the same lines", async (assert) => {
  await fc.assert(
    fc.asyncProperty(content, fc.integer({ min: 1, max: 40 }), async (bytes, chunkBytes) => {
      const file = inputs.write("any.gz", gzipSync(bytes), "gzip");
      assert.deepEqual(await read([wholeSplit(file)], { maxRecordBytes: LARGE, chunkBytes }), linesOf(bytes));
    }),
    { numRuns: 40 },
  );
});

test("lines much longer than splits and chunks are read whole", async (assert) => {
  const bytes = Buffer.from(["a".repeat(300_000), "", "ü".repeat(200_000), "b", "c".repeat(70_000)].join("\r\n"));
  const file = inputs.write("long.txt", bytes);
  for (const size of [1000, 65_536, 299_999, bytes.length]) {
    assert.deepEqual(await read(splitsOf(file, size), { maxRecordBytes: LARGE, chunkBytes: 4096 }), linesOf(bytes));
  }
});

test("the error of a line that is too long names file, place, limit and option, and shows how it begins", async (assert) => {
  const file = inputs.write("one-long.txt", `first\n${"x".repeat(5000)}\nlast`);
  const reader = new TextReader(wholeSplit(file), { maxRecordBytes: 1000 });
  assert.true(await reader.advance());
  assert.true(reader.next());
  assert.false(reader.next());
  assert.true(await reader.advance());
  const error = assert.throws(() => reader.next(), { instanceOf: BadRecordError });
  assert.regex(error.message, /one-long\.txt, byte 6: the record is longer than 1000 bytes \(--max-record-size\)/);
  assert.is(error.record, "x".repeat(1000));
  assert.is(reader.offset, 6);
  assert.is(reader.raw(), "x".repeat(1000));
  assert.false(reader.next());
  assert.true(await reader.advance());
  assert.true(reader.next());
  assert.is(reader.record, "last");
  reader.close();
});

test("a long line costs the memory of a chunk when it is passed over", async (assert) => {
  const file = inputs.write("bomb.gz", gzipSync(Buffer.alloc(60_000_000, "x")), "gzip");
  const reader = new TextReader(wholeSplit(file), { maxRecordBytes: 100_000 });
  const before = process.memoryUsage().arrayBuffers;
  assert.true(await reader.advance());
  assert.throws(() => reader.next(), { instanceOf: BadRecordError });
  assert.true(process.memoryUsage().arrayBuffers - before < 30_000_000);
  assert.false(await reader.advance());
  reader.close();
});

test("columns refuse a line that is too long once, and go on behind it", async (assert) => {
  const file = inputs.write("column-long.txt", `${"x".repeat(50)}\nshort\n`);
  const reader = new TextReader(wholeSplit(file), { maxRecordBytes: 10 });
  assert.true(await reader.advance());
  assert.throws(() => reader.columns(), { instanceOf: BadRecordError });
  assert.is(reader.columns().length, 0);
  assert.true(await reader.advance());
  assert.is(reader.columns().columns.line.get(0), "short");
  reader.close();
});

test("bytes read over all splits add up to the size of the file", async (assert) => {
  const file = inputs.write("sum.txt", "one\ntwo\nthree\nfour");
  let sum = 0;
  for (const split of splitsOf(file, 5)) {
    const reader = new TextReader(split, { maxRecordBytes: LARGE });
    while (await reader.advance());
    sum += reader.bytesRead;
    reader.close();
  }
  assert.is(sum, file.size);
});
