/** Keys that trip sorts, tables and merges, and columns made of them as plainly as can be. */
import fc from "fast-check";
import type { BytesColumn } from "../columnar/columns.js";

const tricky = fc.constantFrom(
  ...["", "\0", "\0\0", "a", "a\0", "a\0\0\0\0\0\0\0\0", "abc", "abcd", "abcde", "abcdefg", "abcdefgh", "abcdefghi", "\xff", "\xff\xff\xff\xff\xff\xff\xff\xff", "\x7f", "\x80"].map(
    (text) => Buffer.from(text, "latin1"),
  ),
);
const binary = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes));
/** Keys that tell apart only after `length` bytes. */
const prefixed = (length: number) =>
  fc.tuple(fc.integer({ min: length - 5, max: length + 5 }), fc.constantFrom("", "\0", "a", "b", "ab", "ba")).map(([size, end]) => Buffer.from("p".repeat(size) + end));

/** Few different letters, so that equal keys and shared prefixes abound. */
const letters = fc.array(fc.constantFrom(0, 97, 98, 255), { maxLength: 12 }).map((bytes) => Buffer.from(bytes));

export const nastyKey = fc.oneof(tricky, binary, letters, prefixed(10), prefixed(70));
export const nastyKeys = fc.array(nastyKey, { size: "large", maxLength: 300 });

/** A column of these values; `lead` bytes stand before the first. */
export function bytesColumn(values: readonly Uint8Array[], lead = 0): BytesColumn {
  const offsets = new Int32Array(values.length + 1);
  offsets[0] = lead;
  values.forEach((value, i) => (offsets[i + 1] = offsets[i]! + value.length));
  return { kind: "bytes", offsets, bytes: Buffer.concat([new Uint8Array(lead).fill(42), ...values]) };
}

export function bytesAt(column: BytesColumn, row: number): Buffer {
  return Buffer.from(column.bytes.subarray(column.offsets[row], column.offsets[row + 1]));
}

/** Row numbers in the order of Buffer.compare, equal ones as they were. */
export function naiveOrder(values: readonly Uint8Array[]): number[] {
  return values.map((_, row) => row).sort((a, b) => Buffer.compare(values[a]!, values[b]!) || a - b);
}

/** Seeded numbers in 0..1, for inputs too large for fast-check (Mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
