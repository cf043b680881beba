/**
 * The hash table of kernel-key-table.ts: numbers distinct keys 0, 1, 2... Its index is open addressing with linear probing
 * over u32: code + 1, or 0 where it is empty. Entries of 32 bytes or more stand in the order of the codes, behind one that matches no key:
 *
 *     key of 0-16 bytes   its bytes, then zeros      length   0              hits, or a record
 *     longer key          hash     last 8 bytes      length   arena offset   hits, or a record
 *
 * A record is the caller's, of any size, and zero at first: where it stands, no cache line but the entry's is read for it.
 * Keys that come often come early, so that their entries share a few pages, which stay in the cache; the index, looked up
 * at random, is as small as can be. The arena holds the bytes of all keys in the order of their codes. Whoever calls lays all of it
 * out (`placeTable`) and moves it when a call says that it is full. An instance has one table.
 *
 * Keys are looked up by the batch, in passes: one hashes all keys, one reads the index for all, one touches all entries, one compares. None calls
 * or branches on what a key is, and those that read at random do nothing else, so that very many cache misses are under way together; one by one, each key
 * would wait for its own. Longer keys have passes of their own in between, where their hashes are made and their bytes compared with the arena.
 * The few that are not found where their search begins, for they are new or pushed aside, come last.
 */
import { copyShort } from "./copy-short";

let index: usize = 0;
/** Number of places in the index less 1. */
let mask: u32 = 0;
let entries: usize = 0;
let entryBytes: usize = 0;
/** What a hit adds: 0 where records stand in the place of hits. */
let hit: u64 = 1;
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
const LENGTH: usize = 16;
/** In the arena, of a longer key. */
const OFFSET: usize = 20;
const HITS: usize = 24;

/** Keys of a batch: as many as keep the misses of one pass busy. */
export const BATCH: i32 = 224;
/** A key that is being looked up: 20 bytes as in an entry, address, and what the index holds where the search begins (before that, where that is). */
const ITEM: usize = 32;
const ADDRESS: usize = 20;
const FOUND: usize = 24;
/** Room for a batch, and for 32 more keys: count-words.ts finds several at once. */
const batch: usize = memory.data((224 + 32) * 32, 16);
/** Addresses of the items of a batch that come last; one more is written in vain. */
const misses: usize = memory.data((224 + 33) * 4, 16);
/** Those of longer keys. */
const longs: usize = memory.data((224 + 32) * 4, 16);
/** Places of an index whose entries are not worth touching. */
const FEW: u32 = 8192;
/** Length of the entry that matches no key. */
const NO_LENGTH: u32 = u32.MAX_VALUE;

/** 16 bytes of ones, then 16 of zeros: those that begin 16 - n bytes in leave the first n bytes of a key. */
const MASKS: usize = memory.data(32, 16);

/** An index of `capacity` places, a power of 2, all zero. Of `keys` keys the entries of `entrySize` bytes, offsets and arena are there; they are put into the index. */
export function placeTable(indexAt: usize, capacity: u32, entriesAt: usize, entrySize: u32, keepsRecords: bool, keys: i32, mostKeys: i32, offsetsAt: usize, arenaAt: usize, arenaSize: u32, seedHigh: u32, seedLow: u32): void {
  index = indexAt;
  mask = capacity - 1;
  entries = entriesAt;
  entryBytes = entrySize;
  hit = <u64>!keepsRecords;
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
  // It is read for any key, though what is there does not count.
  store<u32>(entryOf(0), 0, OFFSET);
  for (let code = 1; code <= keys; code++) {
    const entry = entryOf(code);
    let place = startOf(entry);
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
    if (!countBatch(bytes, offsets + at, 4, 0, count, size, codes == 0 ? 0 : codes + at, true)) return row;
  }
  return rows;
}

/**
 * Counts a hit for each of `count` keys, a batch and up to 32 more, and writes their codes unless `codes` is 0. Keys, of
 * `keyBytes` or fewer in all, stand behind `bytes`: where the first begins and ends is at `edges`, the others' `step` bytes on; it ends `gap` bytes before the second. Hits are counted if `countsHits`. Returns false, with nothing done, where the table may lack the room.
 */
// @ts-ignore: decorator
@inline
export function countBatch(bytes: usize, edges: usize, step: usize, gap: u32, count: i32, keyBytes: u32, codes: usize, countsHits: bool): bool {
  if (limit - size < count || arenaBytes - load<u32>(offsets + (<usize>size << 2)) < keyBytes) return false;
  const longsEnd = hashKeys(bytes, edges, step, gap, count);
  let missed = compareKeys(count, codes, countsHits);
  if (longsEnd > longs) missed = compareLongKeys(longsEnd, missed);
  for (let miss = misses; miss < missed; miss += 4) {
    const item = <usize>load<u32>(miss);
    const code = search(item);
    const entry = entryOf(code);
    store<u64>(entry, load<u64>(entry, HITS) + hit, HITS);
    if (codes != 0) store<u32>(codes + ((item - batch) / ITEM << 2), code - 1);
  }
  return true;
}

/**
 * Items of all keys, with what the index holds; returns the end of the addresses of those of longer keys. Globals are read once, for
 * stores might change them; that many and no more fit the registers.
 */
// @ts-ignore: decorator
@inline
function hashKeys(bytes: usize, edges: usize, step: usize, gap: u32, count: i32): usize {
  const places = index;
  const by = shift;
  const f0 = factor0;
  const f1 = factor1;
  const f2 = factor2;
  const end = batch + <usize>count * ITEM;
  let long = longs;
  for (let item = batch; item < end; item += ITEM, edges += step) {
    const start = load<u32>(edges);
    const length = load<u32>(edges, 4) - start - gap;
    store<u32>(item, length, LENGTH);
    store<u32>(item, bytes + start, ADDRESS);
    const key = v128.and(v128.load(bytes + start), v128.load(MASKS + SHORT - min(length, SHORT)));
    v128.store(item, key);
    const hash = fold(<u64>i64x2.extract_lane(key, 0) * f0, <u64>i64x2.extract_lane(key, 1) * f1) * f2;
    store<u32>(item, <u32>(hash >> by), FOUND);
    store<u32>(long, <u32>item);
    long += <usize>(length > SHORT) << 2;
  }
  for (let at = longs; at < long; at += 4) hashLongKey(<usize>load<u32>(at));
  for (let item = batch; item < end; item += ITEM) store<u32>(item, load<u32>(places + (<usize>load<u32>(item, FOUND) << 2)), FOUND);
  return long;
}

/** A longer key's item, by 16 bytes at once, which may overlap: the same steps for all keys of up to 48 bytes, for wrong guesses at a branch cost more. */
function hashLongKey(item: usize): void {
  const length = load<u32>(item, LENGTH);
  const start = <usize>load<u32>(item, ADDRESS);
  const last = start + length - 16;
  let hash = step(step(<u64>length, start), min(start + 16, last));
  for (let at = start + 32; at < last; at += 16) hash = step(hash, at);
  hash = step(hash, last);
  store<u64>(item, hash);
  store<u64>(item, load<u64>(last, 8), 8);
  store<u32>(item, placeOf(hash), FOUND);
}

// @ts-ignore: decorator
@inline
function step(hash: u64, at: usize): u64 {
  return fold((load<u64>(at) ^ hash) * factor0, load<u64>(at, 8) * factor1) * factor2;
}

/** Counts a hit for each key that is found where its search begins, as far as items and entries say. Returns the end of the addresses of the others at `misses`. */
// @ts-ignore: decorator
@inline
function compareKeys(count: i32, codes: usize, countsHits: bool): usize {
  const first = entries;
  const stride = entryBytes;
  const one = hit;
  const end = batch + <usize>count * ITEM;
  let touched: u32 = 0;
  // Few entries are in a near cache.
  if (mask > FEW) for (let item = batch; item < end; item += ITEM) touched ^= load<u32>(first + <usize>load<u32>(item, FOUND) * stride);
  // Without a use of it the loop would be left out.
  store<u32>(misses, touched);
  let missed = misses;
  for (let item = batch; item < end; item += ITEM) {
    const code = load<u32>(item, FOUND);
    const entry = first + <usize>code * stride;
    const length = load<u32>(item, LENGTH);
    const differs = v128.any_true(v128.xor(v128.load(item), v128.load(entry))) | (length != load<u32>(entry, LENGTH));
    if (countsHits) store<u64>(entry, load<u64>(entry, HITS) + (<u64>!differs & one), HITS);
    store<u32>(missed, <u32>item);
    missed += <usize>differs << 2;
    if (codes != 0) {
      store<u32>(codes, code - 1);
      codes += 4;
    }
  }
  return missed;
}

/** Takes back the hits of longer keys whose bytes are not those in the arena, though all else is the same. Returns the end of the misses. */
function compareLongKeys(end: usize, missed: usize): usize {
  const first = entries;
  const stride = entryBytes;
  const keys = arena;
  let touched: u32 = 0;
  for (let long = longs; long < end; long += 4) {
    const item = <usize>load<u32>(long);
    const entry = first + <usize>load<u32>(item, FOUND) * stride;
    // Where the entry is another key's, which bytes are touched does not matter: those of one are at hand.
    touched ^= load<u8>(keys + select<u32>(0, load<u32>(entry, OFFSET), v128.any_true(v128.xor(v128.load(item), v128.load(entry)))));
  }
  store<u32>(missed, touched);
  for (let long = longs; long < end; long += 4) {
    const item = <usize>load<u32>(long);
    const entry = first + <usize>load<u32>(item, FOUND) * stride;
    const length = load<u32>(item, LENGTH);
    if (v128.any_true(v128.xor(v128.load(item), v128.load(entry))) || length != load<u32>(entry, LENGTH)) continue;
    if (isSame(keys + load<u32>(entry, OFFSET), load<u32>(item, ADDRESS), length)) continue;
    store<u64>(entry, load<u64>(entry, HITS) - hit, HITS);
    store<u32>(missed, <u32>item);
    missed += 4;
  }
  return missed;
}

/** Makes the hit that each of these codes was just counted for as many as `times` (f64, whole) says. */
export function addHits(codes: usize, times: usize, rows: i32): void {
  for (const end = codes + (<usize>rows << 2); codes < end; codes += 4, times += 8) {
    const entry = entryOf(load<u32>(codes) + 1);
    store<u64>(entry, load<u64>(entry, HITS) + <u64>load<f64>(times) - 1, HITS);
  }
}

/** Writes the hits of `count` keys as f64, from code `from` on. */
export function readHits(from: i32, count: i32, out: usize): void {
  for (let code = from + 1; code <= from + count; code++, out += 8) store<f64>(out, <f64>load<u64>(entryOf(code), HITS));
}

/** The code + 1 of one key, which may be new. */
function search(item: usize): u32 {
  const key = v128.load(item);
  const length = load<u32>(item, LENGTH);
  let place = startOf(item);
  let code = load<u32>(index + (<usize>place << 2));
  for (; code != 0; code = load<u32>(index + (<usize>place << 2))) {
    const entry = entryOf(code);
    if (!v128.any_true(v128.xor(key, v128.load(entry))) && load<u32>(entry, LENGTH) == length) {
      if (length <= SHORT || isSame(arena + load<u32>(entry, OFFSET), load<u32>(item, ADDRESS), length)) return code;
    }
    place = (place + 1) & mask;
  }
  return claim(place, item);
}

/** Where the search for the key of an item or entry begins. */
// @ts-ignore: decorator
@inline
function startOf(item: usize): u32 {
  const first = load<u64>(item);
  return placeOf(load<u32>(item, LENGTH) <= SHORT ? fold(first * factor0, load<u64>(item, 8) * factor1) * factor2 : first);
}

/** Compares longer keys, by steps as `hashLongKey`. */
// @ts-ignore: decorator
@inline
function isSame(a: usize, b: usize, length: u32): bool {
  const last = <usize>length - 16;
  const second = min(last, 16);
  let differs = v128.or(v128.or(differ(a, b), differ(a + second, b + second)), differ(a + last, b + last));
  for (let i: usize = 32; i < last; i += 16) differs = v128.or(differs, differ(a + i, b + i));
  return !v128.any_true(differs);
}

// @ts-ignore: decorator
@inline
function differ(a: usize, b: usize): v128 {
  return v128.xor(v128.load(a), v128.load(b));
}

/** Makes an item's key the next one. */
function claim(place: u32, item: usize): u32 {
  const length = load<u32>(item, LENGTH);
  const from = load<u32>(offsets + (<usize>size << 2));
  // Up to 15 bytes behind the end are for the next key to overwrite. A short key's bytes are in the item.
  if (length <= SHORT) v128.store(arena + from, v128.load(item));
  else copyShort(arena + from, load<u32>(item, ADDRESS), length);
  size++;
  store<u32>(offsets + (<usize>size << 2), from + length);
  store<u32>(index + (<usize>place << 2), size);
  const entry = entryOf(size);
  v128.store(entry, v128.load(item));
  store<u32>(entry, length, LENGTH);
  store<u32>(entry, length > SHORT ? from : 0, OFFSET);
  for (let at = entry + HITS; at < entry + entryBytes; at += 8) store<u64>(at, 0);
  return size;
}

// @ts-ignore: decorator
@inline
function entryOf(code: u32): usize {
  return entries + <usize>code * entryBytes;
}

// @ts-ignore: decorator
@inline
function placeOf(hash: u64): u32 {
  return <u32>(hash >> shift);
}

/**
 * Of two halves, each multiplied by a secret number; what this gives is multiplied by a third. So the halves do not wait for each other. The high bits of
 * the product of the first half, and all of the second's, reach the low bits, and so all bits of a product. A short key's length is left
 * out, for only zeros at the end differ by it. Bits are good from the top.
 */
// @ts-ignore: decorator
@inline
function fold(first: u64, second: u64): u64 {
  return first ^ (first >> 32) ^ rotr<u64>(second, 32);
}

/** A step of MurmurHash3's 64-bit finisher (Austin Appleby) with the seed in it. */
function mix(hash: u64, word: u64): u64 {
  hash = (hash ^ word) * 0xff51afd7ed558ccd;
  hash ^= (hash >> 32) ^ seed;
  hash *= 0xc4ceb9fe1a85ec53;
  return hash ^ (hash >> 29);
}
