/** Puts text keys that were written in two ways into one row (see key-block.ts): most are there as UTF-8, the late ones as UTF-16. */
import { copyShort } from "./copy-short";

/**
 * Key i is text[starts[i]..starts[i + 1]), which for a late one is empty; `late` has row and units of each of those, one behind the other at `units`. Writes
 * all keys to `out`, without gaps, and where they begin and end to `starts`. Reads and writes up to 31 bytes too many.
 */
export function layKeys(text: usize, starts: usize, rows: i32, units: usize, late: usize, count: i32, out: usize): void {
  /** How far keys move. */
  let shift: u32 = 0;
  let from = load<u32>(starts);
  let row = 0;
  for (let i = 0; i <= count; i++, late += 8) {
    const next = i < count ? load<i32>(late) : rows;
    const until = load<u32>(starts + (<usize>next << 2));
    copyShort(out + from + shift, text + from, until - from);
    from = until;
    for (; row <= next; row++) {
      const start = starts + (<usize>row << 2);
      store<u32>(start, load<u32>(start) + shift);
    }
    if (i == count) return;
    const length = <usize>load<u32>(late, 4) << 1;
    shift += <u32>writeUtf8(units, units + length, out + from + shift);
    units += length;
  }
}

/** Eight units at once where all are ASCII or all take two bytes; returns how many bytes there are. */
function writeUtf8(units: usize, end: usize, out: usize): usize {
  let to = out;
  while (units < end) {
    const eight = v128.load(units);
    if (!v128.any_true(v128.and(eight, i16x8.splat(<i16>0xff80)))) {
      store<u64>(to, i64x2.extract_lane(i8x16.narrow_i16x8_u(eight, eight), 0));
      units += 16;
      to += 8;
      // Of the next key.
      if (units > end) to -= (units - end) >> 1;
    } else if (i16x8.all_true(i16x8.lt_u(i16x8.sub(eight, i16x8.splat(0x80)), i16x8.splat(0x780)))) {
      const leads = v128.or(i16x8.shr_u(eight, 6), i16x8.splat(0xc0));
      const seconds = v128.or(v128.and(eight, i16x8.splat(63)), i16x8.splat(0x80));
      v128.store(to, v128.or(leads, i16x8.shl(seconds, 8)));
      units += 16;
      to += 16;
      if (units > end) to -= units - end;
    } else {
      for (const stop = min(units + 16, end); units < stop; ) {
        let code = <u32>load<u16>(units);
        units += 2;
        if ((code & 0xfc00) == 0xd800 && units < end && (load<u16>(units) & 0xfc00) == 0xdc00) {
          const wide = 0x10000 + ((code & 0x3ff) << 10) + (<u32>load<u16>(units) & 0x3ff);
          units += 2;
          store<u32>(to, 0x808080f0 | (wide >> 18) | (((wide >> 12) & 63) << 8) | (((wide >> 6) & 63) << 16) | ((wide & 63) << 24));
          to += 4;
          continue;
        }
        // Half of a pair is not a character. The rest without branches, which mixed scripts would make the processor guess wrong.
        code = select<u32>(0xfffd, code, (code & 0xf800) == 0xd800);
        const two = 0x80c0 | (code >> 6) | ((code & 63) << 8);
        const three = 0x8080e0 | (code >> 12) | (((code >> 6) & 63) << 8) | ((code & 63) << 16);
        store<u32>(to, select<u32>(code, select<u32>(two, three, code < 0x800), code < 0x80));
        to += 1 + <usize>(code >= 0x80) + <usize>(code >= 0x800);
      }
    }
  }
  return to - out;
}
