/** The first eight bytes of [at, end) as a number that orders as they do, zeros past the end. Reads eight bytes whatever the end is. */
// @ts-ignore: decorator
@inline
export function keyPrefix(at: usize, end: usize): u64 {
  const word = bswap<u64>(load<u64>(at));
  const left = end - at;
  if (left >= 8) return word;
  return left == 0 ? 0 : word & (<u64>-1 << ((8 - left) << 3));
}

/** Unsigned, byte by byte, the shorter first: below 0, 0 or above 0. */
export function compareBytes(a: usize, aEnd: usize, b: usize, bEnd: usize): i32 {
  const aSize = aEnd - a;
  const bSize = bEnd - b;
  const wholeEnd = a + (min(aSize, bSize) & ~7);
  while (a < wholeEnd) {
    const left = load<u64>(a);
    const right = load<u64>(b);
    if (left != right) return bswap<u64>(left) < bswap<u64>(right) ? -1 : 1;
    a += 8;
    b += 8;
  }
  const left = keyPrefix(a, min(aEnd, a + 8));
  const right = keyPrefix(b, min(bEnd, b + 8));
  if (left != right) return left < right ? -1 : 1;
  return aSize == bSize ? 0 : aSize < bSize ? -1 : 1;
}
