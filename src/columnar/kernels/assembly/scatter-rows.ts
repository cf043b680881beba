import { copyShort } from "./copy-short";

/**
 * Rows scattered to one buffer for each partition, column by column. A chunk of rows takes these steps: `hashCodes` (or
 * range-codes.ts) gives the partition of each, `countRows` and `countBytes` what each partition is to get, so that the caller
 * can make room, `claimSlots` the place of each row in its buffer, and the rest copies one column each.
 */

/**
 * Writes to `codes` (i32) the hash partition of each key: `hashPartition` (kernels/partition.ts), bit for bit. `scale` is partitions / 2^32. Keys of up to 16
 * bytes take the same steps, whatever their length, for wrong guesses at a branch cost more. Reads up to 15 bytes behind a key.
 */
export function hashCodes(offsets: usize, bytes: usize, rows: i32, spread: u32, scale: f64, codes: usize): void {
  for (const end = codes + (<usize>rows << 2); codes < end; codes += 4, offsets += 4) {
    const start = load<u32>(offsets);
    const length = load<u32>(offsets, 4) - start;
    let hash = length > 16 ? longHash(bytes + start, length, spread) : shortHash(bytes + start, length, spread);
    hash ^= length;
    hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
    store<i32>(codes, <i32>(<f64>(hash ^ (hash >> 16)) * scale));
  }
}

// @ts-ignore: decorator
@inline
function shortHash(at: usize, length: u32, spread: u32): u32 {
  const first = load<u64>(at) & lowBytes(min<u32>(length, 8));
  const second = load<u64>(at, 8) & lowBytes(max<u32>(length, 8) - 8);
  const two = mix(mix(spread, <u32>first ^ spread), <u32>(first >> 32) ^ spread);
  const three = mix(two, <u32>second ^ spread);
  const four = mix(three, <u32>(second >> 32) ^ spread);
  return select<u32>(two, select<u32>(three, four, length <= 12), length <= 8);
}

function longHash(at: usize, length: u32, spread: u32): u32 {
  let hash = spread;
  const end = at + length;
  for (; at + 4 <= end; at += 4) hash = mix(hash, load<u32>(at) ^ spread);
  const left = <u32>(end - at);
  return left == 0 ? hash : mix(hash, <u32>(load<u32>(at) & lowBytes(left)) ^ spread);
}

/** Ones in the lowest bytes, up to eight. */
// @ts-ignore: decorator
@inline
function lowBytes(count: u32): u64 {
  return select<u64>(0, <u64>-1 >> (<u64>(8 - count) << 3), count == 0);
}

// @ts-ignore: decorator
@inline
function mix(hash: u32, word: u32): u32 {
  return rotl<u32>(hash ^ (rotl<u32>(word * 0xcc9e2d51, 15) * 0x1b873593), 13) * 5 + 0xe6546b64;
}

/** Adds to counts[p] (i32) the rows of partition p. */
export function countRows(codes: usize, rows: i32, counts: usize): void {
  for (const end = codes + (<usize>rows << 2); codes < end; codes += 4) {
    const count = counts + (<usize>load<u32>(codes) << 2);
    store<i32>(count, load<i32>(count) + 1);
  }
}

/** Adds to sums[p] (i32) the bytes of the values of partition p. */
export function countBytes(codes: usize, offsets: usize, rows: i32, sums: usize): void {
  for (const end = codes + (<usize>rows << 2); codes < end; codes += 4, offsets += 4) {
    const sum = sums + (<usize>load<u32>(codes) << 2);
    store<i32>(sum, load<i32>(sum) + load<i32>(offsets, 4) - load<i32>(offsets));
  }
}

/** Replaces each code by the address of the row's place in the first column of its buffer, less the column's own, and writes to `slots` how many rows are ahead. fills[p] (i32) says how many the buffer holds. */
export function claimSlots(codes: usize, rows: i32, stride: u32, fills: usize, slots: usize): void {
  for (const end = codes + (<usize>rows << 2); codes < end; codes += 4, slots += 4) {
    const code = load<u32>(codes);
    const fill = fills + (<usize>code << 2);
    const slot = load<u32>(fill);
    store<u32>(fill, slot + 1);
    store<u32>(codes, code * stride);
    store<u32>(slots, slot);
  }
}

/** Copies cells of eight bytes. `buffers` is where the column lies in the first buffer. */
export function scatterCells(places: usize, slots: usize, rows: i32, cells: usize, buffers: usize): void {
  for (const end = places + (<usize>rows << 2); places < end; places += 4, slots += 4, cells += 8) {
    store<u64>(buffers + load<u32>(places) + (<usize>load<u32>(slots) << 3), load<u64>(cells));
  }
}

/** Copies values of any length; `ends` and `texts` are where offsets and bytes lie in the first buffer. Reads and writes up to 15 bytes too many. */
export function scatterTexts(places: usize, slots: usize, rows: i32, offsets: usize, bytes: usize, ends: usize, texts: usize): void {
  for (const end = places + (<usize>rows << 2); places < end; places += 4, slots += 4, offsets += 4) {
    const buffer = load<u32>(places);
    const at = ends + buffer + (<usize>load<u32>(slots) << 2);
    const start = load<u32>(offsets);
    const size = load<u32>(offsets, 4) - start;
    const to = load<u32>(at);
    copyShort(texts + buffer + to, bytes + start, size);
    store<u32>(at, to + size, 4);
  }
}

/** Whether `size` bytes, a multiple of eight, are all zero. */
export function isZero(at: usize, size: usize): bool {
  let seen: u64 = 0;
  for (const end = at + size; at < end; at += 8) seen |= load<u64>(at);
  return seen == 0;
}
