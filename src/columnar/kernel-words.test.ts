import test from "ava";
import fc from "fast-check";
import type { BytesColumn } from "./columns.js";
import { KernelKeyTable } from "./kernel-key-table.js";
import { KernelWords, type WordRules } from "./kernel-words.js";
import { bytesAt } from "../testing/nasty-keys.js";

const CHARACTERS = /[\p{L}\p{N}\p{M}]+/gu;
const WORD = /[\p{L}\p{N}\p{M}]+(?:['\u2019][\p{L}\p{N}\p{M}]+)*/gu;

const nasty = fc.constantFrom(
  ..."abzAZ019 '’\n\r\t\0@[`{/:_-.ß",
  ..."éÉİıſΚΑΣσςǅΩ\u212a\u0301\u0345\u00b7\u00ad\u200d\u2028\ufeff\ufffd日本ー١²Ⅷⓐﬁ",
  ..."×÷ÀĀſяЯ\u0482\u0483Ѐӿ\u0387\u037e\u0375ΐՀ՚א\u05c0\u05c1ش\u060c߿\u07f7",
  ..."\u{1f600}\u{10400}\u{1d7d8}",
  "''", "'s", "’s", "\r\n", "word", "it's", "x".repeat(15), "Y".repeat(16), "z".repeat(17), "long".repeat(20),
);
const text = fc.array(nasty, { size: "large", maxLength: 400 }).map((parts) => Buffer.from(parts.join("")));
const broken = fc.array(fc.oneof(nasty.map((part) => Buffer.from(part)), fc.uint8Array({ maxLength: 3 })), { maxLength: 100 }).map((parts) => Buffer.concat(parts));

for (const lowercase of [false, true]) {
  test(`words and lines of nasty text are those of the plain expression${lowercase ? ", lowered" : ""}`, (t) => {
    const table = new KernelKeyTable(1);
    fc.assert(
      fc.property(fc.oneof(text, broken), (bytes) => {
        table.clear();
        const lines = counter(table, lowercase).add(bytes);
        t.is(lines, bytes.toString("latin1").split("\n").length - (bytes.at(-1) === 10 || bytes.length === 0 ? 1 : 0));
        t.deepEqual(counted(table, lowercase), plainly(bytes.toString(), lowercase));
      }),
      { numRuns: 150 },
    );
  });
}

test("a capital sigma is lowered by what stands around it, over full stops too", (t) => {
  const table = new KernelKeyTable(1);
  const text_ = "ΟΔΟΣ ΟΔΟΣ. Α.Σ.Α ΣΑΣ\nabc ΑΣ.Α\n";
  counter(table, true).add(Buffer.from(text_));
  t.deepEqual(counted(table, true), plainly(text_, true));
});

for (const lowercase of [false, true]) {
  test(`words that are passed on, with those in the table, are all words${lowercase ? ", lowered" : ""}`, (t) => {
    const table = new KernelKeyTable(1);
    fc.assert(
      fc.property(fc.array(fc.oneof(text, broken, fc.string({ unit: "binary-ascii" }).map((ascii) => Buffer.from(ascii))), { maxLength: 4 }), (pieces) => {
        table.clear();
        const passed = new Map<string, number>();
        const takeWords = (keys: BytesColumn, rows: number): void => {
          for (let row = 0; row < rows; row++) {
            const word = bytesAt(keys, row).toString();
            passed.set(word, (passed.get(word) ?? 0) + 1);
          }
        };
        const words = counter(table, lowercase, takeWords);
        for (const piece of pieces) words.add(piece);
        for (const [word, times] of counted(table, lowercase)) passed.set(word, (passed.get(word) ?? 0) + times);
        t.deepEqual(new Map([...passed].sort()), plainly(pieces.map((piece) => piece.toString()).join("\n"), lowercase));
      }),
      { numRuns: 150 },
    );
  });
}

test("text longer than the kernel's window is cut where no word is", (t) => {
  const table = new KernelKeyTable(1);
  const words = Array.from({ length: 400_000 }, (_, i) => `w${i % 1000}${i % 77 === 0 ? "é" : ""}`);
  for (const separator of [" ", "\n", ","]) {
    table.clear();
    const text_ = words.join(separator);
    const lines = counter(table, false).add(Buffer.from(text_));
    t.is(lines, text_.split("\n").length);
    t.deepEqual(counted(table, false), plainly(text_, false));
  }
});

function counter(table: KernelKeyTable, lowercase: boolean, takeWords?: WordRules["takeWords"]): KernelWords {
  const plain = (line: string): void => {
    for (const [word] of (lowercase ? line.toLowerCase() : line).matchAll(WORD)) table.encodeText(word);
  };
  return new KernelWords(table, { lowercase, characters: CHARACTERS, plain, takeWords });
}

function counted(table: KernelKeyTable, lowercase: boolean): Map<string, number> {
  const { offsets, bytes } = table.keys();
  const counts = new Map<string, number>();
  const words = Array.from({ length: table.size }, (_, i) => Buffer.from(bytes.slice(offsets[i], offsets[i + 1])).toString());
  table.hits().forEach((hits, code) => {
    const word = lowercase ? words[code]!.toLowerCase() : words[code]!;
    counts.set(word, (counts.get(word) ?? 0) + hits);
  });
  return new Map([...counts].sort());
}

function plainly(text_: string, lowercase: boolean): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text_.split("\n")) for (const [word] of (lowercase ? line.toLowerCase() : line).matchAll(WORD)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return new Map([...counts].sort());
}
