import { compareBytes, keyPrefix } from "./key-prefix";

/**
 * Writes to `codes` (i32) how many splitters are not above each key. Key i is bytes [offsets[i], offsets[i + 1])
 * behind `bytes`. `prefixes` holds the first eight bytes of each splitter as a u64 that orders as they do,
 * `places` its address range (a pair of u32), and `table` (i32, 2^12 + 1) how many splitters begin with bits below each value of the first twelve.
 */
export function rangeCodes(offsets: usize, bytes: usize, rows: i32, prefixes: usize, places: usize, table: usize, codes: usize): void {
  for (let row = 0; row < rows; row++) {
    const start = bytes + load<u32>(offsets);
    const end = bytes + load<u32>(offsets, 4);
    offsets += 4;
    const key = keyPrefix(start, end);
    const bucket = table + (<usize>(key >> 52) << 2);
    let low = load<i32>(bucket);
    let high = load<i32>(bucket, 4);
    while (low < high) {
      const middle = (low + high) >> 1;
      const splitter = load<u64>(prefixes + (<usize>middle << 3));
      const below = key == splitter ? isBelow(start, end, places + (<usize>middle << 3)) : key < splitter;
      if (below) high = middle;
      else low = middle + 1;
    }
    store<i32>(codes, low);
    codes += 4;
  }
}

function isBelow(start: usize, end: usize, place: usize): bool {
  return compareBytes(start, end, load<u32>(place), load<u32>(place, 4)) < 0;
}
