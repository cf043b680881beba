/**
 * The hash table of kernel-key-table.ts: numbers distinct keys 0, 1, 2... by open addressing, linear probing. A slot
 * is 32 bytes, half a cache line:
 *
 *     key of 0-16 bytes   its bytes, then zeros     length + 1   code   hits
 *     longer key          hash     arena offset     length + 1   code   hits
 *     empty               0        0                0            0      0
 *
 * The arena holds the bytes of all keys in the order of their codes. Whoever calls lays all of it out (`placeTable`) and
 * moves it when a call says that it is full. An instance has one table.
 */
let slots: usize = 0;
/** Number of slots less 1. */
let mask: u32 = 0;
let size: i32 = 0;
/** Most keys. */
let limit: i32 = 0;
let offsets: usize = 0;
let arena: usize = 0;
let arenaBytes: u32 = 0;
let seed: u64 = 0;

const SHORT: u32 = 16;
const SLOT: usize = 32;
const LENGTH: usize = 16;
const CODE: usize = 20;
const HITS: usize = 24;

/** `capacity` slots, a power of 2, all zero or filled by `insertSlots` next. Keys known so far stay known by offsets and arena. */
export function placeTable(slotsAt: usize, capacity: u32, keys: i32, mostKeys: i32, offsetsAt: usize, arenaAt: usize, arenaSize: u32, seedHigh: u32, seedLow: u32): void {
  slots = slotsAt;
  mask = capacity - 1;
  size = keys;
  limit = mostKeys;
  offsets = offsetsAt;
  arena = arenaAt;
  arenaBytes = arenaSize;
  seed = ((<u64>seedHigh) << 32) | <u64>seedLow;
}

export function tableSize(): i32 {
  return size;
}

/**
 * Writes the code of each key to `codes` (unless that is 0) and counts a hit for it. Key i is the bytes starts[i]..ends[i],
 * both relative to `bytes`. Returns how many rows were done: fewer than `rows` when the next key is new and has no room.
 * Reads up to 15 bytes behind a key.
 */
export function encodeKeys(bytes: usize, starts: usize, ends: usize, rows: i32, codes: usize): i32 {
  for (let row = 0; row < rows; row++) {
    const at = <usize>row << 2;
    const start = load<u32>(starts + at);
    const length = load<u32>(ends + at) - start;
    const slot = length <= SHORT ? shortSlot(bytes + start, length) : longSlot(bytes + start, length);
    if (slot == 0) return row;
    store<u64>(slot, load<u64>(slot, HITS) + 1, HITS);
    if (codes != 0) store<u32>(codes + at, load<u32>(slot, CODE));
  }
  return rows;
}

/** Takes over `count` slots of an older, smaller table. */
export function insertSlots(from: usize, count: i32): void {
  for (let i = 0; i < count; i++, from += SLOT) {
    const tag = load<u32>(from, LENGTH);
    if (tag == 0) continue;
    const first = load<u64>(from);
    let slot = slotOf(tag - 1 <= SHORT ? shortHash(first, load<u64>(from, 8), tag - 1) : first);
    while (load<u32>(slot, LENGTH) != 0) slot = after(slot);
    memory.copy(slot, from, SLOT);
  }
}

/** Writes the hits of each key as f64, by code. */
export function readHits(out: usize): void {
  for (let slot = slots, end = slots + ((<usize>mask + 1) << 5); slot < end; slot += SLOT) {
    if (load<u32>(slot, LENGTH) != 0) store<f64>(out + (<usize>load<u32>(slot, CODE) << 3), <f64>load<u64>(slot, HITS));
  }
}

// @ts-ignore: decorator
@inline
function shortSlot(at: usize, length: u32): usize {
  const key = v128.and(v128.load(at), i8x16.lt_u(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>length)));
  const first = i64x2.extract_lane(key, 0);
  const second = i64x2.extract_lane(key, 1);
  const tag = length + 1;
  let slot = slotOf(shortHash(first, second, length));
  let found = load<u32>(slot, LENGTH);
  while (found != 0) {
    if (((load<u64>(slot) ^ first) | (load<u64>(slot, 8) ^ second)) == 0 && found == tag) return slot;
    slot = after(slot);
    found = load<u32>(slot, LENGTH);
  }
  return claim(slot, first, second, at, length);
}

function longSlot(at: usize, length: u32): usize {
  const hash = longHash(at, length);
  const tag = length + 1;
  let slot = slotOf(hash);
  let found = load<u32>(slot, LENGTH);
  while (found != 0) {
    if (found == tag && load<u64>(slot) == hash && memory.compare(arena + <usize>load<u64>(slot, 8), at, length) == 0) return slot;
    slot = after(slot);
    found = load<u32>(slot, LENGTH);
  }
  return claim(slot, hash, <u64>load<u32>(offsets + (<usize>size << 2)), at, length);
}

/** Makes a key the next one; 0 where there is no room. */
function claim(slot: usize, first: u64, second: u64, at: usize, length: u32): usize {
  const place = load<u32>(offsets + (<usize>size << 2));
  if (size == limit || arenaBytes - place < length) return 0;
  memory.copy(arena + place, at, length);
  store<u64>(slot, first);
  store<u64>(slot, second, 8);
  store<u32>(slot, length + 1, LENGTH);
  store<u32>(slot, size, CODE);
  size++;
  store<u32>(offsets + (<usize>size << 2), place + length);
  return slot;
}

// @ts-ignore: decorator
@inline
function slotOf(hash: u64): usize {
  return slots + (<usize>(<u32>hash & mask) << 5);
}

// @ts-ignore: decorator
@inline
function after(slot: usize): usize {
  return slots + ((slot - slots + SLOT) & ((<usize>mask << 5) | (SLOT - 1)));
}

/** Multiplies and folds (MurmurHash3's 64-bit finisher, by Austin Appleby) with the seed in each step. */
// @ts-ignore: decorator
@inline
function shortHash(first: u64, second: u64, length: u32): u64 {
  return mix(mix(seed ^ <u64>length, first), second);
}

function longHash(at: usize, length: u32): u64 {
  let hash = seed ^ <u64>length;
  let left = length;
  for (; left >= 8; left -= 8, at += 8) hash = mix(hash, load<u64>(at));
  if (left > 0) hash = mix(hash, load<u64>(at) & ((<u64>1 << (<u64>left << 3)) - 1));
  return hash;
}

// @ts-ignore: decorator
@inline
function mix(hash: u64, word: u64): u64 {
  hash = (hash ^ word) * 0xff51afd7ed558ccd;
  hash ^= (hash >> 32) ^ seed;
  hash *= 0xc4ceb9fe1a85ec53;
  return hash ^ (hash >> 29);
}
