import test from "ava";
import fc from "fast-check";
import type { BytesColumn } from "../columnar/columns.js";
import { bytesColumn } from "../testing/nasty-keys.js";
import { joinLines, joinPlainly } from "./join-lines.js";

const line = fc.string({ maxLength: 40, unit: "grapheme" }).map((text) => text.replaceAll("\n", ""));

test("rows of a column become lines, by the kernel and by its plain twin", (t) => {
  fc.assert(
    fc.property(fc.array(line, { size: "large", maxLength: 100 }), fc.nat(3), (lines, skipped) => {
      const column = columnOf(lines);
      const from = Math.min(skipped, lines.length);
      const part: BytesColumn = { ...column, offsets: column.offsets.subarray(from) };
      const expected = lines.slice(from).map((each) => `${each}\n`).join("");
      t.is(Buffer.from(joinLines(part, lines.length - from)!).toString(), expected);
      t.is(Buffer.from(joinPlainly(part, lines.length - from)).toString(), expected);
    }),
  );
});

test("a row with a newline is no line", (t) => {
  const column = columnOf(["a", "b\nc", "d"]);
  t.is(joinLines(column, 3), undefined);
  t.is(Buffer.from(joinLines(column, 1)!).toString(), "a\n");
});

test("lines of any length and any number of them are joined", (t) => {
  for (const lines of [["x".repeat(2 ** 21)], Array.from({ length: 2 ** 17 + 1 }, (_, i) => (i % 5 === 0 ? "é" : ""))]) {
    t.true(Buffer.from(`${lines.join("\n")}\n`).equals(joinLines(columnOf(lines), lines.length)!));
  }
});

function columnOf(lines: readonly string[]): BytesColumn {
  return bytesColumn(lines.map((each) => Buffer.from(each)));
}
