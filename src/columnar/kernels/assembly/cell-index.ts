import { mask, dataQuote, parity } from "./byte-masks";

/**
 * Indexes the separators of records of cells, 64 bytes a step: delimiters and newlines that stand outside
 * quotes. A position is relative to `base`; that of a newline is written as its complement. In found[-1] stands
 * the complement of the byte before `from`, so that every field begins one behind a separator.
 *
 * `from` must be where a record starts. What stands inside quotes, their parity tells, less those quotes that are data of a
 * plain field. The search stops at text behind a closing quote. Returns how many it found, whole steps only, at most `most`; behind those it leaves up to 11 that are none. Reads up to 63 bytes behind `to`. `quote` is -1 where there are none.
 */
export function indexCells(base: usize, from: usize, to: usize, delimiter: i32, quote: i32, found: usize, most: i32): i32 {
  const delimiters = i8x16.splat(<i8>delimiter);
  const newlines = i8x16.splat(10);
  const quotes = i8x16.splat(<i8>quote);
  const quoted = quote >= 0;
  let inside: u64 = 0;
  // Whether the byte before the step lets a field start there, is a closing quote, is a return behind one.
  let starts: u64 = 1;
  let closed: u64 = 0;
  let returned: u64 = 0;
  let count = 0;
  store<i32>(found - 4, ~(<i32>(from - base) - 1));
  for (let at = from; at < to; at += 64) {
    if (count + 64 > most) return count;
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    let ends = mask(i8x16.eq(a, newlines), i8x16.eq(b, newlines), i8x16.eq(c, newlines), i8x16.eq(d, newlines));
    let all = ends | mask(i8x16.eq(a, delimiters), i8x16.eq(b, delimiters), i8x16.eq(c, delimiters), i8x16.eq(d, delimiters));
    const valid: u64 = to - at < 64 ? ((<u64>1) << (to - at)) - 1 : ~(<u64>0);
    all &= valid;
    if (quoted) {
      const qa = i8x16.eq(a, quotes);
      const qb = i8x16.eq(b, quotes);
      const qc = i8x16.eq(c, quotes);
      const qd = i8x16.eq(d, quotes);
      if (inside | closed | returned || v128.any_true(v128.or(v128.or(qa, qb), v128.or(qc, qd)))) {
        let marks = mask(qa, qb, qc, qd) & valid;
        let within = parity(marks) ^ inside;
        let outer = all & ~within;
        for (let data: u64 = 0; (data = dataQuote(marks, within, outer, starts)) != 0; outer = all & ~within) {
          marks ^= data;
          within = parity(marks) ^ inside;
        }
        const closing = marks & ~within;
        const text = (closing << 1 | closed) & ~(all | marks) & valid;
        // Only a return that belongs to a newline may stand behind a closing quote.
        if (text | returned) {
          const returns = i8x16.splat(13);
          const cr = mask(i8x16.eq(a, returns), i8x16.eq(b, returns), i8x16.eq(c, returns), i8x16.eq(d, returns));
          if (text & ~cr | (text << 1 | returned) & ~ends & valid) return count;
          returned = text >> 63;
        }
        starts = (outer | marks) >> 63;
        closed = closing >> 63;
        inside = (<u64>0) - (within >> 63);
        all = outer;
      } else starts = all >> 63;
    }
    // How many there are is hard to predict: twelve at a time are written whether they are there or not, and two of them as newlines.
    const place = <i32>(at - base);
    const start = found + (<usize>count << 2);
    count += <i32>popcnt(all);
    const end = found + (<usize>count << 2);
    let rest = all;
    for (let to = start; to < end; to += 48) {
      rest = putFour(rest, place, to);
      rest = putFour(rest, place, to + 16);
      rest = putFour(rest, place, to + 32);
    }
    let newline = putNewline(all & ends, all, place, start);
    newline = putNewline(newline, all, place, start);
    while (newline != 0) {
      newline = putNewline(newline, all, place, start);
      newline = putNewline(newline, all, place, start);
      newline = putNewline(newline, all, place, start);
      newline = putNewline(newline, all, place, start);
    }
  }
  return count;
}

/** How many records from the first on have exactly `width` fields. */
export function wholeRecords(found: usize, count: i32, width: i32): i32 {
  const size = <usize>width << 2;
  const most = count / width;
  let at = found + size - 4;
  let records = 0;
  for (; records < most && load<i32>(at) < 0; records++) at += size;
  // Each ends with a newline: with as many newlines as records, no other has one.
  if (newlinesIn(found, records * width) == records) return records;
  const end = found + <usize>records * size;
  records = 0;
  for (let start = found; start < end; start += size) {
    for (let field = start; field < start + size - 4; field += 4) if (load<i32>(field) < 0) return records;
    records++;
  }
  return records;
}

function newlinesIn(found: usize, count: i32): i32 {
  let sums = i32x4.splat(0);
  const end = found + (<usize>count << 2);
  let at = found;
  for (; at + 16 <= end; at += 16) sums = i32x4.add(sums, i32x4.shr_u(v128.load(at), 31));
  let newlines = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
  for (; at < end; at += 4) newlines += load<u32>(at) >> 31;
  return newlines;
}

/** Writes the places of the lowest four bits, and gives the others. */
// @ts-ignore: decorator
@inline
function putFour(bits: u64, place: i32, to: usize): u64 {
  store<i32>(to, place + <i32>ctz(bits));
  bits &= bits - 1;
  store<i32>(to, place + <i32>ctz(bits), 4);
  bits &= bits - 1;
  store<i32>(to, place + <i32>ctz(bits), 8);
  bits &= bits - 1;
  store<i32>(to, place + <i32>ctz(bits), 12);
  return bits & (bits - 1);
}

/** Writes the complement of the lowest newline's place over it, and gives the other newlines. Where there is none, it writes behind all. */
// @ts-ignore: decorator
@inline
function putNewline(newlines: u64, all: u64, place: i32, start: usize): u64 {
  const before = all & ((newlines & (0 - newlines)) - 1);
  store<i32>(start + (<usize>popcnt(before) << 2), ~(place + <i32>ctz(newlines)));
  return newlines & (newlines - 1);
}
