import test from "ava";
import fc from "fast-check";
import { bytesColumn, nastyKey, nastyKeys, numbers } from "../../testing/nasty-keys.js";
import { hashKeys } from "./hash-keys.js";
import { hashPartition, partitionOrder, rangePartition } from "./partition.js";

function hashed(keys: readonly Uint8Array[], partitions: number): Int32Array {
  const out = new Int32Array(keys.length);
  hashPartition(bytesColumn(keys, 3), keys.length, partitions, out);
  return out;
}

test("a key's partition is the same in every release", (assert) => {
  const keys = ["", "a", "the", "abcdefgh", "abcdefghi", "a key that is a good deal longer"].map((key) => Buffer.from(key));
  assert.deepEqual([...hashed(keys, 1000)], [643, 796, 875, 454, 805, 62]);
});

test("hash partitions of many keys are about equal in size", (assert) => {
  const sizes = new Array<number>(16).fill(0);
  for (const code of hashed(Array.from({ length: 32_000 }, (_, i) => Buffer.from(`key-${i}`)), 16)) sizes[code]!++;
  for (const size of sizes) assert.true(size > 1800 && size < 2200, `${size} of 2000 expected`);
});

test("keys of one hash partition still spread over the low bits of other hashes", (assert) => {
  const keys = Array.from({ length: 64_000 }, (_, i) => Buffer.from(`key-${i}`));
  const codes = hashed(keys, 64);
  const inFirst = keys.filter((_, i) => codes[i] === 0);
  const hashes = new Uint32Array(inFirst.length);
  hashKeys(bytesColumn(inFirst), inFirst.length, 1, hashes);
  const sizes = new Array<number>(8).fill(0);
  for (const hash of hashes) sizes[hash & 7]!++;
  for (const size of sizes) assert.true(size > 75 && size < 180, `${size} of ${inFirst.length / 8} expected`);
});

test("a key falls in the first range whose splitter lies above it", (assert) => {
  fc.assert(
    fc.property(nastyKeys, fc.array(nastyKey, { maxLength: 40 }), fc.nat(5), (keys, bounds, lead) => {
      assertRanges(assert, keys, bounds, lead);
    }),
  );
});

test("ranges of large batches are those of small ones", (assert) => {
  const random = numbers(11);
  const key = (): Buffer => Buffer.from(Array.from({ length: Math.floor(random() * 12) }, () => Math.floor(random() ** 2 * 256)));
  assertRanges(assert, Array.from({ length: 5000 }, key), Array.from({ length: 300 }, key), 1);
  assertRanges(assert, Array.from({ length: 2000 }, key), [], 0);
});

function assertRanges(assert: { deepEqual(actual: unknown, expected: unknown): unknown }, keys: readonly Buffer[], bounds: readonly Buffer[], lead: number): void {
  const splitters = [...bounds].sort((a, b) => Buffer.compare(a, b));
  const out = new Int32Array(keys.length);
  rangePartition(bytesColumn(keys, lead), keys.length, splitters, out);
  const naive = keys.map((key) => splitters.filter((splitter) => Buffer.compare(splitter, key) <= 0).length);
  assert.deepEqual([...out], naive);
}

test("the partition order keeps rows of a partition in their order", (assert) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(1000)), (partitions, numbers) => {
      const codes = numbers.map((number) => number % partitions);
      const { order, starts } = partitionOrder(Int32Array.from(codes), codes.length, partitions);
      const naive = Array.from({ length: partitions }, (_, p) => codes.flatMap((code, row) => (code === p ? [row] : [])));
      assert.deepEqual(naive.map((_, p) => [...order.subarray(starts[p], starts[p + 1])]), naive);
      assert.is(starts.length, partitions + 1);
    }),
  );
});

test("a code outside the partitions is refused with its row", (assert) => {
  assert.throws(() => partitionOrder(Int32Array.of(0, 3), 2, 3), { instanceOf: RangeError, message: "Row 1 has partition 3; expected 0 to 2" });
  assert.throws(() => partitionOrder(Int32Array.of(-1), 1, 3), { instanceOf: RangeError });
});
