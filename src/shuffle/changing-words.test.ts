import test from "ava";
import fc from "fast-check";
import { changingWords } from "./changing-words.js";

test("words that lowering changes are those that differ from their lower form", (t) => {
  const character = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(..."abzéÉßΑΣσςİıſǅЯяЀ日\u1e9e\u1e00\u212a\u24b6\uff21\u{10400}\u{10428}\u{1f600}") }, fc.string({ unit: "grapheme", maxLength: 2 }));
  fc.assert(
    fc.property(fc.array(fc.array(character, { maxLength: 5 }), { maxLength: 40 }), (parts) => {
      // As the kernel lowers them before.
      const words = parts.map((part) => part.join("").replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
      const offsets = new Int32Array(words.length + 1);
      words.forEach((word, i) => (offsets[i + 1] = offsets[i]! + Buffer.byteLength(word)));
      const expected = words.flatMap((word, row) => (word.toLowerCase() === word ? [] : [{ row, lowered: word.toLowerCase() }]));
      t.deepEqual(changingWords({ kind: "bytes", offsets, bytes: Buffer.from(words.join("")) }, words.length), expected);
    }),
  );
});

test("all characters up to U+FFFF are known by what lowering does to them", (t) => {
  const words = Array.from({ length: 1 << 16 }, (_, code) => String.fromCharCode(code)).filter((word) => !/[\ud800-\udfff]/.test(word) && !/[A-Z]/.test(word));
  const offsets = new Int32Array(words.length + 1);
  words.forEach((word, i) => (offsets[i + 1] = offsets[i]! + Buffer.byteLength(word)));
  const changing = changingWords({ kind: "bytes", offsets, bytes: Buffer.from(words.join("")) }, words.length);
  t.deepEqual(changing.map(({ row }) => words[row]!), words.filter((word) => word.toLowerCase() !== word));
});
