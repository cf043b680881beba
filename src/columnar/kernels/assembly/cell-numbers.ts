/**
 * Reads one column of records that indexCells has found as numbers. Digits go eight at a time: a field's
 * characters are loaded from its end, its point is taken out, and three multiplications give their value. Returns
 * how many records it read: less than `rows` where a field is no such number, or one for a closer look.
 */

/** Up to 16 digits with sign and point. A quotient of exact doubles is the nearest double (Clinger); at `tens` lie 10^0 to 10^15. */
export function readFloats(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, tens: usize, out: usize): i32 {
  for (let row = 0; row < rows; row++) {
    const field = found + (<usize>(row * width + column) << 2);
    let start = base + <usize>place(load<i32>(field - 4)) + 1;
    let end = fieldEnd(base, load<i32>(field), start);
    // An empty field's first byte is its separator.
    let sign = <i32>load<u8>(start);
    if (sign == quote) {
      start++;
      end--;
      sign = <i32>load<u8>(start);
    }
    // Signs are hard to predict, so they cost no branch.
    const negative = sign == 45;
    start += <usize>(<i32>(sign == 45) | <i32>(sign == 43));
    const length = <i32>(end - start);
    if (length <= 0 || length > 16) return row;
    let decimals = 0;
    let digits = length;
    let value: u64;
    if (length <= 8) {
      // Shifts by a variable are slow, so one mask serves throughout.
      let ours = head(8 - length);
      let low = load<u64>(end - 8) & ours;
      const point = pointOf(low);
      if (point != 0) {
        const lowest = point & (<u64>0 - point);
        decimals = 7 - <i32>(ctz(point) >> 3);
        low = ((low & ((lowest >> 7) - 1)) << 8) | (low & (<u64>0 - (lowest << 1)));
        ours <<= 8;
        if (ours == 0) return row;
      }
      low = (low ^ ZEROS) & ours;
      if (!areDigits(low)) return row;
      value = eightDigits(low);
    } else {
      let low = load<u64>(end - 8);
      let high = load<u64>(end - 16) & head(16 - length);
      let point = pointOf(low);
      if (point != 0) {
        const bit = <u64>ctz(point) & 56;
        const below = ((<u64>1) << bit) - 1;
        decimals = 7 - <i32>(bit >> 3);
        low = ((low & below) << 8) | (low & ((~(<u64>0) - 255) << bit)) | (high >> 56);
        high <<= 8;
        digits--;
      } else {
        point = pointOf(high);
        if (point != 0) {
          const bit = <u64>ctz(point) & 56;
          const below = ((<u64>1) << bit) - 1;
          decimals = 15 - <i32>(bit >> 3);
          high = ((high & below) << 8) | (high & ((~(<u64>0) - 255) << bit));
          digits--;
        }
      }
      low ^= ZEROS;
      if (!areDigits(low)) return row;
      value = eightDigits(low);
      if (digits > 8) {
        high = (high ^ ZEROS) & head(16 - digits);
        if (!areDigits(high)) return row;
        value += eightDigits(high) * 100000000;
        if (value > 9007199254740992) return row;
      }
    }
    // At most 2^53, and conversion from signed numbers is one instruction.
    let number = <f64><i64>value;
    if (decimals > 0) number /= load<f64>(tens + (<usize>decimals << 3));
    store<u64>(out + (<usize>row << 3), reinterpret<u64>(number) | (<u64>negative << 63));
  }
  return rows;
}

/** Integers of up to 16 digits with an optional sign, within [least, most]: as i32 (kind 0), f64 (1) or i64 (2). */
export function readIntegers(base: usize, found: usize, rows: i32, width: i32, column: i32, quote: i32, out: usize, kind: i32): i32 {
  for (let row = 0; row < rows; row++) {
    const field = found + (<usize>(row * width + column) << 2);
    let start = base + <usize>place(load<i32>(field - 4)) + 1;
    let end = fieldEnd(base, load<i32>(field), start);
    // An empty field's first byte is its separator.
    let sign = <i32>load<u8>(start);
    if (sign == quote) {
      start++;
      end--;
      sign = <i32>load<u8>(start);
    }
    // Signs are hard to predict, so they cost no branch.
    const negative = sign == 45;
    start += <usize>(<i32>(sign == 45) | <i32>(sign == 43));
    const length = <i32>(end - start);
    if (length <= 0 || length > 16) return row;
    let value: i64;
    if (length <= 8) {
      const low = (load<u64>(end - 8) ^ ZEROS) & head(8 - length);
      if (!areDigits(low)) return row;
      value = eightDigits(low);
    } else {
      const low = load<u64>(end - 8) ^ ZEROS;
      const high = (load<u64>(end - 16) ^ ZEROS) & head(16 - length);
      if (!areDigits(low) || !areDigits(high)) return row;
      value = eightDigits(high) * 100000000 + eightDigits(low);
    }
    value = select<i64>(-value, value, negative);
    if (kind == 0) {
      if (value != <i64>(<i32>value)) return row;
      store<i32>(out + (<usize>row << 2), <i32>value);
    } else if (kind == 1) {
      if (value > 9007199254740991 || value < -9007199254740991) return row;
      store<f64>(out + (<usize>row << 3), <f64>value);
    } else store<i64>(out + (<usize>row << 3), value);
  }
  return rows;
}

const ZEROS: u64 = 0x3030303030303030;

// @ts-ignore: decorator
@inline
export function place(separator: i32): i32 {
  return separator ^ (separator >> 31);
}

/** Where a field ends: before its separator, and before a return that belongs to the newline. */
// @ts-ignore: decorator
@inline
export function fieldEnd(base: usize, separator: i32, start: usize): usize {
  if (separator >= 0) return base + <usize>separator;
  const end = base + <usize>~separator;
  return end > start && load<u8>(end - 1) == 13 ? end - 1 : end;
}

/** All bytes but the `count` lowest ones, 0 to 7 (the mask of none for 8). */
// @ts-ignore: decorator
@inline
function head(count: i32): u64 {
  return ~(<u64>0) << (<u64>count << 3);
}

/** Not 0 when some byte is a point; the lowest bit then lies in the first of them. */
// @ts-ignore: decorator
@inline
function pointOf(word: u64): u64 {
  const other = word ^ 0x2e2e2e2e2e2e2e2e;
  return (other - 0x0101010101010101) & ~other & 0x8080808080808080;
}

// @ts-ignore: decorator
@inline
function areDigits(word: u64): bool {
  return (((word + 0x7676767676767676) | word) & 0x8080808080808080) == 0;
}

/** The number of eight digits 0 to 9, the first in the lowest byte. */
// @ts-ignore: decorator
@inline
function eightDigits(digits: u64): u64 {
  const pairs = digits * 10 + (digits >> 8);
  return ((pairs & 0x000000ff000000ff) * 0x000f424000000064 + ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
}
