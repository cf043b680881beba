import { beginLine, forgetNames, member, nameEnd } from "./json-names";
import { quotedEnd, space, textEnd, unescape } from "./json-texts";

/**
 * Finds the members of JSON lines, so that the kernels of cells can read them: an object a line, 2 * count + 1
 * entries of `found` for each, relative to `base`. Wanted member i lies between the bytes at entries 2i and 2i + 1, a
 * text without its quotes; behind all of them stands the newline. A member that is null or not there lies, empty,
 * behind the brace that begins the line: no text does.
 *
 * `wanted` holds, for each member, its name's address, its name's length and what it may be (TEXT, NUMBER, NULL, BOOLEAN). The whole of
 * a line is checked. A wanted text with escapes is put right at `scratch`, behind a quote of its own; as many bytes have room there
 * as the lines have. The search stops at a line that takes a closer look: what is no object or no JSON, a wanted member that is
 * of another kind, or there twice. Returns how many lines it found, at most `most`. Reads and writes up to 15 bytes more.
 */
export function findMembers(base: usize, from: usize, to: usize, wanted: usize, count: i32, scratch: usize, found: usize, most: i32): i32 {
  free = scratch;
  forgetNames();
  const size = <usize>(2 * count + 1) << 2;
  let lines = 0;
  for (let at = from; lines < most && at < to; lines++) {
    const newline = findInLine(base, at, to, wanted, count, found);
    if (newline == 0) break;
    store<i32>(found + size - 4, <i32>(newline - base));
    found += size;
    at = newline + 1;
  }
  return lines;
}

/** Where the next text with escapes goes. */
let free: usize = 0;

const TEXT: i32 = 1;
const NUMBER: i32 = 2;
const NULL: i32 = 4;
const BOOLEAN: i32 = 8;

const QUOTE: u8 = 34;
const COMMA: u8 = 44;
const MINUS: u8 = 45;
const COLON: u8 = 58;
const OPEN: u8 = 123;
const CLOSE: u8 = 125;

/** Deeper than this, a value takes a closer look. */
const DEPTH: i32 = 64;

/** Where the line's newline stands; 0 for a line that takes a closer look. */
function findInLine(base: usize, line: usize, to: usize, wanted: usize, count: i32, found: usize): usize {
  let at = space(line, to);
  const brace = at;
  if (load<u8>(at) != OPEN) return 0;
  for (let i = 0; i < count; i++) store<i32>(found + (<usize>i << 3), -1);
  at = space(at + 1, to);
  if (load<u8>(at) == CLOSE) at++;
  else {
    beginLine();
    for (;;) {
      at = nameEnd(at, to, wanted, count, free);
      if (at == 0) return 0;
      at = space(at, to);
      at = member < 0 ? valueEnd(at, to, 0) : takeMember(base, at, to, brace, load<i32>(wanted + <usize>member * 12, 8), found + (<usize>member << 3));
      if (at == 0) return 0;
      at = space(at, to);
      if (load<u8>(at) == CLOSE) break;
      if (load<u8>(at) != COMMA) return 0;
      at = space(at + 1, to);
    }
    at++;
  }
  at = space(at, to);
  if (at >= to || load<u8>(at) != 10) return 0;
  for (let i = 0; i < count; i++) {
    if (load<i32>(found + (<usize>i << 3)) >= 0) continue;
    if ((load<i32>(wanted + <usize>i * 12, 8) & NULL) == 0) return 0;
    putEmpty(<i32>(brace - base), found + (<usize>i << 3));
  }
  return at;
}

/** Sets the place of a value; returns its end, or 0. */
// @ts-ignore: decorator
@inline
function takeMember(base: usize, at: usize, to: usize, brace: usize, kinds: i32, place: usize): usize {
  if (load<i32>(place) >= 0) return 0;
  const first = load<u8>(at);
  let end: usize;
  if (first == QUOTE) {
    if ((kinds & TEXT) == 0) return 0;
    end = textEnd(at + 1, to);
    if (end != 0 && load<u8>(end) == QUOTE) {
      store<i32>(place, <i32>(at - base));
      store<i32>(place, <i32>(end - base), 4);
      return end + 1;
    }
    end = quotedEnd(end, to);
    if (end == 0) return 0;
    store<u8>(free, QUOTE);
    store<i32>(place, <i32>(free - base));
    free = unescape(free + 1, at + 1, end - 1);
    store<i32>(place, <i32>(free - base), 4);
    return end;
  }
  if (first == MINUS || isDigit(first)) {
    end = numberEnd(at, to);
    if (end == 0 || (kinds & NUMBER) == 0) return 0;
    store<i32>(place, <i32>(at - base) - 1);
    store<i32>(place, <i32>(end - base), 4);
    return end;
  }
  if ((kinds & BOOLEAN) != 0 && (first == 116 || first == 102)) {
    end = otherEnd(at, to, 0);
    if (end == 0) return 0;
    store<i32>(place, <i32>(at - base) - 1);
    store<i32>(place, <i32>(end - base), 4);
    return end;
  }
  if ((kinds & NULL) == 0 || load<u32>(at) != 0x6c6c756e) return 0;
  putEmpty(<i32>(brace - base), place);
  return at + 4;
}

// @ts-ignore: decorator
@inline
function putEmpty(brace: i32, place: usize): void {
  store<i32>(place, brace);
  store<i32>(place, brace + 1, 4);
}

/** Behind a value of any kind; 0 where it is none, or nested too deeply. */
// @ts-ignore: decorator
@inline
function valueEnd(at: usize, to: usize, depth: i32): usize {
  if (load<u8>(at) != QUOTE) return otherEnd(at, to, depth);
  at = textEnd(at + 1, to);
  return at != 0 && load<u8>(at) == QUOTE ? at + 1 : quotedEnd(at, to);
}

/** Behind a value that is no text. */
function otherEnd(at: usize, to: usize, depth: i32): usize {
  const first = load<u8>(at);
  if (first == MINUS || isDigit(first)) return numberEnd(at, to);
  if (first == OPEN || first == 91) return nestedEnd(at, to, depth);
  const word = load<u32>(at);
  if (word == 0x65757274 || word == 0x6c6c756e) return at + 4;
  return first == 102 && load<u32>(at, 1) == 0x65736c61 ? at + 5 : 0;
}

/** Behind an object or an array. */
function nestedEnd(at: usize, to: usize, depth: i32): usize {
  if (depth == DEPTH) return 0;
  const named = load<u8>(at) == OPEN;
  const close: u8 = named ? CLOSE : 93;
  at = space(at + 1, to);
  if (load<u8>(at) == close) return at + 1;
  while (at < to) {
    if (named) {
      if (load<u8>(at) != QUOTE) return 0;
      at = quotedEnd(at + 1, to);
      if (at == 0) return 0;
      at = space(at, to);
      if (load<u8>(at) != COLON) return 0;
      at = space(at + 1, to);
    }
    at = load<u8>(at) == QUOTE ? quotedEnd(at + 1, to) : otherEnd(at, to, depth + 1);
    if (at == 0) return 0;
    at = space(at, to);
    if (load<u8>(at) == close) return at + 1;
    if (load<u8>(at) != COMMA) return 0;
    at = space(at + 1, to);
  }
  return 0;
}

/** Behind a number as JSON has it. */
function numberEnd(at: usize, to: usize): usize {
  if (load<u8>(at) == MINUS) at++;
  if (load<u8>(at) == 48) at++;
  else {
    const digits = at;
    at = digitsEnd(at, to);
    if (at == digits) return 0;
  }
  if (load<u8>(at) == 46) {
    const decimals = at + 1;
    at = digitsEnd(decimals, to);
    if (at == decimals) return 0;
  }
  if ((load<u8>(at) | 32) == 101) {
    at++;
    if (load<u8>(at) == 43 || load<u8>(at) == MINUS) at++;
    const exponent = at;
    at = digitsEnd(at, to);
    if (at == exponent) return 0;
  }
  return at;
}

// @ts-ignore: decorator
@inline
function digitsEnd(at: usize, to: usize): usize {
  for (; at < to; at += 16) {
    const others = i8x16.bitmask(i8x16.ge_u(i8x16.sub(v128.load(at), i8x16.splat(48)), i8x16.splat(10)));
    if (others != 0) return at + <usize>ctz(others);
  }
  return at;
}

// @ts-ignore: decorator
@inline
function isDigit(byte: u8): bool {
  return byte - 48 < 10;
}
