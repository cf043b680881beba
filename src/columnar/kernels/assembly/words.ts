/**
 * Words of UTF-8 text, in two steps: `markWords` sets a bit for each byte that belongs to a word, 64 bytes at a
 * time, and `countWords` (count-words.ts) reads runs of bits. Word characters and apostrophes are as in executor/plain-words.ts: the
 * bits of `wordChars` say which characters up to U+FFFF are letters, digits or marks. Text must be valid, without
 * characters of four bytes, and 64 bytes of zeros stand behind it.
 */

/** Marks the words of text[0..length) in `mask`, a bit a byte; returns how many newlines there are. May lower A-Z in place. */
export function markWords(text: usize, length: i32, mask: usize, wordChars: usize, lowercase: bool): i32 {
  let newlines = 0;
  let all = i8x16.splat(0);
  let apostrophes = i8x16.splat(0);
  for (let x: usize = 0; x < <usize>length; ) {
    // Each lane counts its newlines, up to what it can hold.
    let counts = i8x16.splat(0);
    for (const end = min(<usize>length, x + 255 * 16); x < end; x += 16) {
      const bytes = v128.load(text + x);
      all = v128.or(all, bytes);
      apostrophes = v128.or(apostrophes, i8x16.eq(bytes, i8x16.splat(39)));
      counts = i8x16.sub(counts, i8x16.eq(bytes, i8x16.splat(10)));
      // Signed comparisons, which are one instruction: the first character of a range is put at -128.
      const isLetter = i8x16.lt_s(i8x16.sub(v128.or(bytes, i8x16.splat(32)), i8x16.splat(<i8>(97 - 128))), i8x16.splat(<i8>(26 - 128)));
      const isDigit = i8x16.lt_s(i8x16.sub(bytes, i8x16.splat(<i8>(48 - 128))), i8x16.splat(<i8>(10 - 128)));
      store<u16>(mask + (x >> 3), <u16>i8x16.bitmask(v128.or(isLetter, isDigit)));
      if (lowercase) v128.store(text + x, v128.or(bytes, v128.and(isLetter, i8x16.splat(32))));
    }
    newlines += laneSum(counts);
  }
  // Behind the last step, up to where `countWords` reads.
  store<u64>(mask + ((<usize>length + 15) >> 4 << 1), 0);
  const isPlain = !v128.any_true(v128.and(all, i8x16.splat(-128)));
  if (!isPlain) markWideCharacters(text, length, mask, wordChars);
  if (!isPlain || v128.any_true(apostrophes)) joinAtApostrophes(text, length, mask, isPlain);
  return newlines;
}

/** Of 16 unsigned bytes. */
function laneSum(counts: v128): i32 {
  const sums = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(counts));
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
}

/** Marks word characters of two and three bytes. */
function markWideCharacters(text: usize, length: i32, mask: usize, wordChars: usize): void {
  for (let x: usize = 0; x < <usize>length; x += 16) {
    const bytes = v128.load(text + x);
    if (i8x16.bitmask(bytes) == 0) continue;
    const ends = <u64>wordCharacterEnds(text + x, bytes, wordChars);
    let marks = (ends << 16) | (ends << 15);
    let leads = i8x16.bitmask(i8x16.ge_u(bytes, i8x16.splat(<i8>0xe0)));
    for (; leads != 0; leads &= leads - 1) {
      const lane = ctz(leads);
      const at = text + x + lane;
      const code = ((<u32>load<u8>(at) & 15) << 12) | ((<u32>load<u8>(at, 1) & 63) << 6) | (<u32>load<u8>(at, 2) & 63);
      const isWord = <u64>((load<u8>(wordChars + (code >> 3)) >> (code & 7)) & 1);
      marks |= (isWord * 7) << (16 + lane);
    }
    // A character may begin before these 16 bytes, and end behind them.
    const place = mask + (x >> 3) - 2;
    store<u64>(place, load<u64>(place) | marks);
  }
}

/**
 * Bits of the second bytes of word characters of two bytes. Those of one script mostly have one or two neighbouring first bytes, by which
 * 128 characters are told apart: the 16 bytes that hold their bits fit a vector, from which all lanes are looked up at once.
 */
// @ts-ignore: decorator
@inline
function wordCharacterEnds(at: usize, bytes: v128, wordChars: usize): u32 {
  const firsts = v128.load(at - 1);
  const isSecond = v128.and(i8x16.lt_s(bytes, i8x16.splat(-64)), i8x16.eq(v128.and(firsts, i8x16.splat(<i8>0xe0)), i8x16.splat(<i8>0xc0)));
  if (!v128.any_true(isSecond)) return 0;
  const pairs = v128.and(firsts, i8x16.splat(<i8>0xfe));
  const places = v128.or(v128.and(i8x16.shr_u(bytes, 3), i8x16.splat(7)), i8x16.shl(v128.and(firsts, i8x16.splat(1)), 3));
  const bits = i8x16.swizzle(i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0), v128.and(bytes, i8x16.splat(7)));
  let ends = 0;
  for (let left = i8x16.bitmask(isSecond); left != 0; ) {
    const pair = load<u8>(at + ctz(left) - 1) & 0xfe;
    const lanes = v128.and(isSecond, i8x16.eq(pairs, i8x16.splat(pair)));
    const found = v128.and(bits, i8x16.swizzle(v128.load(wordChars + (<usize>(pair & 31) << 3)), places));
    ends |= i8x16.bitmask(v128.and(lanes, i8x16.ne(found, i8x16.splat(0))));
    left &= ~i8x16.bitmask(lanes);
  }
  return <u32>ends;
}

/** An apostrophe (U+0027, U+2019) between two word characters belongs to the word. */
function joinAtApostrophes(text: usize, length: i32, mask: usize, isPlain: bool): void {
  for (let x: usize = 0; x < <usize>length; x += 16) {
    const bytes = v128.load(text + x);
    let found = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(39)));
    if (!isPlain) found |= i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(<i8>0xe2)));
    for (; found != 0; found &= found - 1) {
      const at = x + ctz(found);
      let size: usize = 1;
      if (load<u8>(text + at) == 0xe2) {
        if (load<u16>(text + at, 1) != 0x9980) continue;
        size = 3;
      }
      if (at > 0 && isMarked(mask, at - 1) && isMarked(mask, at + size)) mark(mask, at, size == 1 ? 1 : 7);
    }
  }
}

/** Sets up to three bits from bit `at` on. */
// @ts-ignore: decorator
@inline
function mark(mask: usize, at: usize, bits: u32): void {
  const place = mask + (at >> 3);
  store<u32>(place, load<u32>(place) | (bits << (<u32>at & 7)));
}

// @ts-ignore: decorator
@inline
function isMarked(mask: usize, at: usize): bool {
  return ((load<u8>(mask + (at >> 3)) >> (<u8>at & 7)) & 1) != 0;
}

/**
 * The first place at or behind `from` that `markWords` cannot judge: a character of four bytes or, when words are lowered,
 * a capital sigma, unless a Greek letter follows: its lower form depends on what stands around it. -1 when there is none.
 */
export function findForeign(text: usize, from: i32, length: i32, lowercase: bool): i32 {
  for (let x = from; x < length; x += 16) {
    const bytes = v128.load(text + x);
    let found = i8x16.bitmask(i8x16.ge_u(bytes, i8x16.splat(<i8>0xf0)));
    if (lowercase) found |= i8x16.bitmask(v128.and(i8x16.eq(bytes, i8x16.splat(<i8>0xce)), i8x16.eq(v128.load(text + x, 1), i8x16.splat(<i8>0xa3))));
    for (; found != 0; found &= found - 1) {
      const at = x + ctz(found);
      if (at >= length) return -1;
      if (load<u8>(text + at) >= 0xf0 || !isGreekLetter(text + at + 2)) return at;
    }
  }
  return -1;
}

/** One that has a case: U+0391 to U+03CE. */
// @ts-ignore: decorator
@inline
function isGreekLetter(at: usize): bool {
  const next = load<u8>(at, 1);
  return load<u8>(at) == 0xce ? next >= 0x91 && next != 0xa2 : load<u8>(at) == 0xcf && next <= 0x8e;
}
