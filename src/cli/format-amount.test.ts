import test from "ava";
import fc from "fast-check";
import { formatCount } from "./format-amount.js";

test("counts are written as toLocaleString writes them", (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((thousandths) => thousandths / 1000)), (count) => {
      t.is(formatCount(count), count.toLocaleString("en-US"));
    }),
  );
  t.is(formatCount(0), "0");
  t.is(formatCount(1234567.25), "1,234,567.25");
});
