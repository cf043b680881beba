import { LEAST_POWER, MOST_POWER, powerOfFive } from "./powers-of-five";

/** What no nearest double is. */
export const NO_DOUBLE: u64 = 0xffffffffffffffff;

/**
 * The bits of the double that is nearest to number * 10^exponent, ties to even: the algorithm of Eisel and Lemire (Lemire, "Number
 * parsing at a gigabyte per second", 2021). NO_DOUBLE where 128 bits of the power do not tell, beneath the normal doubles and beyond them.
 */
export function nearestDouble(number: u64, exponent: i32): u64 {
  if (number == 0) return 0;
  if (exponent < LEAST_POWER || exponent > MOST_POWER) return NO_DOUBLE;
  const zeros = clz(number);
  const factor = number << zeros;
  const power = powerOfFive(exponent);
  let low = factor * load<u64>(power, 8);
  let high = highProduct(factor, load<u64>(power, 8));
  // Only where what comes behind might carry into the bits that count.
  if ((high & 0x1ff) == 0x1ff) {
    const more = highProduct(factor, load<u64>(power));
    low += more;
    high += <u64>(low < more);
    if (low == 0xffffffffffffffff && (exponent < -27 || exponent > 55)) return NO_DOUBLE;
  }
  const upper = high >> 63;
  const shift = upper + 9;
  let mantissa = high >> shift;
  // floor(log2(10^exponent)), and the bias.
  let scale = (((152170 + 65536) * exponent) >> 16) + 63 + 1023 + <i32>upper - <i32>zeros;
  if (scale <= 0) return NO_DOUBLE;
  // Just between two doubles, which only small powers allow.
  if (low <= 1 && exponent >= -4 && exponent <= 23 && (mantissa & 3) == 1 && mantissa << shift == high) mantissa &= ~(<u64>1);
  mantissa = (mantissa + (mantissa & 1)) >> 1;
  if (mantissa == (<u64>1) << 53) {
    mantissa = (<u64>1) << 52;
    scale++;
  }
  if (scale >= 2047) return NO_DOUBLE;
  return <u64>scale << 52 | (mantissa & 0xfffffffffffff);
}

/** The upper 64 bits of a product. */
// @ts-ignore: decorator
@inline
export function highProduct(left: u64, right: u64): u64 {
  const a = left & 0xffffffff;
  const b = left >> 32;
  const c = right & 0xffffffff;
  const d = right >> 32;
  const middle = b * c + (a * c >> 32);
  return b * d + (middle >> 32) + (a * d + (middle & 0xffffffff) >> 32);
}
