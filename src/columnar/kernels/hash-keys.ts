import type { BytesColumn } from "../columns.js";

/** A 32-bit hash of each key: MurmurHash3 (Austin Appleby, public domain), x86 32-bit form. About 1 ns a byte. */
export function hashKeys(keys: BytesColumn, rows: number, seed: number, out: Int32Array): void {
  const { offsets, bytes } = keys;
  let start = offsets[0]!;
  for (let row = 0; row < rows; row++) {
    const end = offsets[row + 1]!;
    out[row] = hashBytes(bytes, start, end, seed);
    start = end;
  }
}

function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash ^= scramble(word);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  if (at < end) {
    let tail = bytes[at]!;
    if (at + 1 < end) tail |= bytes[at + 1]! << 8;
    if (at + 2 < end) tail |= bytes[at + 2]! << 16;
    hash ^= scramble(tail);
  }
  hash ^= end - start;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
