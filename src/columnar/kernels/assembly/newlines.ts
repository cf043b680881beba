/**
 * Writes the position of each newline in bytes [from, to) to `found` (i32 each, relative to `base`), at most
 * `most` of them, and returns how many. Reads 16 bytes a step, up to 15 behind `to`: the caller leaves slack.
 */
export function indexNewlines(base: usize, from: usize, to: usize, found: usize, most: i32): i32 {
  const newline = i8x16.splat(10);
  let count = 0;
  for (let at = from; at < to; at += 16) {
    let mask = i8x16.bitmask(i8x16.eq(v128.load(at), newline));
    if (to - at < 16) mask &= (1 << <i32>(to - at)) - 1;
    while (mask != 0) {
      if (count == most) return count;
      store<i32>(found + (<usize>count << 2), <i32>(at - base) + ctz(mask));
      count++;
      mask &= mask - 1;
    }
  }
  return count;
}
