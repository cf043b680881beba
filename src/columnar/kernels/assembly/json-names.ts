import { quotedEnd, space, textEnd, unescape } from "./json-texts";

/**
 * Names that lines had, 12 bytes each: where one stands with its quotes and its colon, how many bytes those are, and which wanted member it is. Most
 * lines have the same names in the same order: then a name is compared with the next of these, 16 bytes at once, and not looked for.
 */
const known: usize = memory.data(12 * 32, 16);
const MOST: i32 = 32;
let names: i32 = 0;
let next: i32 = 0;

/** Which wanted member has the name that was read last; -1 for none. */
export let member: i32 = -1;

const QUOTE: u8 = 34;
const COLON: u8 = 58;

/** To be called before other text is read than before. */
export function forgetNames(): void {
  names = 0;
}

export function beginLine(): void {
  next = 0;
}

/** Behind the colon of a name that begins at `at`, and sets `member`; 0 where there is none. `scratch` is for names with escapes. */
// @ts-ignore: decorator
@inline
export function nameEnd(at: usize, to: usize, wanted: usize, count: i32, scratch: usize): usize {
  const name = known + <usize>next * 12;
  if (next < names && areAlike(at, load<u32>(name), load<u32>(name, 4))) {
    member = load<i32>(name, 8);
    follow(next);
    return at + load<u32>(name, 4);
  }
  return searchName(at, to, wanted, count, scratch);
}

function searchName(at: usize, to: usize, wanted: usize, count: i32, scratch: usize): usize {
  if (load<u8>(at) != QUOTE) return 0;
  const start = at + 1;
  let end = textEnd(start, to);
  if (end != 0 && load<u8>(end) == QUOTE) {
    if (load<u8>(end, 1) == COLON) {
      learn(at, <u32>(end - at) + 2, wanted, count);
      return end + 2;
    }
    member = wantedMember(start, <u32>(end - start), wanted, count);
    end++;
  } else {
    end = quotedEnd(end, to);
    if (end == 0) return 0;
    member = wantedMember(scratch, <u32>(unescape(scratch, start, end - 1) - scratch), wanted, count);
  }
  end = space(end, to);
  return load<u8>(end) == COLON ? end + 1 : 0;
}

/** Finds a name among those that are known, or takes it in; what comes behind it is expected to be what came then. */
function learn(at: usize, size: u32, wanted: usize, count: i32): void {
  for (let i = 0; i < names; i++) {
    const name = known + <usize>i * 12;
    if (load<u32>(name, 4) != size || !areAlike(at, load<u32>(name), size)) continue;
    member = load<i32>(name, 8);
    follow(i);
    return;
  }
  member = wantedMember(at + 1, size - 3, wanted, count);
  if (names == MOST) return;
  const name = known + <usize>names * 12;
  store<u32>(name, <u32>at);
  store<u32>(name, size, 4);
  store<i32>(name, member, 8);
  follow(names++);
}

/** Members may begin with any of them. */
// @ts-ignore: decorator
@inline
function follow(name: i32): void {
  next = name + 1 < names ? name + 1 : 0;
}

function wantedMember(name: usize, length: u32, wanted: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const entry = wanted + <usize>i * 12;
    if (load<u32>(entry, 4) == length && areAlike(name, load<u32>(entry), length)) return i;
  }
  return -1;
}

/** Reads up to 15 bytes more. */
// @ts-ignore: decorator
@inline
function areAlike(left: usize, right: usize, length: u32): bool {
  let at: u32 = 0;
  let same: u32;
  do {
    same = <u32>ctz(~i8x16.bitmask(i8x16.eq(v128.load(left + at), v128.load(right + at))));
    at += 16;
  } while (same == 16 && at < length);
  return at - 16 + same >= length;
}
