import test from "ava";
import fc from "fast-check";
import { Fifo } from "./fifo.js";

test("what went in first comes out first, however pushes and shifts mix", (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -90, max: 100 }), { maxLength: 20 }), (steps) => {
      const fifo = new Fifo<number>();
      const expected: number[] = [];
      let next = 0;
      for (const step of steps) {
        for (let push = 0; push < step; push++) {
          fifo.push(next);
          expected.push(next++);
        }
        for (let shift = 0; shift > step; shift--) t.is(fifo.shift(), expected.shift());
        t.is(fifo.size, expected.length);
        t.is(fifo.first, expected[0]);
        t.deepEqual([...fifo], expected);
      }
    }),
  );
});
