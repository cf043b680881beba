/**
 * The hash table of kernel-key-table.ts: numbers distinct keys 0, 1, 2... Its index is open addressing with linear probing
 * over u32: code + 1, or 0 where it is empty. Entries of 32 bytes stand in the order of the codes, behind one that matches no key:
 *
 *     key of 0-16 bytes   its bytes, then zeros     length   hits
 *     longer key          hash     arena offset     length   hits
 *
 * Keys that come often come early, so that their entries share a few pages, which stay in the cache; the index, looked up
 * at random, is as small as can be. The arena holds the bytes of all keys in the order of their codes. Whoever calls lays all of it
 * out (`placeTable`) and moves it when a call says that it is full. An instance has one table.
 *
 * Keys are looked up by the batch, in passes: one hashes all keys, one reads the index for all, one touches all entries, one compares. None calls
 * or branches on what a key is, and those that read at random do nothing else, so that very many cache misses are under way together; one by one, each key
 * would wait for its own. The few that are not found where their search begins, for they are long, new or pushed aside, come last.
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

const SHORT: u32 = 16;
const ENTRY: usize = 32;
const LENGTH: usize = 16;
const HITS: usize = 24;

/** Keys of a batch: as many as keep the misses of one pass busy. */
export const BATCH: i32 = 224;
/** A key that is being looked up: 16 bytes as in an entry, length, address, and what the index holds where the search begins (before that, where that is). */
const ITEM: usize = 32;
const ADDRESS: usize = 20;
const FOUND: usize = 24;
/** Room for a batch, and for 32 more keys: count-words.ts finds several at once. */
const batch: usize = memory.data((224 + 32) * 32, 16);
/** Addresses of the items of a batch that come last. */
const misses: usize = memory.data((224 + 32) * 4, 16);
/** Length of the entry that matches no key. */
const NO_LENGTH: u32 = u32.MAX_VALUE;

/** 16 bytes of ones, then 16 of zeros: those that begin 16 - n bytes in leave the first n bytes of a key. */
const MASKS: usize = memory.data(32, 16);

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
  // Written anew, for memory may have served something else.
  v128.store(MASKS, i8x16.splat(-1));
  v128.store(MASKS, i8x16.splat(0), 16);
  factor0 = mix(seed, 1) | 1;
  factor1 = mix(seed, 2) | 1;
  factor2 = mix(seed, 3) | 1;
  store<u32>(entryOf(0), NO_LENGTH, LENGTH);
  for (let code = 1; code <= keys; code++) {
    const entry = entryOf(code);
    const first = load<u64>(entry);
    let place = placeOf(load<u32>(entry, LENGTH) <= SHORT ? shortHash(first, load<u64>(entry, 8)) : first);
    while (load<u32>(index + (<usize>place << 2)) != 0) place = (place + 1) & mask;
    store<u32>(index + (<usize>place << 2), code);
  }
}

export function tableSize(): i32 {
  return size;
}

/**
 * Writes the code of each key to `codes` (unless that is 0) and counts a hit for it. Key i is the bytes offsets[i]..offsets[i + 1] behind
 * `bytes`. Returns how many rows were done: fewer than `rows` where the next batch may have no room. Reads up to 15 bytes
 * behind a key.
 */
export function encodeKeys(bytes: usize, offsets: usize, rows: i32, codes: usize): i32 {
  for (let row = 0; row < rows; row += BATCH) {
    const at = <usize>row << 2;
    const count = min(BATCH, rows - row);
    const size = load<u32>(offsets + at + (<usize>count << 2)) - load<u32>(offsets + at);
    if (!countBatch(bytes, offsets + at, 4, count, size, codes == 0 ? 0 : codes + at)) return row;
  }
  return rows;
}

/**
 * Counts a hit for each of `count` keys, a batch and up to 32 more, and writes their codes unless `codes` is 0. Keys, of
 * `keyBytes` or fewer in all, stand behind `bytes`: where the first begins and ends is at `edges`, the others' `step` bytes on. Returns false, with nothing done, where the table may lack the room.
 */
// @ts-ignore: decorator
@inline
export function countBatch(bytes: usize, edges: usize, step: usize, count: i32, keyBytes: u32, codes: usize): bool {
  if (limit - size < count || arenaBytes - load<u32>(offsets + (<usize>size << 2)) < keyBytes) return false;
  hashKeys(bytes, edges, step, count);
  const missed = compareKeys(count, codes);
  for (let miss = misses; miss < missed; miss += 4) {
    const item = <usize>load<u32>(miss);
    const code = search(item);
    const entry = entryOf(code);
    store<u64>(entry, load<u64>(entry, HITS) + 1, HITS);
    if (codes != 0) store<u32>(codes + ((item - batch) / ITEM << 2), code - 1);
  }
  return true;
}

/** Items of all keys, with what the index holds. Globals are read once, for stores might change them; that many and no more fit the registers. */
// @ts-ignore: decorator
@inline
function hashKeys(bytes: usize, edges: usize, step: usize, count: i32): void {
  const places = index;
  const by = shift;
  const f0 = factor0;
  const f1 = factor1;
  const f2 = factor2;
  const end = batch + <usize>count * ITEM;
  for (let item = batch; item < end; item += ITEM, edges += step) {
    const start = load<u32>(edges);
    const length = load<u32>(edges, 4) - start;
    store<u32>(item, length, LENGTH);
    store<u32>(item, bytes + start, ADDRESS);
    const key = v128.and(v128.load(bytes + start), v128.load(MASKS + SHORT - min(length, SHORT)));
    v128.store(item, key);
    const hash = fold(<u64>i64x2.extract_lane(key, 0) * f0, <u64>i64x2.extract_lane(key, 1) * f1) * f2;
    store<u32>(item, <u32>(hash >> by), FOUND);
  }
  for (let item = batch; item < end; item += ITEM) store<u32>(item, load<u32>(places + (<usize>load<u32>(item, FOUND) << 2)), FOUND);
}

/** Counts a hit for each key that is found where its search begins. Returns the end of the addresses of the others at `misses`. */
// @ts-ignore: decorator
@inline
function compareKeys(count: i32, codes: usize): usize {
  const first = entries;
  const end = batch + <usize>count * ITEM;
  let touched: u32 = 0;
  for (let item = batch; item < end; item += ITEM) touched ^= load<u32>(first + (<usize>load<u32>(item, FOUND) << 5));
  // Without a use of it the loop would be left out.
  store<u32>(misses, touched);
  let missed = misses;
  for (let item = batch; item < end; item += ITEM) {
    const code = load<u32>(item, FOUND);
    const entry = first + (<usize>code << 5);
    const length = load<u32>(item, LENGTH);
    const differs = v128.any_true(v128.xor(v128.load(item), v128.load(entry))) | (length != load<u32>(entry, LENGTH)) | (length > SHORT);
    store<u64>(entry, load<u64>(entry, HITS) + <u64>!differs, HITS);
    store<u32>(missed, <u32>item);
    missed += <usize>differs << 2;
    if (codes != 0) {
      store<u32>(codes, code - 1);
      codes += 4;
    }
  }
  return missed;
}

/** Writes the hits of each key as f64, by code. */
export function readHits(out: usize): void {
  for (let code = 1; code <= size; code++, out += 8) store<f64>(out, <f64>load<u64>(entryOf(code), HITS));
}

/** The code + 1 of one key, which may be new. */
function search(item: usize): u32 {
  const length = load<u32>(item, LENGTH);
  const isShort = length <= SHORT;
  if (!isShort) store<u64>(item, longHash(load<u32>(item, ADDRESS), length));
  const first = load<u64>(item);
  const second = load<u64>(item, 8);
  let place = placeOf(isShort ? shortHash(first, second) : first);
  let code = load<u32>(index + (<usize>place << 2));
  for (; code != 0; code = load<u32>(index + (<usize>place << 2))) {
    const entry = entryOf(code);
    if (load<u64>(entry) == first && load<u32>(entry, LENGTH) == length) {
      if (isShort ? load<u64>(entry, 8) == second : isSame(arena + <usize>load<u64>(entry, 8), load<u32>(item, ADDRESS), length)) return code;
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

/** Makes an item's key the next one. */
function claim(place: u32, item: usize): u32 {
  const length = load<u32>(item, LENGTH);
  const from = load<u32>(offsets + (<usize>size << 2));
  // A short key's bytes are in the item. Up to 15 bytes behind its end are for the next key to overwrite.
  if (length <= SHORT) v128.store(arena + from, v128.load(item));
  else memory.copy(arena + from, load<u32>(item, ADDRESS), length);
  size++;
  store<u32>(offsets + (<usize>size << 2), from + length);
  store<u32>(index + (<usize>place << 2), size);
  const entry = entryOf(size);
  v128.store(entry, v128.load(item));
  if (length > SHORT) store<u64>(entry, <u64>from, 8);
  store<u32>(entry, length, LENGTH);
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
 * Multiplies each half by a secret number, and what they give by a third: the halves do not wait for each other. The length is left out,
 * for only zeros at the end differ by it. Bits are good from the top.
 */
// @ts-ignore: decorator
@inline
function shortHash(first: u64, second: u64): u64 {
  return fold(first * factor0, second * factor1) * factor2;
}

/** The high bits of the product of the first half, and all of the second's, reach the low bits, and so all bits of a product. */
// @ts-ignore: decorator
@inline
function fold(first: u64, second: u64): u64 {
  return first ^ (first >> 32) ^ rotr<u64>(second, 32);
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
