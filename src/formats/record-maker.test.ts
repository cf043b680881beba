import test from "ava";
import fc from "fast-check";
import { looping, recordMaker } from "./record-maker.js";

const name = fc.oneof(fc.string({ unit: "binary", maxLength: 6 }), fc.constantFrom("__proto__", "constructor", "a b", '"', "\\", "\u2028", "`${x}`", "g0", "row"));

test("compiled and looping makers give the same records, whatever the names", (assert) => {
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 8 }), fc.nat(100), (names, row) => {
      const getters = names.map((_, i) => (at: number) => at * 10 + i);
      const record = recordMaker(names)(getters)(row);
      assert.deepEqual(Object.entries(record), Object.entries(looping(names)(getters)(row)));
      assert.deepEqual(new Map(Object.entries(record)), new Map(names.map((each, i) => [each, row * 10 + i])));
      assert.is(Object.getPrototypeOf(record), Object.prototype);
    }),
    { numRuns: 500 },
  );
});
