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
/** 64 less the bits of a slot's number. */
let shift: u64 = 0;
/** Odd numbers made of the seed. */
let factor0: u64 = 0;
let factor1: u64 = 0;
let factor2: u64 = 0;
let factor3: u64 = 0;

const SHORT: u32 = 16;
const SLOT: usize = 32;
const LENGTH: usize = 16;
const CODE: usize = 20;
const HITS: usize = 24;

/** 16 bytes of ones, then 16 of zeros: those that begin 16 - n bytes in leave the first n bytes of a key. */
const MASKS: usize = memory.data<u8>([255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 16);

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
  shift = <u64>(64 - popcnt(mask));
  factor0 = mix(seed, 1) | 1;
  factor1 = mix(seed, 2) | 1;
  factor2 = mix(seed, 3) | 1;
  factor3 = mix(seed, 4) | 1;
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

/** Counts a hit for one key; false when it is new and has no room. Reads up to 15 bytes behind it. */
// @ts-ignore: decorator
@inline
export function countKey(at: usize, length: u32): bool {
  const slot = length <= SHORT ? shortSlot(at, length) : longSlot(at, length);
  if (slot == 0) return false;
  store<u64>(slot, load<u64>(slot, HITS) + 1, HITS);
  return true;
}

/** Takes over `count` slots of an older, smaller table. */
export function insertSlots(from: usize, count: i32): void {
  for (let i = 0; i < count; i++, from += SLOT) {
    const tag = load<u32>(from, LENGTH);
    if (tag == 0) continue;
    const first = load<u64>(from);
    let slot = slotOf(tag - 1 <= SHORT ? shortHash(first, load<u64>(from, 8)) : first);
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
  const key = v128.and(v128.load(at), v128.load(MASKS + SHORT - length));
  const first = i64x2.extract_lane(key, 0);
  const second = i64x2.extract_lane(key, 1);
  const tag = length + 1;
  let slot = slotOf(shortHash(first, second));
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
    if (found == tag && load<u64>(slot) == hash && isSame(arena + <usize>load<u64>(slot, 8), at, length)) return slot;
    slot = after(slot);
    found = load<u32>(slot, LENGTH);
  }
  return claim(slot, hash, <u64>load<u32>(offsets + (<usize>size << 2)), at, length);
}

/** Compares keys of more than 8 bytes. */
function isSame(a: usize, b: usize, length: u32): bool {
  const last = length - 8;
  for (let i: u32 = 0; i < last; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  return load<u64>(a + last) == load<u64>(b + last);
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
  return slots + ((<usize>(hash >> shift)) << 5);
}

// @ts-ignore: decorator
@inline
function after(slot: usize): usize {
  return slots + ((slot - slots + SLOT) & ((<usize>mask << 5) | (SLOT - 1)));
}

/**
 * Multiplies each half by secret numbers, with a fold between for the high bits to reach all of the product: the halves do not
 * wait for each other, and a key waits for two multiplications. The length is left out, for only zeros at the end differ by it.
 * Bits are good from the top.
 */
// @ts-ignore: decorator
@inline
function shortHash(first: u64, second: u64): u64 {
  first *= factor0;
  second *= factor1;
  return (first ^ (first >> 32)) * factor2 + (second ^ (second >> 32)) * factor3;
}

/** By MurmurHash3's 64-bit finisher (Austin Appleby) with the seed in each step. */
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
