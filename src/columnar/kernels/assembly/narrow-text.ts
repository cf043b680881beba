/**
 * Rewrites UTF-8 text[0..length) as Latin-1 at `out` and returns how many characters it has; -1 where a character is above U+00FF or
 * the text is not valid. Reads and writes up to 15 bytes too many; at least one zero stands behind the text.
 */
export function narrowText(text: usize, length: i32, out: usize): i32 {
  const end = text + length;
  let to = out;
  while (text < end) {
    const bytes = v128.load(text);
    v128.store(to, bytes);
    const wide = i8x16.bitmask(bytes);
    const plain = wide == 0 ? <usize>16 : <usize>ctz(wide);
    text += plain;
    to += plain;
    if (wide == 0 || text >= end) continue;
    const lead = load<u8>(text);
    const next = load<u8>(text, 1);
    if ((lead & 0xfe) != 0xc2 || (next & 0xc0) != 0x80) return -1;
    store<u8>(to, (lead << 6) | (next & 0x3f));
    text += 2;
    to++;
  }
  return <i32>(to - out - (text - end));
}
