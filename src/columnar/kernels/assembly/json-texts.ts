// Texts of JSON: where they end, and what they say once their escapes are resolved.

const QUOTE: u8 = 34;
const BACKSLASH: u8 = 92;
const U: u8 = 117;
/** What a lone surrogate becomes in UTF-8. */
const REPLACEMENT: u32 = 0xfffd;

/** Where the next quote, backslash or control character stands; 0 where there is none before `to`. */
// @ts-ignore: decorator
@inline
export function textEnd(at: usize, to: usize): usize {
  for (; at < to; at += 16) {
    const block = v128.load(at);
    const marks = i8x16.bitmask(v128.or(v128.or(i8x16.eq(block, i8x16.splat(QUOTE)), i8x16.eq(block, i8x16.splat(BACKSLASH))), i8x16.lt_u(block, i8x16.splat(32))));
    if (marks != 0) return at + <usize>ctz(marks);
  }
  return 0;
}

/** Behind the closing quote of a string that begins at `at`. */
export function quotedEnd(at: usize, to: usize): usize {
  while (at != 0) {
    at = textEnd(at, to);
    if (at == 0) break;
    const mark = load<u8>(at);
    if (mark == QUOTE) return at + 1;
    at = mark == BACKSLASH ? escapeEnd(at + 1) : 0;
  }
  return 0;
}

/**
 * Copies a valid text, [start, end), without its escapes, and returns where the copy ends: two escaped surrogates are one character. Behind `end` stands
 * the closing quote. Reads and writes up to 15 bytes more.
 */
export function unescape(to: usize, start: usize, end: usize): usize {
  const backslashes = i8x16.splat(BACKSLASH);
  while (true) {
    const block = v128.load(start);
    v128.store(to, block);
    const run = <usize>ctz(i8x16.bitmask(i8x16.eq(block, backslashes)) | 0x10000);
    if (start + run >= end) return to + (end - start);
    start += run;
    to += run;
    if (run == 16) continue;
    const letter = load<u8>(start, 1);
    if (letter != U) {
      store<u8>(to++, meaningOf(letter));
      start += 2;
      continue;
    }
    let code = unitAt(start + 2);
    start += 6;
    if (code >> 11 == 0xd800 >> 11) {
      // A backslash and a u.
      const low = code >> 10 == 0xd800 >> 10 && load<u16>(start) == 0x755c ? unitAt(start + 2) : 0;
      if (low >> 10 == 0xdc00 >> 10) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        start += 6;
      } else code = REPLACEMENT;
    }
    to = putCharacter(to, code);
  }
}

function meaningOf(letter: u8): u8 {
  switch (letter) {
    case 98:
      return 8;
    case 102:
      return 12;
    case 110:
      return 10;
    case 114:
      return 13;
    case 116:
      return 9;
    default:
      return letter;
  }
}

/** Four digits of base 16. */
function unitAt(at: usize): u32 {
  let unit: u32 = 0;
  for (let i: usize = 0; i < 4; i++) {
    const digit = <u32>load<u8>(at + i);
    unit = (unit << 4) | ((digit & 15) + 9 * (digit >> 6));
  }
  return unit;
}

/** Writes a character in UTF-8; returns where it ends. */
function putCharacter(to: usize, code: u32): usize {
  if (code < 0x80) {
    store<u8>(to, <u8>code);
    return to + 1;
  }
  const size: usize = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (let i = size - 1; i > 0; i--) {
    store<u8>(to + i, <u8>(0x80 | (code & 63)));
    code >>= 6;
  }
  // As many ones from the top as there are bytes.
  store<u8>(to, <u8>((0xf00 >> <u32>size) | code));
  return to + size;
}

/** Behind an escape, of which `at` is the letter; 0 for none that JSON has. */
function escapeEnd(at: usize): usize {
  const letter = load<u8>(at);
  // " / \ b f n r t
  if (letter == QUOTE || letter == 47 || letter == BACKSLASH || letter == 98 || letter == 102 || letter == 110 || letter == 114 || letter == 116) return at + 1;
  if (letter != U) return 0;
  for (let i: usize = 1; i <= 4; i++) {
    const digit = load<u8>(at + i);
    if (digit - 48 >= 10 && (digit | 32) - 97 >= 6) return 0;
  }
  return at + 5;
}

/** Behind spaces, tabs and returns. A newline ends the line. */
// @ts-ignore: decorator
@inline
export function space(at: usize, to: usize): usize {
  for (; at < to; at++) {
    const byte = load<u8>(at);
    if (byte > 32 || (byte != 32 && byte != 9 && byte != 13)) break;
  }
  return at;
}
