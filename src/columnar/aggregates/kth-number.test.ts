/** What is selected is what a sort puts there. */
import test from "ava";
import fc from "fast-check";
import { kthAndNext } from "./kth-number.js";

function same(t: { deepEqual(actual: unknown, expected: unknown, told?: string): unknown }, numbers: Float64Array, k: number): void {
  const sorted = numbers.slice().sort();
  t.deepEqual(kthAndNext(numbers.slice(), k), { kth: sorted[k]!, next: k + 1 < sorted.length ? sorted[k + 1]! : NaN }, `${k} of ${numbers.length}`);
}

test("the number at a place and the next, of numbers that repeat, are infinite or none", (t) => {
  const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, Infinity, -Infinity), fc.double()).map((n) => n + 0);
  fc.assert(fc.property(fc.array(number, { minLength: 1, maxLength: 40 }), fc.nat(), (numbers, k) => same(t, Float64Array.from(numbers), k % numbers.length)), { numRuns: 2000 });
});

test("many numbers in any layout", (t) => {
  const size = 20_000;
  const layouts: Record<string, (i: number) => number> = {
    ascending: (i) => i,
    descending: (i) => -i,
    "up and down": (i) => Math.min(i, size - i),
    equal: () => 7,
    "of two": (i) => i % 2,
    mixed: (i) => (i * 7919) % 10_007,
    "bits turned": (i) => parseInt([...i.toString(2).padStart(15, "0")].reverse().join(""), 2),
  };
  for (const at of Object.values(layouts)) for (const k of [0, 1, 9_999, 10_000, size - 1]) same(t, Float64Array.from({ length: size }, (_, i) => at(i)), k);
});

test("numbers that were made against the choice of pivots take a sort, not a round for each", (t) => {
  // The killer of the median of three: each round parts off two numbers.
  const size = 1 << 14;
  const numbers = new Float64Array(size);
  for (let i = 0; i < size / 2; i++) {
    numbers[i] = i % 2 === 0 ? i + 1 : size / 2 + i + 1;
    numbers[size / 2 + i] = 2 * (i + 1);
  }
  for (const k of [0, size / 2, size - 2]) same(t, numbers, k);
});
