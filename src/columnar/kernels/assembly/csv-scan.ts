import { mask, dataQuote, parity } from "./byte-masks";

// States of the scan of csv-machine.ts; `plain` is two, by whether a field starts. In the odd ones a quote opens a field, or opens it again.
const FIELD_START = 1;
const QUOTED = 2;
const QUOTE_IN_QUOTED = 3;

/** Behind the last record that ended in the last scan; 0 when none did. */
let recordEnd: usize = 0;

export function lastRecordEnd(): usize {
  return recordEnd;
}

/** Runs the scan over [from, to) and gives the state behind it: by the parity of quotes, 64 bytes a step, less those that are data of a plain field. */
export function scanCsv(from: usize, to: usize, delimiter: i32, quote: i32, state: i32): i32 {
  const delimiters = i8x16.splat(<i8>delimiter);
  const newlines = i8x16.splat(10);
  const quotes = i8x16.splat(<i8>quote);
  recordEnd = 0;
  let lastEnd: usize = 0;
  let at = from;
  for (; at + 64 <= to; at += 64) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const newline = mask(i8x16.eq(a, newlines), i8x16.eq(b, newlines), i8x16.eq(c, newlines), i8x16.eq(d, newlines));
    const separators = newline | mask(i8x16.eq(a, delimiters), i8x16.eq(b, delimiters), i8x16.eq(c, delimiters), i8x16.eq(d, delimiters));
    const inside = -<u64>(state == QUOTED);
    let marks = mask(i8x16.eq(a, quotes), i8x16.eq(b, quotes), i8x16.eq(c, quotes), i8x16.eq(d, quotes));
    let within = parity(marks) ^ inside;
    for (let data: u64 = 0; (data = dataQuote(marks, within, separators & ~within, state & 1)) != 0; ) {
      marks ^= data;
      within = parity(marks) ^ inside;
    }
    const ends = newline & ~within;
    lastEnd = select<usize>(at + 64 - <usize>clz(ends), lastEnd, ends != 0);
    state = <i32>((within >> 63) * QUOTED + ((marks & ~within) >> 63) * QUOTE_IN_QUOTED + ((separators & ~within) >> 63));
  }
  recordEnd = lastEnd;
  return scanBytes(at, to, delimiter, quote, state);
}

function scanBytes(from: usize, to: usize, delimiter: i32, quote: i32, state: i32): i32 {
  for (let at = from; at < to; at++) {
    const byte = <i32>load<u8>(at);
    if (byte == quote) state = state == QUOTED ? QUOTE_IN_QUOTED : state & 1 ? QUOTED : 0;
    else if (state != QUOTED) {
      if (byte == 10) recordEnd = at + 1;
      state = <i32>(byte == delimiter || byte == 10) * FIELD_START;
    }
  }
  return state;
}
