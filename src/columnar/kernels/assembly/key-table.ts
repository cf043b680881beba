/**
 * The hash table of kernel-key-table.ts: numbers distinct keys 0, 1, 2... Its index is open addressing with linear probing
 * over u32: code + 1, or 0 where it is empty. Entries of 32 bytes stand in the order of the codes, behind one that matches no key:
 *
 *     key of 0-16 bytes   its bytes, then zeros     length + 1   hits
 *     longer key          hash     arena offset     length + 1   hits
 *
 * Keys that come often come early, so that their entries share a few pages, which stay in the cache; the index, looked up
 * at random, is as small as can be. The arena holds the bytes of all keys in the order of their codes. Whoever calls lays all of it
 * out (`placeTable`) and moves it when a call says that it is full. An instance has one table.
 *
 * Keys are looked up by the batch: a first pass hashes them and reads the index, a second compares. So the cache misses of a batch
 * are under way together; one by one, each key would wait for its own.
 */
let index: usize = 0;
/** Number of places in the index less 1. */
let mask: u32 = 0;
let entries: usize = 0;
let size: i32 = 0;
/** Most keys. */
let limit: i32 = 0;
let offsets: usize = 0;
let arena: usize = 0;
let arenaBytes: u32 = 0;
let seed: u64 = 0;
/** 64 less the bits of a place in the index. */
let shift: u64 = 0;
/** Odd numbers made of the seed. */
let factor0: u64 = 0;
let factor1: u64 = 0;
let factor2: u64 = 0;
let factor3: u64 = 0;

const SHORT: u32 = 16;
const ENTRY: usize = 32;
const LENGTH: usize = 16;
const HITS: usize = 24;

/** Keys of a batch: as many as keep the misses of one pass busy. */
const BATCH: usize = 96;
/** A key that is being looked up: 16 bytes as in an entry, length + 1, address, and what the index held where the search begins. */
export const ITEM: usize = 32;
const ADDRESS: usize = 20;
const FOUND: usize = 24;
/** With room for what one step of count-words.ts may bring beyond a batch. */
export const batch: usize = memory.data((96 + 32) * 32, 16);
export const batchEnd: usize = batch + BATCH * ITEM;
/** Of a longer key that is being looked up, in place of the arena offset: it matches no entry without a look at the arena. */
const UNKNOWN: u64 = u64.MAX_VALUE;

/** 16 bytes of ones, then 16 of zeros: those that begin 16 - n bytes in leave the first n bytes of a key. */
const MASKS: usize = memory.data<u8>([255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 16);

/** An index of `capacity` places, a power of 2, all zero. Of `keys` keys the entries, offsets and arena are there; they are put into the index. */
export function placeTable(indexAt: usize, capacity: u32, entriesAt: usize, keys: i32, mostKeys: i32, offsetsAt: usize, arenaAt: usize, arenaSize: u32, seedHigh: u32, seedLow: u32): void {
  index = indexAt;
  mask = capacity - 1;
  entries = entriesAt;
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
  for (let code = 1; code <= keys; code++) {
    const entry = entryOf(code);
    const first = load<u64>(entry);
    let place = placeOf(load<u32>(entry, LENGTH) - 1 <= SHORT ? shortHash(first, load<u64>(entry, 8)) : first);
    while (load<u32>(index + (<usize>place << 2)) != 0) place = (place + 1) & mask;
    store<u32>(index + (<usize>place << 2), code);
  }
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
  for (let row = 0; row < rows; ) {
    let end = batch;
    for (const next = min(rows, row + <i32>BATCH); row < next; row++, end += ITEM) {
      const at = <usize>row << 2;
      const start = load<u32>(starts + at);
      hashKey(end, bytes + start, load<u32>(ends + at) - start);
    }
    const from = <usize>row - (end - batch) / ITEM;
    const undone = countBatch(end, codes == 0 ? 0 : codes + (from << 2));
    if (undone != end) return <i32>(from + (undone - batch) / ITEM);
  }
  return rows;
}

/** The first pass, for one key. Reads up to 15 bytes behind it. */
// @ts-ignore: decorator
@inline
export function hashKey(item: usize, at: usize, length: u32): void {
  let hash: u64;
  if (length <= SHORT) {
    const key = v128.and(v128.load(at), v128.load(MASKS + SHORT - length));
    v128.store(item, key);
    hash = shortHash(i64x2.extract_lane(key, 0), i64x2.extract_lane(key, 1));
  } else {
    hash = longHash(at, length);
    store<u64>(item, hash);
    store<u64>(item, UNKNOWN, 8);
  }
  store<u64>(item, (<u64>at << 32) | <u64>(length + 1), LENGTH);
  store<u32>(item, load<u32>(index + (<usize>placeOf(hash) << 2)), FOUND);
}

/**
 * The second pass, over the items from `batch` to `end`: counts a hit for each key and writes its code, unless `codes` is 0. Returns
 * the first item that was not done, for its key is new and has no room; `end` when there is none.
 */
export function countBatch(end: usize, codes: usize): usize {
  for (let item = batch; item < end; item += ITEM) {
    let code = load<u32>(item, FOUND);
    let entry = entryOf(code);
    if (((load<u64>(item) ^ load<u64>(entry)) | (load<u64>(item, 8) ^ load<u64>(entry, 8)) | <u64>(load<u32>(item, LENGTH) ^ load<u32>(entry, LENGTH))) != 0) {
      code = search(item);
      if (code == 0) return item;
      entry = entryOf(code);
    }
    store<u64>(entry, load<u64>(entry, HITS) + 1, HITS);
    if (codes != 0) {
      store<u32>(codes, code - 1);
      codes += 4;
    }
  }
  return end;
}

/** The address of the key of an item. */
export function addressOf(item: usize): usize {
  return load<u32>(item, ADDRESS);
}

/** Writes the hits of each key as f64, by code. */
export function readHits(out: usize): void {
  for (let code = 1; code <= size; code++, out += 8) store<f64>(out, <f64>load<u64>(entryOf(code), HITS));
}

/** The code + 1 of an item's key, which may be new; 0 when it is and has no room. */
function search(item: usize): u32 {
  const tag = load<u32>(item, LENGTH);
  const first = load<u64>(item);
  const second = load<u64>(item, 8);
  const isShort = tag - 1 <= SHORT;
  let place = placeOf(isShort ? shortHash(first, second) : first);
  let code = load<u32>(index + (<usize>place << 2));
  for (; code != 0; code = load<u32>(index + (<usize>place << 2))) {
    const entry = entryOf(code);
    if (load<u64>(entry) == first && load<u32>(entry, LENGTH) == tag) {
      if (isShort ? load<u64>(entry, 8) == second : isSame(arena + <usize>load<u64>(entry, 8), load<u32>(item, ADDRESS), tag - 1)) return code;
    }
    place = (place + 1) & mask;
  }
  return claim(place, item);
}

/** Compares keys of more than 8 bytes. */
function isSame(a: usize, b: usize, length: u32): bool {
  const last = length - 8;
  for (let i: u32 = 0; i < last; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  return load<u64>(a + last) == load<u64>(b + last);
}

/** Makes an item's key the next one; 0 where there is no room. */
function claim(place: u32, item: usize): u32 {
  const length = load<u32>(item, LENGTH) - 1;
  const from = load<u32>(offsets + (<usize>size << 2));
  if (size == limit || arenaBytes - from < length) return 0;
  // A short key's bytes are in the item. Up to 15 bytes behind its end are for the next key to overwrite.
  if (length <= SHORT) v128.store(arena + from, v128.load(item));
  else memory.copy(arena + from, load<u32>(item, ADDRESS), length);
  size++;
  store<u32>(offsets + (<usize>size << 2), from + length);
  store<u32>(index + (<usize>place << 2), size);
  const entry = entryOf(size);
  v128.store(entry, v128.load(item));
  if (length > SHORT) store<u64>(entry, <u64>from, 8);
  store<u32>(entry, length + 1, LENGTH);
  store<u64>(entry, 0, HITS);
  return size;
}

// @ts-ignore: decorator
@inline
function entryOf(code: u32): usize {
  return entries + (<usize>code << 5);
}

// @ts-ignore: decorator
@inline
function placeOf(hash: u64): u32 {
  return <u32>(hash >> shift);
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
