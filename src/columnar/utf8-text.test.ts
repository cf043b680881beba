import test from "ava";
import fc from "fast-check";
import { utf8Text } from "./utf8-text.js";

const piece = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom("\u0000", "\u007f", "\u0080", "\u00bf", "\u00c0", "\u00ff", "\u0100", "é", "\u07ff", "\u0800", "\u2019", "\ud7ff", "\ue000", "\uffff", "\ud800\udc00", "\ud83d\ude00", "\udbff\udfff", "x".repeat(15), "ß".repeat(17), "я".repeat(9), "日".repeat(6)),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.from(pieces.join("")));
const damaged = fc.tuple(text, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0x80, max: 0xff })), { maxLength: 3 })).map(([bytes, hits]) => {
  for (const [at, byte] of hits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
  return bytes;
});

test("text is what Node makes of its bytes, from any place on, valid or not", (t) => {
  fc.assert(
    fc.property(fc.oneof(text, damaged), fc.nat(20), fc.nat(20), (bytes, from, before) => {
      const start = Math.min(from, bytes.length);
      const end = Math.max(start, bytes.length - before);
      t.is(utf8Text(bytes, start, end), bytes.toString("utf8", start, end));
    }),
    { numRuns: 2000 },
  );
});

test("a letter of two bytes that is cut off at the end does not take what lies behind", (t) => {
  const bytes = Buffer.from("Grüße");
  t.is(utf8Text(bytes, 0, 3), "Gr\ufffd");
  t.is(utf8Text(bytes, 3, 6), "\ufffdß");
});

test("text of any length: none, a chunk and more than the kernel takes", (t) => {
  for (const part of ["aéb", "яя ", "日", "я\u{1f600}b日"]) for (const length of [0, 1, 15, 16, 17, 1 << 19, 1 << 20, (1 << 20) + 1]) {
    const bytes = Buffer.alloc(length, part);
    t.is(utf8Text(bytes, 0, length), bytes.toString());
  }
});
