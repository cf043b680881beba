import test from "ava";
import fc from "fast-check";
import { bytesAt, bytesColumn, nastyKeys, numbers } from "../testing/nasty-keys.js";
import { hashKeys } from "./kernels/hash-keys.js";
import { KeyTable } from "./key-table.js";

function encode(table: KeyTable, values: readonly Uint8Array[], lead = 0): number[] {
  const codes = new Int32Array(values.length);
  table.encode(bytesColumn(values, lead), values.length, codes);
  return [...codes];
}

function keysOf(table: KeyTable): Buffer[] {
  return Array.from({ length: table.size }, (_, code) => bytesAt(table.keys(), code));
}

/** Codes and keys by a Map. */
function naive(batches: readonly (readonly Buffer[])[]): { codes: number[][]; keys: Buffer[] } {
  const known = new Map<string, number>();
  const codes = batches.map((batch) =>
    batch.map((key) => {
      const text = key.toString("latin1");
      if (!known.has(text)) known.set(text, known.size);
      return known.get(text)!;
    }),
  );
  return { codes, keys: [...known.keys()].map((text) => Buffer.from(text, "latin1")) };
}

test("keys are numbered in the order in which they first come, over many batches", (assert) => {
  fc.assert(
    fc.property(fc.array(nastyKeys, { maxLength: 5 }), fc.integer(), fc.nat(9), (batches, seed, lead) => {
      const table = new KeyTable(seed, 1);
      const expected = naive(batches);
      assert.deepEqual(batches.map((batch) => encode(table, batch, lead)), expected.codes);
      assert.deepEqual(keysOf(table), expected.keys);
      assert.is(table.keys().offsets.length, table.size + 1);
    }),
  );
});

for (const length of [7, 16]) {
  test(`keys of ${length} bytes made to fall on the same slots are still told apart`, (assert) => {
    const seed = 5;
    const many = Array.from({ length: 200_000 }, (_, i) => Buffer.from(`${i}`.padStart(length, "k")));
    const hashes = new Uint32Array(many.length);
    hashKeys(bytesColumn(many), many.length, seed, hashes);
    const colliding = many.filter((_, i) => (hashes[i]! & 0x3ff) === 0);
    assert.true(colliding.length > 100);
    const table = new KeyTable(seed, 1);
    const codes = colliding.map((_, i) => i);
    assert.deepEqual(encode(table, colliding), codes);
    assert.deepEqual(encode(table, [...colliding].reverse()), codes.reverse());
  });
}

test("200,000 keys that come up to ten times each get their own codes", (assert) => {
  const random = numbers(3);
  const batches = Array.from({ length: 20 }, () => Array.from({ length: 50_000 }, () => Buffer.from(`${Math.floor(random() * 200_000) ** 2}`)));
  const table = new KeyTable(9);
  const expected = naive(batches);
  batches.forEach((batch, i) => assert.true(Buffer.from(Int32Array.from(encode(table, batch)).buffer).equals(Buffer.from(Int32Array.from(expected.codes[i]!).buffer))));
  assert.is(table.size, expected.keys.length);
  assert.true(Buffer.from(table.keys().bytes).equals(Buffer.concat(expected.keys)));
});

test("a cleared table starts again at 0 and knows nothing of before", (assert) => {
  const table = new KeyTable(1, 1);
  encode(table, ["a", "b", "a longer key", "c"].map((key) => Buffer.from(key)));
  table.clear();
  assert.is(table.size, 0);
  assert.is(table.keys().bytes.length, 0);
  assert.deepEqual(encode(table, ["c", "a longer key", "c", ""].map((key) => Buffer.from(key))), [0, 1, 0, 2]);
});

test("the memory reported grows with the keys and is none after a clear", (assert) => {
  const table = new KeyTable(1);
  assert.is(table.bytes, 0);
  encode(table, Array.from({ length: 10_000 }, (_, i) => Buffer.from(`key number ${i}`)));
  assert.true(table.bytes > 20 * table.size + table.keys().bytes.length);
  table.clear();
  assert.is(table.bytes, 0);
});

test("too short a place for codes is refused", (assert) => {
  assert.throws(() => new KeyTable(1).encode(bytesColumn([Buffer.from("a")]), 1, new Int32Array(0)), { instanceOf: RangeError });
});
