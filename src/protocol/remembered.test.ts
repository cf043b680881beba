import test from "ava";
import * as z from "zod/mini";
import { checked } from "./codec.js";
import { Remembered } from "./remembered.js";

const shape = z.strictObject({ part: new Remembered(z.strictObject({ name: z.string() })).shape });

test("a value that comes again is the one that was there before", (t) => {
  const first = checked(shape, { part: { name: "a" } }).part;
  t.is(checked(shape, { part: { name: "a" } }).part, first);
  t.deepEqual(checked(shape, { part: { name: "b" } }).part, { name: "b" });
  t.deepEqual(checked(shape, { part: { name: "a" } }).part, { name: "a" });
});

test("what is wrong is refused, and named, whatever came before", (t) => {
  const other = z.strictObject({ part: new Remembered(z.strictObject({ name: z.string() })).shape });
  for (let turn = 0; turn < 2; turn++) {
    t.throws(() => checked(other, {}), { message: /at part$/ });
    t.throws(() => checked(other, { part: { name: 1 } }), { message: /at part\.name$/ });
    t.throws(() => checked(other, { part: { name: "a", more: 1 } }), { message: /at part/ });
    checked(other, { part: { name: "a" } });
  }
});
