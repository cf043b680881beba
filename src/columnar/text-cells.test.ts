import test from "ava";
import fc from "fast-check";
import { bytesAt, bytesColumn } from "../testing/nasty-keys.js";
import { columnTexts } from "./column-texts.js";
import { decodeUtf8 } from "./codec.js";
import type { BytesColumn } from "./columns.js";
import { TextCells } from "./text-cells.js";
import { MOST_TEXT } from "./text-kernel.js";

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 30, unit: "binary" }) },
  { weight: 2, arbitrary: fc.string({ maxLength: 30, unit: "grapheme" }) },
  { weight: 2, arbitrary: fc.constantFrom("", "a", "я", "ß\u07ff", "\u0800", "\ud7ff\ue000\uffff", "\u{1f600}", "\u{10ffff}", "\ud83d", "\ude00", "x\ud83d", "\udc00y", "я".repeat(9), "日本語".repeat(6)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom("a", "я", "日", "\u{1f600}"), fc.integer({ min: 1, max: 3000 })).map(([letter, count]) => letter.repeat(count)) },
);

function bytesOf(texts: readonly string[]): string[] {
  return texts.map((each) => Buffer.from(each).toString("hex"));
}

function rowsOf(column: BytesColumn, rows: number): string[] {
  return Array.from({ length: rows }, (_, row) => bytesAt(column, row).toString("hex"));
}

test("texts become the UTF-8 that Node makes of each by itself, and may be taken back", (t) => {
  const cells = new TextCells();
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.array(text, { size: "large", maxLength: 300 }), fc.nat(400)), { maxLength: 4 }), (steps) => {
      cells.truncate(0);
      const expected: string[] = [];
      for (const [texts, left] of steps) {
        for (const each of texts) cells.append(each);
        expected.push(...texts);
        cells.truncate(left);
        expected.splice(left);
      }
      t.deepEqual(rowsOf(cells.column(), expected.length), bytesOf(expected));
    }),
  );
});

test("texts of any length and any number of them fit, and only texts", (t) => {
  const cells = new TextCells();
  const texts = ["a".repeat(1 << 18), "б", "日".repeat((1 << 18) + 7), ...Array.from({ length: 10_000 }, (_, i) => (i % 3 === 0 ? "" : `nº ${i}`))];
  for (const each of texts) cells.append(each);
  t.deepEqual(rowsOf(cells.column(), texts.length), bytesOf(texts));
  t.throws(() => cells.append(7), { instanceOf: TypeError, message: "expected utf8, got 7 (number)" });
  t.deepEqual(rowsOf(cells.column(), texts.length), bytesOf(texts));
});

const damaged = fc.tuple(fc.array(text, { maxLength: 40 }), fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0x80, max: 0xff })), { maxLength: 1 })).map(([texts, hits]) => {
  const column = bytesColumn(texts.map((each) => Buffer.from(each)));
  for (const [at, byte] of hits) if (column.bytes.length > 0) column.bytes[at % column.bytes.length] = byte;
  return { column, rows: texts.length };
});

test("texts of a column are those that each row has by itself, valid or not", (t) => {
  fc.assert(
    fc.property(damaged, fc.nat(5), ({ column, rows }, skipped) => {
      const from = Math.min(rows, skipped);
      const part: BytesColumn = { ...column, offsets: column.offsets.subarray(from) };
      const textAt = columnTexts(part, rows - from);
      for (let row = rows - from - 1; row >= 0; row--) t.is(textAt(row), decodeUtf8(part.bytes, part.offsets[row]!, part.offsets[row + 1]!));
    }),
    { numRuns: 1000 },
  );
});

test("a character that is cut in two by rows is none", (t) => {
  const textAt = columnTexts({ kind: "bytes", offsets: Int32Array.of(0, 1, 2, 3), bytes: Buffer.from("яx") }, 3);
  t.deepEqual([0, 1, 2].map(textAt), ["\ufffd", "\ufffd", "x"]);
});

test("a column of more text than kernels take is read row by row", (t) => {
  const texts = ["я".repeat(MOST_TEXT / 2), "\u{1f600}", "end"];
  const textAt = columnTexts(bytesColumn(texts.map((each) => Buffer.from(each))), 3);
  t.deepEqual([0, 1, 2].map(textAt), texts);
});
