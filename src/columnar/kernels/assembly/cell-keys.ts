import { fieldEnd, place } from "./cell-numbers";

/**
 * Numbers the distinct texts of one column of records that indexCells has found: 0, 1, 2... in the order in which
 * they first come. The dictionary is open addressing with linear probing; a slot has 32 bytes:
 *
 *     first 16 bytes, zeros behind | length + 1 (0: empty) | code | hash of a longer text
 *
 * The texts lie one behind the other, `ends[code]` to `ends[code + 1]`; `state` holds (u32) how many there are, and
 * the number of slots, a power of two, which doubles up to what the caller has room for, and a word for the kernel's own use. The caller sees to it
 * that the texts of all rows would fit. Returns how many rows it did: less where a field needs a closer look
 * (quotes inside quotes, `escape`).
 */
export function encodeTexts(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, escape: i32, seed: i64, state: usize, slots: usize, ends: usize, texts: usize, codes: usize): i32 {
  const escapes = i8x16.splat(<i8>escape);
  const special = escape >= 0;
  let mask = load<u32>(state, 4) - 1;
  for (let row = 0; row < rows; row++) {
    if (mask >= MANY && (row & (BLOCK - 1)) == 0) store<u32>(state, touchSlots(base, found, row, min(rows, row + BLOCK), width, column, quote, seed, slots, mask), 8);
    const field = found + (<usize>(row * width + column) << 2);
    let start = base + <usize>place(load<i32>(field - 4)) + 1;
    let end = fieldEnd(base, load<i32>(field), start);
    if (<i32>load<u8>(start) == quote) {
      start++;
      end--;
      for (let at = start; at < end; at++) if (load<u8>(at) == <u8>quote) return row;
    }
    const length = <u32>(end - start);
    if (special) {
      for (let at: u32 = 0; at < length; at += 16) {
        let marks = i8x16.bitmask(i8x16.eq(v128.load(start + at), escapes));
        if (length - at < 16) marks &= (1 << <i32>(length - at)) - 1;
        if (marks != 0) return row;
      }
    }
    const code = codeOf(start, length, seed, slots, mask, state, ends, texts);
    store<u32>(codes + (<usize>row << 2), code);
    if (isFull(code, mask)) mask = grown(code + 1, seed, slots, mask, state, ends, texts);
  }
  return rows;
}

/** More slots than this do not fit the second-level cache. */
const MANY: u32 = 16383;
const BLOCK: i32 = 32;

/**
 * Reads the slot where the search for each of some texts begins, so that all their cache misses are under way together: one
 * by one, each search waits for its own. What it returns only keeps the compiler from leaving the reads out.
 */
function touchSlots(base: usize, found: usize, from: i32, to: i32, width: i32, column: i32, quote: i32, seed: i64, slots: usize, mask: u32): u32 {
  let read: u32 = 0;
  for (let row = from; row < to; row++) {
    const field = found + (<usize>(row * width + column) << 2);
    let start = base + <usize>place(load<i32>(field - 4)) + 1;
    let end = fieldEnd(base, load<i32>(field), start);
    if (<i32>load<u8>(start) == quote) {
      start++;
      end--;
    }
    const length = <u32>(end - start);
    if (length <= 16) read ^= load<u32>(slots + (<usize>(mixed(headOf(start, length), length, seed) & mask) << 5), 16);
  }
  return read;
}

/** The code of one text, which may lie anywhere. */
export function encodeText(start: usize, length: i32, seed: i64, state: usize, slots: usize, ends: usize, texts: usize): i32 {
  const mask = load<u32>(state, 4) - 1;
  const code = codeOf(start, length, seed, slots, mask, state, ends, texts);
  if (isFull(code, mask)) grown(code + 1, seed, slots, mask, state, ends, texts);
  return code;
}

// @ts-ignore: decorator
@inline
function codeOf(start: usize, length: u32, seed: i64, slots: usize, mask: u32, state: usize, ends: usize, texts: usize): u32 {
  const head = headOf(start, length);
  const hash = length > 16 ? hashLong(start, length, seed) : mixed(head, length, seed);
  let slot = slots + (<usize>(hash & mask) << 5);
  for (;;) {
    const tag = load<u32>(slot, 16);
    if (tag == length + 1 && !v128.any_true(v128.xor(v128.load(slot), head))) {
      const code = load<u32>(slot, 20);
      if (length <= 16 || (load<u32>(slot, 24) == hash && equalRest(start, texts + load<u32>(ends + (<usize>code << 2)), length))) return code;
    } else if (tag == 0) break;
    slot = slots + ((slot - slots + 32) & ((<usize>mask << 5) | 31));
  }
  const code = load<u32>(state);
  const from = load<u32>(ends + (<usize>code << 2));
  memory.copy(texts + from, start, length);
  store<u32>(ends + (<usize>(code + 1) << 2), from + length);
  claim(slot, head, length, code, hash);
  store<u32>(state, code + 1);
  return code;
}

// @ts-ignore: decorator
@inline
function claim(slot: usize, head: v128, length: u32, code: u32, hash: u32): void {
  v128.store(slot, head);
  store<u32>(slot, length + 1, 16);
  store<u32>(slot, code, 20);
  store<u32>(slot, hash, 24);
}

/** The first 16 bytes of a text, zeros behind it. */
// @ts-ignore: decorator
@inline
function headOf(start: usize, length: u32): v128 {
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return v128.and(v128.load(start), i8x16.gt_s(i8x16.splat(<i8>select<u32>(length, 16, length < 16)), places));
}

/** Half of many slots are taken at most, an eighth of few: those stay in the cache, and first tries mostly succeed. */
// @ts-ignore: decorator
@inline
function isFull(size: u32, mask: u32): bool {
  return size << (mask < FEW ? 3 : 1) > mask;
}

const FEW: u32 = 8191;

/** Doubles the slots while they are too full; returns the new mask. */
function grown(size: u32, seed: i64, slots: usize, mask: u32, state: usize, ends: usize, texts: usize): u32 {
  while (isFull(size, mask)) mask = (mask << 1) | 1;
  store<u32>(state, mask + 1, 4);
  memory.fill(slots, 0, (<usize>mask + 1) << 5);
  for (let code: u32 = 0; code < size; code++) {
    const from = load<u32>(ends + (<usize>code << 2));
    const length = load<u32>(ends + (<usize>code << 2), 4) - from;
    const head = headOf(texts + from, length);
    const hash = length > 16 ? hashLong(texts + from, length, seed) : mixed(head, length, seed);
    let slot = slots + (<usize>(hash & mask) << 5);
    while (load<u32>(slot, 16) != 0) slot = slots + ((slot - slots + 32) & ((<usize>mask << 5) | 31));
    claim(slot, head, length, code, hash);
  }
  return mask;
}

/** Multiplications by a seeded odd number; the upper half of the product depends on all bits. */
// @ts-ignore: decorator
@inline
function mixed(head: v128, length: u32, seed: i64): u32 {
  return mixedWords(i64x2.extract_lane(head, 0), i64x2.extract_lane(head, 1), length, seed);
}

// @ts-ignore: decorator
@inline
function mixedWords(low: u64, high: u64, length: u32, seed: i64): u32 {
  const factor = <u64>seed | 1;
  let hash = (low ^ factor) * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 32) ^ high) * factor + length;
  return <u32>((hash ^ (hash >> 29)) >> 32);
}

function hashLong(start: usize, length: u32, seed: i64): u32 {
  const factor = <u64>seed | 1;
  let hash: u64 = factor;
  for (let at: u32 = 0; at < length; at += 8) {
    let word = load<u64>(start + at);
    if (length - at < 8) word &= ((<u64>1) << ((length - at) << 3)) - 1;
    hash = (hash ^ (hash >> 32) ^ word) * 0x9e3779b97f4a7c15;
  }
  return mixedWords(hash, hash >> 31, length, seed);
}

/** Whether bytes 16.. are the same. */
function equalRest(left: usize, right: usize, length: u32): bool {
  let at: u32 = 16;
  for (; at + 8 <= length; at += 8) if (load<u64>(left + at) != load<u64>(right + at)) return false;
  for (; at < length; at++) if (load<u8>(left + at) != load<u8>(right + at)) return false;
  return true;
}
