import test from "ava";
import fc from "fast-check";
import { LineColumn } from "./line-column.js";

const piece = fc.constantFrom("\n", "\r\n", "\r", "\n\n", "a", "é", "\u0000", "words of a line", "x".repeat(16), "y".repeat(1100));
const text = fc.array(piece, { maxLength: 60 }).map((pieces) => Buffer.from(pieces.join("")));

/** By strings: one carriage return before a newline belongs to the ending. */
function linesOf(content: Buffer): string[] {
  const parts = content.toString().split("\n");
  const last = parts.pop()!;
  return [...parts.map((line) => line.replace(/\r$/, "")), ...(last === "" ? [] : [last])];
}

function held(column: LineColumn): string[] {
  return Array.from({ length: column.length }, (_, row) => column.get(row));
}

test("the kernel's lines and those of its plain twin are the lines of the text, whatever stood in the column before", (t) => {
  const [kernel, plain] = [new LineColumn(), new LineColumn()];
  fc.assert(
    fc.property(text, fc.nat(20), (content, before) => {
      const source = Buffer.concat([Buffer.alloc(before, "\n"), content, Buffer.from("\n\n\nbehind")]);
      const expected = linesOf(content);
      t.deepEqual(held(kernel.fill(source, before, before + content.length)), expected);
      plain.bytes = new Uint8Array(content.length);
      t.deepEqual(held(plain.fillPlainly(content)), expected);
    }),
  );
});

test("as many lines as bytes, and more than the kernel takes", (t) => {
  for (const length of [1 << 20, (1 << 20) + 5]) {
    t.is(new LineColumn().fill(Buffer.alloc(length, "\n"), 0, length).length, length);
    t.deepEqual(held(new LineColumn().fill(Buffer.alloc(length, "z"), 0, length)), ["z".repeat(length)]);
  }
});
