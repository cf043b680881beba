import test from "ava";
import fc from "fast-check";
import { RecencyList, type Place } from "./recency-list.js";

test("items stand in the order in which they were last touched", (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom("add", "touch", "remove"), fc.nat(9))), (steps) => {
      const list = new RecencyList<number>();
      const places = new Map<number, Place<number>>();
      let expected: number[] = [];
      for (const [step, item] of steps) {
        const place = places.get(item);
        if (step === "add" && place === undefined) {
          places.set(item, list.add(item));
          expected.push(item);
        } else if (step === "touch" && place !== undefined) {
          list.touch(place);
          expected = [...expected.filter((other) => other !== item), item];
        } else if (step === "remove" && place !== undefined) {
          list.remove(place);
          places.delete(item);
          expected = expected.filter((other) => other !== item);
        }
        t.deepEqual([...list], expected);
        t.is(list.oldest, expected[0]);
      }
    }),
  );
});
