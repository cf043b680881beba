import { mask, dataQuote, parity } from "./byte-masks";

/** Newlines among the separators that were found last. */
let lines: i32 = 0;
/** Whether the records that were found last may hold quotes. */
export let quotesMet: bool = false;

/**
 * Indexes the separators of records of cells: delimiters and newlines that stand outside quotes, relative to `base`. In found[-1] stands
 * the byte before `from`, so that every field begins one behind a separator. Returns how many records from the first on have exactly `width` fields, up to `most`
 * separators in all. `from` must be where a record starts. Reads up to 63 bytes behind `to`. `quote` is -1 where there are none.
 */
export function indexRecords(base: usize, from: usize, to: usize, delimiter: i32, quote: i32, width: i32, found: usize, most: i32): i32 {
  return wholeRecords(base, found, indexCells(base, from, to, delimiter, quote, found, most), width);
}

/**
 * 64 bytes a step. What stands inside quotes, their parity tells, less those quotes that are data of a
 * plain field. The search stops at text behind a closing quote. Returns how many separators it found, whole steps only; behind those it leaves up to 11 that are none.
 */
function indexCells(base: usize, from: usize, to: usize, delimiter: i32, quote: i32, found: usize, most: i32): i32 {
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
  store<i32>(found - 4, <i32>(from - base) - 1);
  lines = 0;
  quotesMet = false;
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
        quotesMet = true;
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
    // How many there are is hard to predict: twelve at a time are written whether they are there or not.
    const place = <i32>(at - base);
    const start = found + (<usize>count << 2);
    lines += <i32>popcnt(all & ends);
    count += <i32>popcnt(all);
    const end = found + (<usize>count << 2);
    let rest = all;
    for (let to = start; to < end; to += 48) {
      rest = putFour(rest, place, to);
      rest = putFour(rest, place, to + 16);
      rest = putFour(rest, place, to + 32);
    }
  }
  return count;
}

function wholeRecords(base: usize, found: usize, count: i32, width: i32): i32 {
  const size = <usize>width << 2;
  // As many newlines as records that end with one: no other field does.
  if (lines * width <= count) {
    let last = found + size - 4;
    let left = lines;
    for (; left > 0 && endsLine(base, last); left--) last += size;
    if (left == 0) return lines;
  }
  const most = count / width;
  let field = found;
  for (let records = 0; records < most; records++, field += 4) {
    for (const last = field + size - 4; field < last; field += 4) if (endsLine(base, field)) return records;
    if (!endsLine(base, field)) return records;
  }
  return most;
}

// @ts-ignore: decorator
@inline
function endsLine(base: usize, field: usize): bool {
  return load<u8>(base + <usize>load<i32>(field)) == 10;
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
