const ZERO = 48;

/** Writes a whole number from 0 to 2^53 in decimal and returns the place after it. */
export function writeInteger(value: number, out: Uint8Array, at: number): number {
  return writePadded(value, countDigits(value), out, at);
}

/** Writes the last `width` decimal digits of a whole number, with zeros in front, and returns the place after them. */
export function writePadded(value: number, width: number, out: Uint8Array, at: number): number {
  const end = at + width;
  let place = end;
  let rest = value;
  // 32-bit division is much quicker than that of doubles, so only the digits above 2^31 go the long way.
  while (rest > 0x7fffffff && place > at) {
    const tenth = Math.floor(rest / 10);
    out[--place] = ZERO + (rest - tenth * 10);
    rest = tenth;
  }
  let short = rest | 0;
  while (place > at) {
    const tenth = (short / 10) | 0;
    out[--place] = ZERO + (short - tenth * 10);
    short = tenth;
  }
  return end;
}

function countDigits(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}
