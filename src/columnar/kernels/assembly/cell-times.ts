/**
 * Reads one column of records that indexRecords has found as days, times or booleans, into doubles: milliseconds since 1970 or 0 and 1. Their
 * twins are formats/iso-time.ts and cell-values.ts. Return how many records they read: less than `rows` where a field is none, or one for a closer look.
 */
import { endOf, startOf } from "./cell-field";

/** Days `YYYY-MM-DD`; where `clock` is true, times as well: `T` or a space, hours and minutes, and perhaps seconds, a fraction, a zone. */
export function readTimes(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, out: usize, clock: bool): i32 {
  const isLast = column == width - 1;
  let field = found + (<usize>column << 2);
  for (let row = 0; row < rows; row++, field += <usize>width << 2) {
    let start = startOf(base, field);
    let end = endOf(base, field, start, isLast);
    if (<i32>load<u8>(start) == quote) {
      start++;
      end--;
    }
    const length = <i32>(end - start);
    if (length < 10) return row;
    const day = dayAt(start);
    if (day == NO_TIME) return row;
    let time = day * 86400000;
    if (length > 10) {
      const more = clock ? clockAt(start + 10, end) : NO_TIME;
      if (more == NO_TIME) return row;
      time += more;
    }
    store<f64>(out + (<usize>row << 3), <f64>time);
  }
  return rows;
}

/** `true`, `True`, `TRUE`, `1` and their opposites. */
export function readBooleans(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, out: usize): i32 {
  const isLast = column == width - 1;
  let field = found + (<usize>column << 2);
  for (let row = 0; row < rows; row++, field += <usize>width << 2) {
    let start = startOf(base, field);
    let end = endOf(base, field, start, isLast);
    if (<i32>load<u8>(start) == quote) {
      start++;
      end--;
    }
    const length = end - start;
    const word = load<u32>(start);
    const last = load<u8>(start, 4);
    let value = 0;
    if (length == 1) {
      value = <i32>(word & 0xff) - 48;
      if (<u32>value > 1) return row;
    } else if (length == 4) {
      if (word != 0x65757274 && word != 0x65757254 && word != 0x45555254) return row;
      value = 1;
    } else if (length != 5 || !(last == 101 ? word == 0x736c6166 || word == 0x736c6146 : last == 69 && word == 0x534c4146)) return row;
    store<f64>(out + (<usize>row << 3), <f64>value);
  }
  return rows;
}

const NO_TIME: i64 = i64.MIN_VALUE;

/** The day of ten characters, counted from 1970. */
// @ts-ignore: decorator
@inline
function dayAt(at: usize): i64 {
  const century = pairAt(at);
  const yearOfCentury = pairAt(at + 2);
  const month = pairAt(at + 5);
  const day = pairAt(at + 8);
  const isShaped = <i32>(load<u8>(at + 4) == 45) & <i32>(load<u8>(at + 7) == 45) & <i32>(century < 100) & <i32>(yearOfCentury < 100) & <i32>(month - 1 < 12);
  const year = century * 100 + yearOfCentury;
  const isLeap = <u32>((year & 3) == 0) & (<u32>(yearOfCentury != 0) | <u32>((century & 3) == 0));
  const days: u32 = month == 2 ? 28 + isLeap : 30 + ((month + (month >> 3)) & 1);
  if (!isShaped || day - 1 >= days) return NO_TIME;
  // Years from March on, so that a leap day comes last; and four centuries later, so that none is negative.
  const y = year + 400 - <u32>(month < 3);
  const dayOfYear = (153 * (month < 3 ? month + 9 : month - 3) + 2) / 5 + day - 1;
  return <i64>(y * 365 + y / 4 - y / 100 + y / 400 + dayOfYear) - 719468 - 146097;
}

/** Milliseconds of what stands behind a day. */
function clockAt(start: usize, end: usize): i64 {
  const separator = load<u8>(start);
  const hours = pairAt(start + 1);
  const minutes = pairAt(start + 4);
  if (end - start < 6 || (separator != 84 && separator != 32) || hours > 23 || minutes > 59 || load<u8>(start + 3) != 58) return NO_TIME;
  let at = start + 6;
  let seconds: u32 = 0;
  let millis: u32 = 0;
  if (end - at > 2 && load<u8>(at) == 58) {
    seconds = pairAt(at + 1);
    if (seconds > 59) return NO_TIME;
    at += 3;
    if (at < end && load<u8>(at) == 46) {
      const first = ++at;
      let scale: u32 = 100;
      for (; at < end && <u32>load<u8>(at) - 48 < 10; at++) {
        millis += (<u32>load<u8>(at) - 48) * scale;
        scale /= 10;
      }
      if (at == first || at - first > 9) return NO_TIME;
    }
  }
  let zone: i32 = 0;
  if (at < end) {
    const sign = load<u8>(at++);
    if (sign == 43 || sign == 45) {
      if (end - at != 4 && (end - at != 5 || load<u8>(at + 2) != 58)) return NO_TIME;
      const zoneHours = pairAt(at);
      const zoneMinutes = pairAt(end - 2);
      if (zoneHours > 23 || zoneMinutes > 59) return NO_TIME;
      zone = <i32>(zoneHours * 60 + zoneMinutes);
      if (sign == 45) zone = -zone;
    } else if (sign != 90 || at != end) return NO_TIME;
  }
  return <i64>(((<i32>(hours * 60 + minutes) - zone) * 60 + <i32>seconds) * 1000 + <i32>millis);
}

/** Of two digits; 255 where there are none, which is too large for anything. */
// @ts-ignore: decorator
@inline
function pairAt(at: usize): u32 {
  const tens = <u32>load<u8>(at) - 48;
  const ones = <u32>load<u8>(at, 1) - 48;
  return tens < 10 && ones < 10 ? tens * 10 + ones : 255;
}
