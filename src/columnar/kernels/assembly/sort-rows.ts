import { compareBytes, keyPrefix } from "./key-prefix";

// An entry is what is moved about in place of a row: u64 word, u32 row, u32 unused.
const ENTRY: usize = 16;
/** So few entries are sorted by insertion. */
const FEW: i32 = 20;
/** Rows settled by one call: what runs when V8 has compiled a function well is the next call of it. */
const PIECE: i32 = 4096;
/** Widest digit; its counts (2 x 2^11 x 4 bytes) stay in the first cache. */
const DIGIT_BITS: i32 = 11;
const HIGH_COUNTS: usize = 4 << DIGIT_BITS;
/** Where the last call of `settleTies` ended. */
let settled: i32 = 0;

/**
 * Writes to `order` (i32) the rows 0 to rows - 1 in the order of their keys, equal keys as they were. Key i is
 * the bytes [start, end) whose addresses are the i-th pair of u32 at `places`; eight bytes behind each must be readable.
 *
 * Eight bytes of a key are one word. Rows are sorted by the words at one depth; those that tie and go on are
 * sorted by their next words. So the time is linear in the bytes that tell rows apart, whatever the keys are.
 *
 * `entries` is 16 bytes for each row, `scratch` the same and 48, `counts` 16 KiB, `stack` a byte for each row and 16. `order` may be where
 * `entries` are: each is read before its place is written.
 */
export function sortRows(places: usize, rows: i32, order: usize, entries: usize, scratch: usize, counts: usize, stack: usize): void {
  for (let row = 0; row < rows; row++) {
    const place = places + (<usize>row << 3);
    const entry = entries + <usize>row * ENTRY;
    store<u64>(entry, keyPrefix(load<u32>(place), load<u32>(place, 4)));
    store<i32>(entry, row, 8);
  }
  sortWords(entries, scratch, rows, counts);
  let top = stack;
  for (let from = 0; from < rows; from = settled) top = settleTies(places, entries, from, min(from + PIECE, rows), rows, 0, scratch, top);
  while (top > stack) {
    top -= 12;
    const from = load<i32>(top);
    const to = load<i32>(top, 4);
    const depth = load<u32>(top, 8);
    for (let i = from; i < to; i++) {
      const entry = entries + <usize>i * ENTRY;
      const place = places + (<usize>load<u32>(entry, 8) << 3);
      store<u64>(entry, keyPrefix(load<u32>(place) + depth, load<u32>(place, 4)));
    }
    sortWords(entries + <usize>from * ENTRY, scratch, to - from, counts);
    top = settleTies(places, entries, from, to, to, depth, scratch, top);
  }
  for (let i = 0; i < rows; i++) store<i32>(order + (<usize>i << 2), load<i32>(entries + <usize>i * ENTRY, 8));
}

/**
 * Sorts `count` entries by their words, stably. Two passes over up to eleven bits each, from the highest bit in
 * which words differ down, tell most words apart; runs that still tie are sorted on by the bits below, so
 * that no word is looked at in more than seven rounds.
 */
function sortWords(entries: usize, scratch: usize, count: i32, counts: usize): void {
  if (count <= FEW) {
    insertionSort(entries, count);
    return;
  }
  const end = entries + <usize>count * ENTRY;
  const first = load<u64>(entries);
  let differing: u64 = 0;
  for (let entry = entries; entry < end; entry += ENTRY) differing |= load<u64>(entry) ^ first;
  if (differing == 0) return;
  const bits = 64 - <i32>clz(differing);
  const digit = min(DIGIT_BITS, 32 - <i32>clz(count));
  const highBits = min(digit, bits);
  const lowBits = min(digit, bits - highBits);
  const shift = bits - highBits - lowBits;
  if (lowBits > 0) twoPasses(entries, end, scratch, counts, <u64>shift, lowBits, highBits);
  else onePass(entries, end, scratch, counts, <u64>shift, highBits);
  if (shift == 0) return;
  for (let from = entries; from < end; ) {
    const high = load<u64>(from) >> <u64>shift;
    let to = from + ENTRY;
    while (to < end && load<u64>(to) >> <u64>shift == high) to += ENTRY;
    if (to - from > ENTRY) sortWords(from, scratch, <i32>((to - from) / ENTRY), counts);
    from = to;
  }
}

function twoPasses(entries: usize, end: usize, scratch: usize, counts: usize, shift: u64, lowBits: i32, highBits: i32): void {
  const highCounts = counts + HIGH_COUNTS;
  const highShift = shift + <u64>lowBits;
  const lowMask = (<u64>1 << <u64>lowBits) - 1;
  const highMask = (<u64>1 << <u64>highBits) - 1;
  memory.fill(counts, 0, 4 << lowBits);
  memory.fill(highCounts, 0, 4 << highBits);
  for (let entry = entries; entry < end; entry += ENTRY) {
    const word = load<u64>(entry);
    const low = counts + (<usize>((word >> shift) & lowMask) << 2);
    const high = highCounts + (<usize>((word >> highShift) & highMask) << 2);
    store<u32>(low, load<u32>(low) + 1);
    store<u32>(high, load<u32>(high) + 1);
  }
  addUp(counts, lowBits);
  addUp(highCounts, highBits);
  scatter(entries, end, scratch, counts, shift, lowMask);
  scatter(scratch, scratch + (end - entries), entries, highCounts, highShift, highMask);
}

function onePass(entries: usize, end: usize, scratch: usize, counts: usize, shift: u64, bits: i32): void {
  const mask = (<u64>1 << <u64>bits) - 1;
  memory.fill(counts, 0, 4 << bits);
  for (let entry = entries; entry < end; entry += ENTRY) {
    const count = counts + (<usize>((load<u64>(entry) >> shift) & mask) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  addUp(counts, bits);
  scatter(entries, end, scratch, counts, shift, mask);
  memory.copy(entries, scratch, end - entries);
}

/** Turns counts of digits into the places, in bytes, where the entries of each digit begin. */
function addUp(counts: usize, bits: i32): void {
  let place: u32 = 0;
  for (let at = counts, end = counts + (<usize>4 << bits); at < end; at += 4) {
    const count = load<u32>(at);
    store<u32>(at, place);
    place += count * <u32>ENTRY;
  }
}

function scatter(from: usize, end: usize, to: usize, places: usize, shift: u64, mask: u64): void {
  for (; from < end; from += ENTRY) {
    const entry = v128.load(from);
    const place = places + (<usize>((load<u64>(from) >> shift) & mask) << 2);
    const at = load<u32>(place);
    store<u32>(place, at + <u32>ENTRY);
    v128.store(to + at, entry);
  }
}

function insertionSort(entries: usize, count: i32): void {
  const end = entries + <usize>count * ENTRY;
  for (let next = entries + ENTRY; next < end; next += ENTRY) {
    const word = load<u64>(next);
    if (load<u64>(next - ENTRY) <= word) continue;
    const entry = v128.load(next);
    let at = next;
    for (; at > entries && load<u64>(at - ENTRY) > word; at -= ENTRY) v128.store(at, v128.load(at - ENTRY));
    v128.store(at, entry);
  }
}

/**
 * Entries from..to are in the order of their words at `depth`. Where words tie, rows that end come first, the
 * shorter ahead: their further bytes are zeros. Many that go on are pushed on the stack; a few are compared whole. Those that tie with
 * an entry below `until` are the last that are looked at.
 */
function settleTies(places: usize, entries: usize, from: i32, until: i32, to: i32, depth: u32, scratch: usize, top: usize): usize {
  let start = from;
  while (start < until) {
    const word = load<u64>(entries + <usize>start * ENTRY);
    let end = start + 1;
    while (end < to && load<u64>(entries + <usize>end * ENTRY) == word) end++;
    if (end - start > FEW) {
      const goOn = endedFirst(places, entries, start, end, depth, scratch);
      if (end - goOn > 1) {
        store<i32>(top, goOn);
        store<i32>(top, end, 4);
        store<u32>(top, depth + 8, 8);
        top += 12;
      }
    } else if (end - start > 1) sortWhole(places, entries, start, end, depth);
    start = end;
  }
  settled = start;
  return top;
}

/** Sorts tied entries by how many bytes their rows have left, stably; returns where those with more than eight begin. */
function endedFirst(places: usize, entries: usize, from: i32, to: i32, depth: u32, scratch: usize): i32 {
  // Ten counts fit in front of the scratch entries, which begin behind them.
  const counts = scratch;
  memory.fill(counts, 0, 48);
  for (let i = from; i < to; i++) {
    const count = counts + (bytesLeft(places, entries + <usize>i * ENTRY, depth) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  const goingOn = load<u32>(counts, 36);
  const first = load<u32>(counts + (bytesLeft(places, entries + <usize>from * ENTRY, depth) << 2));
  if (first != <u32>(to - from)) {
    let place: u32 = 0;
    for (let left: usize = 0; left < 10; left++) {
      const count = load<u32>(counts + (left << 2));
      store<u32>(counts + (left << 2), place);
      place += count;
    }
    const sorted = scratch + 48;
    for (let i = from; i < to; i++) {
      const entry = entries + <usize>i * ENTRY;
      const next = counts + (bytesLeft(places, entry, depth) << 2);
      const at = load<u32>(next);
      store<u32>(next, at + 1);
      v128.store(sorted + <usize>at * ENTRY, v128.load(entry));
    }
    memory.copy(entries + <usize>from * ENTRY, sorted, <usize>(to - from) * ENTRY);
  }
  return to - <i32>goingOn;
}

/** Bytes of an entry's row from `depth` on, 9 for all that are more than 8. */
// @ts-ignore: decorator
@inline
function bytesLeft(places: usize, entry: usize, depth: u32): usize {
  const place = places + (<usize>load<u32>(entry, 8) << 3);
  return <usize>min<u32>(load<u32>(place, 4) - load<u32>(place) - depth, 9);
}

/** Tied entries get their next words, which tell most of them apart; the few that are left are compared with the bytes in memory. */
function sortWhole(places: usize, entries: usize, from: i32, to: i32, depth: u32): void {
  const first = entries + <usize>from * ENTRY;
  const last = entries + <usize>to * ENTRY;
  for (let entry = first; entry < last; entry += ENTRY) {
    const place = places + (<usize>load<u32>(entry, 8) << 3);
    const start = load<u32>(place) + depth + 8;
    const end = load<u32>(place, 4);
    store<u64>(entry, start < end ? keyPrefix(start, end) : 0);
  }
  for (let next = first + ENTRY; next < last; next += ENTRY) {
    const entry = v128.load(next);
    const word = load<u64>(next);
    const row = load<u32>(next, 8);
    let at = next;
    for (; at > first; at -= ENTRY) {
      const before = load<u64>(at - ENTRY);
      if (before < word || (before == word && compareRows(places, load<u32>(at - ENTRY, 8), row, depth) <= 0)) break;
      v128.store(at, v128.load(at - ENTRY));
    }
    v128.store(at, entry);
  }
}

function compareRows(places: usize, a: u32, b: u32, depth: u32): i32 {
  const left = places + (<usize>a << 3);
  const right = places + (<usize>b << 3);
  return compareBytes(load<u32>(left) + depth, load<u32>(left, 4), load<u32>(right) + depth, load<u32>(right, 4));
}
