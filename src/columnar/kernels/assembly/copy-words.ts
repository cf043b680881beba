import { copyShort } from "./copy-short";

/**
 * Copies the words that `markWords` marked in text[0..length) end to end to `out`, and writes to `offsets` (i32) where each begins, and behind the last
 * where it ends. Returns how many they are. Marks and text are followed by 64 bytes of zeros; up to 15 bytes behind the last word are written over.
 */
export function copyWords(text: usize, mask: usize, length: i32, out: usize, offsets: usize): i32 {
  let inside: u64 = 0;
  let start: usize = 0;
  let at = out;
  let next = offsets;
  for (let x = 0; x <= length; x += 64) {
    const bits = load<u64>(mask + (<usize>x >> 3));
    let changes = bits ^ ((bits << 1) | inside);
    for (; changes != 0; changes &= changes - 1) {
      const place = text + x + <usize>ctz(changes);
      if (inside == 0) start = place;
      else {
        store<i32>(next, <i32>(at - out));
        next += 4;
        copyShort(at, start, place - start);
        at += place - start;
      }
      inside ^= 1;
    }
  }
  store<i32>(next, <i32>(at - out));
  return <i32>((next - offsets) >> 2);
}
