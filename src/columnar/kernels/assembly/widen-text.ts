/**
 * Valid UTF-8 as UTF-16, 16 bytes at once: each lane makes the unit of a character that would end there, from its byte and the two before;
 * then the lanes where none ends are left out.
 */

/** For each choice of 8 units: which bytes of them stay, in order. */
const CHOICES: usize = memory.data(256 * 16, 16);

/** Rewrites text[0..length) at `out` and returns how many units it has. Reads and writes up to 32 bytes too many; 64 zeros stand behind the text. */
export function widenText(text: usize, length: i32, out: usize): i32 {
  writeChoices();
  const end = text + length;
  let to = out;
  while (text < end) {
    const bytes = v128.load(text);
    if (i8x16.bitmask(bytes) == 0) {
      v128.store(to, i16x8.extend_low_i8x16_u(bytes));
      v128.store(to, i16x8.extend_high_i8x16_u(bytes), 16);
      to += 32;
      text += 16;
    } else if (!v128.any_true(i8x16.ge_u(bytes, i8x16.splat(<i8>0xf0)))) {
      to = widenStep(text, bytes, to);
      text += 16;
    } else {
      const stop = min(text + 16, end);
      // What the step before left of a character.
      while (isContinued(text)) text--;
      while (text < stop) {
        const lead = <u32>load<u8>(text);
        const isWide = lead >= 0xf0;
        store<u32>(to, unitsAt(text, lead));
        to += 2 << <usize>isWide;
        text += 1 + <usize>(lead >= 0xc0) + <usize>(lead >= 0xe0) + <usize>isWide;
      }
    }
  }
  return <i32>(((to - out) >> 1) - (text - end));
}

/** Of 16 bytes without characters of four, those characters that end in them. */
// @ts-ignore: decorator
@inline
function widenStep(text: usize, bytes: v128, to: usize): usize {
  const before = v128.load(text - 1);
  const isLater = i8x16.lt_s(bytes, i8x16.splat(-64));
  const isThird = v128.and(isLater, i8x16.lt_s(before, i8x16.splat(-64)));
  const low = v128.andnot(bytes, v128.and(isLater, i8x16.splat(-64)));
  const middle = v128.and(before, v128.and(isLater, i8x16.splat(63)));
  const high = v128.and(v128.load(text - 2), isThird);
  const lowBytes = v128.or(low, i8x16.shl(middle, 6));
  const highBytes = v128.or(i8x16.shr_u(middle, 2), i8x16.shl(high, 4));
  const ends = ~i8x16.bitmask(i8x16.lt_s(v128.load(text, 1), i8x16.splat(-64)));
  to = storeChosen(i8x16.shuffle(lowBytes, highBytes, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), ends & 255, to);
  return storeChosen(i8x16.shuffle(lowBytes, highBytes, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), (ends >> 8) & 255, to);
}

// @ts-ignore: decorator
@inline
function storeChosen(units: v128, choice: i32, to: usize): usize {
  v128.store(to, i8x16.swizzle(units, v128.load(CHOICES + (<usize>choice << 4))));
  return to + (<usize>popcnt(choice) << 1);
}

/** One or two units of the character that begins here, without branches, which mixed scripts would make the processor guess wrong. */
// @ts-ignore: decorator
@inline
function unitsAt(text: usize, lead: u32): u32 {
  const bytes = load<u32>(text);
  const second = (bytes >> 8) & 63;
  const third = (bytes >> 16) & 63;
  const two = ((lead & 31) << 6) | second;
  const three = ((lead & 15) << 12) | (second << 6) | third;
  const four = ((lead & 7) << 18) | (second << 12) | (third << 6) | ((bytes >> 24) & 63);
  const pair = (0xd7c0 + (four >> 10)) | ((0xdc00 | (four & 0x3ff)) << 16);
  return select<u32>(lead, select<u32>(two, select<u32>(three, pair, lead < 0xf0), lead < 0xe0), lead < 0xc0);
}

// @ts-ignore: decorator
@inline
function isContinued(at: usize): bool {
  return (load<u8>(at) & 0xc0) == 0x80;
}

/** At each call, for memory may have served something else. */
function writeChoices(): void {
  for (let choice = 0; choice < 256; choice++) {
    let to = CHOICES + (<usize>choice << 4);
    for (let left = choice; left != 0; left &= left - 1, to += 2) store<u16>(to, <u16>(0x100 + ctz(left) * 0x202));
  }
}
