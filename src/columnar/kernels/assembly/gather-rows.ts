import { copyShort } from "./copy-short";

/** Writes the address range of each value of a bytes column to `places`, a pair of u32 each. */
export function placeRows(offsets: usize, bytes: usize, rows: i32, places: usize): void {
  let start = load<u32>(offsets) + <u32>bytes;
  for (let row = 0; row < rows; row++) {
    const end = load<u32>(offsets + (<usize>row << 2), 4) + <u32>bytes;
    store<u32>(places, start);
    store<u32>(places, end, 4);
    places += 8;
    start = end;
  }
}

/** The same for the bytes [from, to) of each value. */
export function placeParts(offsets: usize, bytes: usize, rows: i32, from: u32, to: u32, places: usize): void {
  for (let row = 0; row < rows; row++) {
    const start = load<u32>(offsets + (<usize>row << 2)) + <u32>bytes;
    store<u32>(places, start + from);
    store<u32>(places, start + to, 4);
    places += 8;
  }
}

/**
 * Copies rows order[from..to) end to end to `out`, as many as end before `limit`, and returns how many. Writes to
 * `offsets` (i32) where each begins, and behind the last where it ends. Up to 15 bytes at `limit` are written over, and read behind each row.
 */
export function gatherRows(places: usize, order: usize, from: i32, to: i32, offsets: usize, out: usize, limit: usize): i32 {
  let at = out;
  store<i32>(offsets, 0);
  for (let i = from; i < to; i++) {
    const place = places + (<usize>load<u32>(order + (<usize>i << 2)) << 3);
    const start = load<u32>(place);
    const size = <usize>(load<u32>(place, 4) - start);
    if (size > limit - at) return i - from;
    copyShort(at, start, size);
    at += size;
    offsets += 4;
    store<i32>(offsets, <i32>(at - out));
  }
  return to - from;
}
