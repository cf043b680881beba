import test from "ava";
import fc from "fast-check";
import { bytesAt } from "../testing/nasty-keys.js";
import type { BytesColumn } from "./columns.js";
import { KernelKeyTable } from "./kernel-key-table.js";
import { KeyTable } from "./key-table.js";

const key = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 3 }).map((bytes) => bytes.map((byte) => byte & 1)) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(7, 8, 9, 15, 16, 17, 18, 31, 32, 33, 48, 49, 64, 65, 100), fc.nat(2)).map(([length, last]) => new Uint8Array(length).fill(97).fill(last, length - 1)) },
  { weight: 2, arbitrary: fc.integer({ min: 17, max: 90 }).chain((length) => fc.nat(length - 1).map((at) => new Uint8Array(length).fill(98, at, at + 1))) },
  { weight: 1, arbitrary: fc.constantFrom("", "\0", "a", "a\0", "a\0\0", "é", "日本語", "\u{1f600}").map((text) => new TextEncoder().encode(text)) },
);

test("the kernel numbers keys as the plain table does, over many batches and after a clear, and counts their hits", (t) => {
  const kernel = new KernelKeyTable(7);
  fc.assert(
    fc.property(fc.array(fc.array(key, { size: "large", maxLength: 300 }), { maxLength: 4 }), fc.nat(9), (batches, first) => {
      const plain = new KeyTable(3);
      kernel.clear();
      const hits: number[] = [];
      for (const batch of batches) {
        const column = columnOf(batch, first);
        const codes = new Int32Array(batch.length);
        const expected = new Int32Array(batch.length);
        plain.encode(column, batch.length, expected);
        kernel.encode(column, batch.length, codes);
        t.deepEqual(codes, expected);
        for (const code of codes) hits[code] = (hits[code] ?? 0) + 1;
      }
      t.is(kernel.size, plain.size);
      t.deepEqual(keysOf(kernel.keys()), keysOf(plain.keys()));
      t.deepEqual([...kernel.hits()], hits);
    }),
  );
});

test("codes sorted by the kernel are in the order of the keys' bytes, whatever the table held before", (t) => {
  const table = new KernelKeyTable(5);
  fc.assert(
    fc.property(fc.array(key, { size: "large", maxLength: 300 }), fc.constantFrom("clear", "reset"), (keys, before) => {
      table[before]();
      table.encode(columnOf(keys, 0), keys.length, new Int32Array(keys.length));
      const distinct = [...new Set(keys.map((bytes) => Buffer.from(bytes).toString("latin1")))];
      const expected = distinct.toSorted((a, b) => Buffer.from(a, "latin1").compare(Buffer.from(b, "latin1")));
      const own = keysOf(table.keys());
      const codesInOrder: number[] = [];
      const keysInOrder: string[] = [];
      for (const lot of table.inOrder()) {
        codesInOrder.push(...lot.codes);
        lot.codes.forEach((_, row) => keysInOrder.push(bytesAt(lot.keys, row).toString("latin1")));
      }
      t.deepEqual(keysInOrder, expected);
      t.deepEqual(codesInOrder.map((code) => own[code]!), expected);
      table.clear();
      const codes = new Int32Array(keys.length);
      table.encode(columnOf(keys, 0), keys.length, codes);
      t.deepEqual([...codes].map((code) => distinct[code]!), keys.map((bytes) => Buffer.from(bytes).toString("latin1")));
    }),
  );
});

test("thousands of keys that tie on eight bytes, in runs of any length, are sorted by what comes behind", (t) => {
  const head = (run: number): string => String(run).padStart(8, "z");
  const short = ["", "\0", "\0\0", "\0".repeat(8), "\0".repeat(9), "a", "a\0", "a".repeat(8), "a".repeat(16), "y".repeat(8)];
  const end = (i: number): string => short[i] ?? "x".repeat(8 * (i % 3)) + String((i * 31) % 97);
  // The last of each run goes on with the first eight bytes of the next run.
  const runs = Array.from({ length: 600 }, (_, run) => [...Array.from({ length: (run * 7) % 41 }, (_, i) => end((i * 17) % 41)), head(run + 1)].map((each) => Buffer.from(head(run) + each)));
  const inOrder = runs.flat();
  const keys = inOrder.map((_, i) => inOrder[(i * 7919) % inOrder.length]!);
  const table = new KernelKeyTable(5);
  table.encode(columnOf(keys, 0), keys.length, new Int32Array(keys.length));
  const sorted: string[] = [];
  for (const lot of table.inOrder()) lot.codes.forEach((_, row) => sorted.push(bytesAt(lot.keys, row).toString()));
  t.deepEqual(sorted, inOrder.toSorted((a, b) => a.compare(b)).map((key) => key.toString()));
});

test("a table that was reset from many keys holds few as if it were new, and grows again", (t) => {
  const table = new KernelKeyTable(5);
  const many = Array.from({ length: 50_000 }, (_, i) => Buffer.from(`key ${i}, which is longer than an entry`));
  for (const keys of [many, many.slice(0, 10), many.slice(20_000), many]) {
    table.reset();
    t.is(table.size, 0);
    const codes = new Int32Array(keys.length);
    table.encode(columnOf(keys, 0), keys.length, codes);
    t.deepEqual(codes, Int32Array.from(keys, (_, i) => i));
    t.deepEqual(keysOf(table.keys()), keys.map((bytes) => bytes.toString("latin1")));
  }
});

test("a table grows through hundreds of thousands of keys of all lengths, and keeps them", (t) => {
  const rows = 300_000;
  const keys = Array.from({ length: rows }, (_, i) => Buffer.from(i % 7 === 0 ? `a longer key than fits a slot ${i}` : `k${i}`));
  const column = columnOf(keys, 0);
  const upTo = Int32Array.from(keys, (_, i) => i);
  const table = new KernelKeyTable(11);
  const codes = new Int32Array(rows);
  for (let round = 0; round < 2; round++) {
    table.encode(column, rows, codes);
    t.deepEqual(codes, upTo);
  }
  t.deepEqual(table.keys().offsets, column.offsets);
  t.true(Buffer.from(table.keys().bytes).equals(Buffer.from(column.bytes)));
  t.deepEqual(new Set(table.hits()), new Set([2]));
});

test("keys of megabytes, longer than the kernel's text, are encoded between short ones", (t) => {
  const huge = Buffer.alloc(3_000_000, "xyz");
  const other = Buffer.concat([huge.subarray(0, -1), Buffer.from("!")]);
  const keys = [Buffer.from("a"), huge, Buffer.from("b"), other, huge, Buffer.from("a"), Buffer.alloc(1 << 20, 1), Buffer.alloc((1 << 20) + 1, 1)];
  const table = new KernelKeyTable(1);
  const codes = new Int32Array(keys.length);
  table.encode(columnOf(keys, 5), keys.length, codes);
  t.deepEqual([...codes], [0, 1, 2, 3, 1, 0, 4, 5]);
  t.true(Buffer.from(keysOf(table.keys())[3]!, "latin1").equals(other));
});

test("the code of a text is that of its UTF-8", (t) => {
  const table = new KernelKeyTable(1);
  const texts = ["", "a", "a\0", "ünïcode", "\u{1f600} and more than sixteen bytes", "lone \ud800", "x".repeat(2_000_000)];
  const codes = new Int32Array(texts.length);
  table.encode(columnOf(texts.map((text) => Buffer.from(text)), 0), texts.length, codes);
  t.deepEqual(texts.map((text) => table.encodeText(text)), [...codes]);
});

test("keys whose words differ only where a weak hash would not look stay fast and apart", (t) => {
  const rows = 1 << 16;
  const keys = Array.from({ length: rows }, (_, i) => {
    const bytes = Buffer.alloc(16);
    bytes.writeUInt32LE(i, 12);
    return bytes;
  });
  const table = new KernelKeyTable(1);
  const codes = new Int32Array(rows);
  table.encode(columnOf(keys, 0), rows, codes);
  t.is(table.size, rows);
});

test("keys that were made to have equal hashes, lengths and ends stay apart", (t) => {
  const table = new KernelKeyTable(1);
  const keys = Array.from({ length: 40 }, (_, i) => colliding(1, 7n * BigInt(i), i < 20 ? 32 : 100));
  for (const batch of [keys, keys.toReversed()]) {
    const codes = new Int32Array(batch.length);
    table.encode(columnOf(batch, 0), batch.length, codes);
    t.deepEqual([...codes].map((code) => keysOf(table.keys())[code]!), batch.map((bytes) => bytes.toString("latin1")));
  }
  t.deepEqual([...table.hits()], keys.map(() => 2));
});

const U64 = (1n << 64n) - 1n;

/** Different keys for different numbers, of one hash in a table of this seed: the inverse of the first step of `hashLongKey` (kernels/assembly/key-table.ts). */
function colliding(tableSeed: number, number: bigint, length: number): Buffer {
  const half = (xor: number, factor: number): bigint => BigInt.asUintN(32, BigInt(Math.imul(tableSeed ^ xor, factor)));
  const seed = (half(0x9e3779b9, 0x85ebca6b) << 32n) | half(0x7f4a7c15, 0xc2b2ae35);
  const factor = (word: bigint): bigint => {
    let hash = ((seed ^ word) * 0xff51afd7ed558ccdn) & U64;
    hash ^= (hash >> 32n) ^ seed;
    hash = (hash * 0xc4ceb9fe1a85ec53n) & U64;
    return (hash ^ (hash >> 29n)) | 1n;
  };
  const turned = (number >> 32n) | ((number << 32n) & U64);
  const wanted = 0x0123456789abcdefn ^ turned;
  const bytes = Buffer.alloc(length, 97);
  bytes.writeBigUInt64LE((((wanted ^ (wanted >> 32n)) * inverse(factor(1n))) & U64) ^ BigInt(length), 0);
  bytes.writeBigUInt64LE((number * inverse(factor(2n))) & U64, 8);
  return bytes;
}

/** Of an odd number, modulo 2^64: each of Newton's steps doubles the bits that are right. */
function inverse(odd: bigint): bigint {
  let found = odd;
  for (let bits = 3; bits < 64; bits *= 2) found = (found * (2n - odd * found)) & U64;
  return BigInt.asUintN(64, found);
}

function columnOf(keys: readonly Uint8Array[], first: number): BytesColumn {
  const offsets = new Int32Array(keys.length + 1);
  offsets[0] = first;
  keys.forEach((bytes, i) => (offsets[i + 1] = offsets[i]! + bytes.length));
  const bytes = new Uint8Array(offsets[keys.length]!).fill(255);
  keys.forEach((value, i) => bytes.set(value, offsets[i]));
  return { kind: "bytes", offsets, bytes };
}

function keysOf({ offsets, bytes }: BytesColumn): string[] {
  return Array.from({ length: offsets.length - 1 }, (_, i) => Buffer.from(bytes.subarray(offsets[i], offsets[i + 1])).toString("latin1"));
}
