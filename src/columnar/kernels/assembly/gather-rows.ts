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

/** Rows that are copied together. */
const BATCH: i32 = 32;

/**
 * Copies rows order[from..to) end to end to `out`, as many as end before `limit`, and returns how many. Writes to
 * `offsets` (i32) where each begins, and behind the last where it ends. Reads up to 15 bytes behind each row, and writes over 272 at `limit`.
 *
 * Rows in order lie all over memory. So they are taken by the batch, in passes: one reads where they lie, one touches them, one
 * copies. The first two do nothing else, so that many cache misses are under way together; one by one, each row would wait for its own.
 */
export function gatherRows(places: usize, order: usize, from: i32, to: i32, offsets: usize, out: usize, limit: usize): i32 {
  const batch = limit + 16;
  let at = out;
  store<i32>(offsets, 0);
  for (let first = from; first < to; first += BATCH) {
    const end = batch + (<usize>min(BATCH, to - first) << 3);
    touchRows(places, order + (<usize>first << 2), batch, end, offsets + 4);
    for (let place = batch; place < end; place += 8) {
      const start = load<u32>(place);
      const size = <usize>(load<u32>(place, 4) - start);
      if (size > limit - at) return first - from + <i32>((place - batch) >> 3);
      copyShort(at, start, size);
      at += size;
      offsets += 4;
      store<i32>(offsets, <i32>(at - out));
    }
  }
  return to - from;
}

/** Copies the places of rows to batch..end and brings the rows into the cache: their first line or two, and the last. */
// @ts-ignore: decorator
@inline
function touchRows(places: usize, order: usize, batch: usize, end: usize, sink: usize): void {
  for (let place = batch; place < end; place += 8, order += 4) store<u64>(place, load<u64>(places + (<usize>load<u32>(order) << 3)));
  let touched: u32 = 0;
  for (let place = batch; place < end; place += 8) {
    const first = <usize>load<u32>(place);
    const last = <usize>load<u32>(place, 4) - 1;
    touched ^= load<u8>(first) ^ load<u8>(min(first + 64, last)) ^ load<u8>(last);
  }
  // Without a use of it the loop would be left out.
  store<u32>(sink, touched);
}
