import { copyShort } from "./copy-short";
import { INT32, INT64, LEAST, PART, TEXT } from "./struct-keys";

/**
 * Takes encoded structs apart into columns, where `parts` says, as struct-keys.ts has it: of texts, int64, and int32 and doubles, both as doubles.
 * False where a text holds a NUL, or a struct ends too early. Reads and writes up to 15 bytes too many.
 */
export function takeMembers(bytes: usize, offsets: usize, rows: i32, parts: usize, count: i32): bool {
  const partsEnd = parts + <usize>count * PART;
  for (let part = parts; part < partsEnd; part += PART) if (load<i32>(part) == TEXT) store<u32>(load<u32>(part, 4), 0);
  for (let row = 0; row < rows; row++, offsets += 4) {
    let at = bytes + load<u32>(offsets);
    const end = bytes + load<u32>(offsets, 4);
    for (let part = parts; part < partsEnd; part += PART) {
      const kind = load<i32>(part);
      const values = <usize>load<u32>(part, 4);
      if (kind == TEXT) {
        const nul = nulAt(at, end);
        if (nul + 2 > end || load<u8>(nul, 1) != 1) return false;
        const to = load<u32>(values + (<usize>row << 2));
        copyShort(<usize>load<u32>(part, 8) + to, at, nul - at);
        store<u32>(values + (<usize>row << 2), to + <u32>(nul - at), 4);
        at = nul + 2;
      } else {
        const size: usize = kind == INT32 ? 4 : 8;
        if (at + size > end) return false;
        const value = values + (<usize>row << 3);
        if (kind == INT32) store<f64>(value, <f64><i32>(bswap<u32>(load<u32>(at)) ^ 0x80000000));
        else {
          const bits = bswap<u64>(load<u64>(at));
          // Of a double, all bits were flipped where it is negative.
          store<u64>(value, kind == INT64 || bits >= LEAST ? bits ^ LEAST : ~bits);
        }
        at += size;
      }
    }
  }
  return true;
}

/** Where the next NUL is, or the end. */
// @ts-ignore: decorator
@inline
function nulAt(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const bits = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0)));
    if (bits != 0) return min(at + <usize>ctz(bits), end);
  }
  return end;
}
