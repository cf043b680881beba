import { copyShort } from "./copy-short";

/**
 * Copies the lines of text[0..length) without their endings (a newline, and one carriage return before it) end to end to `out`. Writes to `offsets`
 * (i32) where each begins, and behind the last where it ends; returns how many there are. Reads and writes up to 15 bytes too many.
 */
export function copyLines(text: usize, length: i32, out: usize, offsets: usize): i32 {
  const newline = i8x16.splat(10);
  const end = text + length;
  const first = offsets;
  let start = text;
  let to = out;
  store<i32>(offsets, 0);
  for (let at = text; at < end; at += 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(at), newline));
    if (end - at < 16) found &= (1 << <i32>(end - at)) - 1;
    for (; found != 0; found &= found - 1) {
      const next = at + ctz(found) + 1;
      let size = next - 1 - start;
      if (size > 0 && load<u8>(next - 2) == 13) size--;
      copyShort(to, start, size);
      to += size;
      offsets += 4;
      store<i32>(offsets, <i32>(to - out));
      start = next;
    }
  }
  // The last line of a file may have no ending.
  if (start < end) {
    copyShort(to, start, end - start);
    offsets += 4;
    store<i32>(offsets, <i32>(to + (end - start) - out));
  }
  return <i32>((offsets - first) >> 2);
}
