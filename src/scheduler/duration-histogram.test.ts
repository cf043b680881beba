import test from "ava";
import fc from "fast-check";
import { DurationHistogram } from "./duration-histogram.js";

test("the median is at most a quarter too high and never too low", (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 10_000_000 }), { minLength: 1 }), (durations) => {
      const histogram = new DurationHistogram();
      for (const duration of durations) histogram.add(duration);
      const exact = [...durations].sort((left, right) => left - right)[Math.ceil(durations.length / 2) - 1] ?? 0;
      const median = histogram.median();
      return median >= exact * (1 - 1e-9) && median <= exact * 1.25 * (1 + 1e-9);
    }),
  );
  t.is(new DurationHistogram().median(), 0);
});
