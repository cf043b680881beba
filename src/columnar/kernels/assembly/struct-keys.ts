/**
 * Keys of several columns, encoded member by member as codec.ts encodes a struct. `parts` says where the columns lie, with 12 bytes for
 * each: a kind, the address of its values (of a text, of offsets) and that of a text's bytes. No text holds a NUL.
 */
import { copyShort } from "./copy-short";
import { BATCH, countBatch } from "./key-table";

export const PART: usize = 12;
export const TEXT = 0;
export const INT32 = 1;
export const INT64 = 2;
/** These lie as doubles. */
const SAFE_INTEGER = 3;
const BOOL = 4;

/** Where the keys of a batch begin and end in turn. */
const edges: usize = memory.data(224 * 8, 16);

/** Gives keys their codes in the table of key-table.ts. Returns how many rows it did: fewer where the next batch may have no room. A batch of keys is written at `scratch`. */
export function encodeStructs(parts: usize, count: i32, row: i32, rows: i32, scratch: usize, codes: usize): i32 {
  for (let done = 0; done < rows; ) {
    const batch = min(BATCH, rows - done);
    let to = scratch;
    for (let i = 0; i < batch; i++) {
      const edge = edges + (<usize>i << 3);
      store<u32>(edge, <u32>(to - scratch));
      to = writeStruct(to, parts, count, row + done + i);
      store<u32>(edge, <u32>(to - scratch), 4);
    }
    if (!countBatch(scratch, edges, 8, 0, batch, <u32>(to - scratch), codes + (<usize>done << 2), false)) return done;
    done += batch;
  }
  return rows;
}

/** Writes keys one behind the other, and where they end to offsets[1..rows]. */
export function copyStructs(parts: usize, count: i32, rows: i32, offsets: usize, bytes: usize): void {
  let to = bytes;
  for (let row = 0; row < rows; row++) {
    to = writeStruct(to, parts, count, row);
    store<u32>(offsets + (<usize>(row + 1) << 2), <u32>(to - bytes));
  }
}

/** Returns where the key ends. Writes up to 15 bytes more. */
// @ts-ignore: decorator
@inline
function writeStruct(to: usize, parts: usize, count: i32, row: i32): usize {
  for (let part = parts, end = parts + <usize>count * PART; part < end; part += PART) {
    const kind = load<i32>(part);
    const values = <usize>load<u32>(part, 4);
    if (kind == TEXT) {
      const start = load<u32>(values + (<usize>row << 2));
      const size = <usize>(load<u32>(values + (<usize>row << 2), 4) - start);
      copyShort(to, <usize>load<u32>(part, 8) + start, size);
      // A 00 and a 01.
      store<u16>(to + size, 0x0100);
      to += size + 2;
    } else if (kind == INT32) {
      store<u32>(to, bswap<u32>(load<u32>(values + (<usize>row << 2)) ^ 0x80000000));
      to += 4;
    } else if (kind == BOOL) {
      store<u8>(to, <u8>load<f64>(values + (<usize>row << 3)));
      to++;
    } else {
      const at = values + (<usize>row << 3);
      const bits = kind == INT64 ? load<u64>(at) ^ LEAST : kind == SAFE_INTEGER ? <u64><i64>load<f64>(at) ^ LEAST : ordered(load<f64>(at));
      store<u64>(to, bswap<u64>(bits));
      to += 8;
    }
  }
  return to;
}

export const LEAST: u64 = 1 << 63;

/** Bits of doubles in their order: there is one zero and one NaN, which is the last. */
// @ts-ignore: decorator
@inline
function ordered(value: f64): u64 {
  const bits = value == value ? reinterpret<u64>(value + 0) : 0x7ff8000000000000;
  return bits ^ (<u64>(<i64>bits >> 63) | LEAST);
}
