import test from "ava";
import fc from "fast-check";
import { bytesColumn, naiveOrder, nastyKey, nastyKeys, numbers } from "../../testing/nasty-keys.js";
import { groupKeys } from "./group-keys.js";
import { groupStarts, sortKeys, sortKeysThenBy, sortKeysThenValues } from "./sort-keys.js";

test("rows come in the order of their keys, equal ones as they were", (assert) => {
  fc.assert(
    fc.property(nastyKeys, fc.nat(9), (keys, lead) => {
      assert.deepEqual([...sortKeys(bytesColumn(keys, lead), keys.length)], naiveOrder(keys));
    }),
    { numRuns: 500 },
  );
});

const random = numbers(5);
const repeat = (count: number, make: (i: number) => string): Buffer[] => Array.from({ length: count }, (_, i) => Buffer.from(make(i), "latin1"));
const digits = (size: number): string => `${Math.floor(random() * 10 ** size)}`.padStart(size, "0");
const large: Record<string, Buffer[]> = {
  "random bytes": repeat(5000, () => String.fromCharCode(...Array.from({ length: 10 }, () => random() * 256))),
  "few words": repeat(5000, () => ["the", "then", "there", "therefore", "them", "", "a"][Math.floor(random() ** 3 * 7)]!),
  "few words, so many rows that a table groups them": repeat(20_000, () => ["the", "then", "there", "therefore", "them", "", "a", "a\0"][Math.floor(random() ** 3 * 8)]!),
  "words that look few at first": repeat(20_000, (i) => `word ${Math.floor(random() * (i < 5000 ? 10 : 20_000))}`),
  "one long key over and over": repeat(3000, () => "x".repeat(100)),
  "a shared prefix of 64 bytes": repeat(3000, () => "s".repeat(64) + digits(4)),
  "prefixes of each other": repeat(3000, (i) => "p".repeat((i * 7919) % 200)),
  "NULs of all lengths": repeat(3000, (i) => "\0".repeat((i * 7919) % 50)),
  "two groups that share long prefixes": repeat(3000, () => (random() < 0.5 ? "a" : "b").repeat(40) + digits(3)),
};
for (const [name, keys] of Object.entries(large)) {
  test(`thousands of rows sort: ${name}`, (assert) => {
    const { order, starts } = groupKeys(bytesColumn(keys, 2), keys.length);
    assert.deepEqual([...order], naiveOrder(keys));
    assert.deepEqual([...starts], naiveStarts(keys));
  });
}

test("keys that share a million bytes do not exhaust the stack or the clock", (assert) => {
  const shared = Buffer.alloc(1_000_000, 7);
  const keys = Array.from({ length: 20 }, (_, i) => Buffer.concat([shared, Buffer.of((i * 7) % 20)]));
  assert.deepEqual([...sortKeys(bytesColumn(keys), keys.length)], naiveOrder(keys));
});

for (const descending of [false, true]) {
  test(`rows of equal keys come ${descending ? "by falling" : "by rising"} values, equal ones as they were`, (assert) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom("", "a", "longer than eight").map((key) => Buffer.from(key)), nastyKey), { size: "large", maxLength: 200 }), (rows) => {
        const keys = rows.map(([key]) => key);
        const values = rows.map(([, value]) => value);
        const sign = descending ? -1 : 1;
        const naive = rows.map((_, row) => row).sort((a, b) => Buffer.compare(keys[a]!, keys[b]!) || sign * Buffer.compare(values[a]!, values[b]!) || a - b);
        assert.deepEqual([...sortKeysThenValues(bytesColumn(keys, 1), rows.length, bytesColumn(values, 4), descending)], naive);
      }),
    );
  });
}

test("rows of equal keys come as a comparator says, ties as they were", (assert) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom("", "a", "longer than eight").map((key) => Buffer.from(key)), fc.nat(5)), { size: "large", maxLength: 200 }), (rows) => {
      const keys = rows.map(([key]) => key);
      const compare = (a: number, b: number): number => rows[b]![1] - rows[a]![1];
      const naive = rows.map((_, row) => row).sort((a, b) => Buffer.compare(keys[a]!, keys[b]!) || compare(a, b) || a - b);
      assert.deepEqual([...sortKeysThenBy(bytesColumn(keys), rows.length, compare)], naive);
    }),
  );
});

test("groups start where the key changes, and the last start is the end", (assert) => {
  fc.assert(
    fc.property(nastyKeys, (keys) => {
      assert.deepEqual([...groupStarts(bytesColumn(keys, 3), Int32Array.from(naiveOrder(keys)), keys.length)], naiveStarts(keys));
      assert.deepEqual([...groupKeys(bytesColumn(keys, 3), keys.length).starts], naiveStarts(keys));
    }),
  );
});

function naiveStarts(keys: readonly Buffer[]): number[] {
  const order = naiveOrder(keys);
  return [...order.flatMap((row, i) => (i === 0 || !keys[row]!.equals(keys[order[i - 1]!]!) ? [i] : [])), keys.length];
}
