import test from "ava";
import fc from "fast-check";
import { bytesColumn, nastyKeys } from "../../testing/nasty-keys.js";
import { hashKeys } from "./hash-keys.js";

function hashes(values: readonly Uint8Array[], seed: number, lead = 0): Uint32Array {
  const out = new Uint32Array(values.length);
  hashKeys(bytesColumn(values, lead), values.length, seed, out);
  return out;
}

test("a hash depends on the key's bytes and the seed alone", (assert) => {
  fc.assert(
    fc.property(nastyKeys, fc.integer(), fc.nat(9), (keys, seed, lead) => {
      const alone = keys.map((key) => hashes([key], seed)[0]);
      assert.deepEqual([...hashes(keys, seed, lead)], alone);
    }),
  );
});

for (const length of [3, 4, 8, 9, 12, 23]) {
  test(`each bit of a ${length}-byte key and of the seed flips about half of the hash's bits`, (assert) => {
    const keys = Array.from({ length: 200 }, (_, i) => Buffer.from(`${i * 7919}`.padStart(length, "k").slice(-length)));
    const before = hashes(keys, 1);
    for (let bit = 0; bit < length * 8; bit++) {
      const flipped = keys.map((key) => {
        const other = Buffer.from(key);
        other[bit >> 3]! ^= 1 << (bit & 7);
        return other;
      });
      assertHalfFlipped(assert, before, hashes(flipped, 1));
    }
    for (let bit = 0; bit < 32; bit++) assertHalfFlipped(assert, before, hashes(keys, 1 ^ (1 << bit)));
  });
}

function assertHalfFlipped(assert: { true(value: boolean, message: string): void }, before: Uint32Array, after: Uint32Array): void {
  let flips = 0;
  before.forEach((hash, i) => (flips += popCount(hash ^ after[i]!)));
  const share = flips / before.length / 32;
  assert.true(share > 0.4 && share < 0.6, `${share} of the bits flip`);
}

function popCount(word: number): number {
  let count = 0;
  for (; word !== 0; word &= word - 1) count++;
  return count;
}

test("keys that differ by trailing NULs hash apart", (assert) => {
  const keys = Array.from({ length: 40 }, (_, i) => Buffer.alloc(i));
  assert.is(new Set(hashes(keys, 0)).size, 40);
});
