/**
 * Turns offsets of rows in UTF-8, `rows` + 1 of them from 0 on, into those of the same text in UTF-16. Each character has one unit, and one of four bytes two. Reads up
 * to 15 bytes behind the last row.
 */
export function countUnits(text: usize, offsets: usize, rows: i32): void {
  let at = text;
  let units = 0;
  for (let row = 0; row < rows; row++) {
    offsets += 4;
    const end = text + load<u32>(offsets);
    for (; at + 16 <= end; at += 16) units += unitsOf(v128.load(at), 0xffff);
    if (at < end) units += unitsOf(v128.load(at), (1 << <i32>(end - at)) - 1);
    at = end;
    store<i32>(offsets, units);
  }
}

/** Of the bytes that `mask` chooses. */
// @ts-ignore: decorator
@inline
function unitsOf(bytes: v128, mask: i32): i32 {
  const continued = i8x16.bitmask(i8x16.lt_s(bytes, i8x16.splat(-64))) & mask;
  const four = i8x16.bitmask(i8x16.ge_u(bytes, i8x16.splat(<i8>0xf0))) & mask;
  return popcnt(mask) - popcnt(continued) + popcnt(four);
}
