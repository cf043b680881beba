/**
 * Exact sums of doubles. Every finite double is a whole multiple of 2^-1074, so a BigInt count of those is the
 * sum without any rounding; it is turned into a double once, at the end. Slow (about a microsecond a number),
 * and used only for what two doubles cannot hold.
 */
const bits = new DataView(new ArrayBuffer(8));

/** A finite double as a multiple of 2^-1074. */
export function toUnits(value: number): bigint {
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const exponent = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & 0xfffffffffffffn;
  const magnitude = exponent === 0 ? fraction : (fraction | 0x10000000000000n) << BigInt(exponent - 1);
  return raw >> 63n === 1n ? -magnitude : magnitude;
}

/** The double nearest to a multiple of 2^-1074, ties to even; beyond the largest double, infinity. */
export function fromUnits(units: bigint): number {
  const magnitude = units < 0n ? -units : units;
  const length = magnitude.toString(2).length;
  // 64 leading bits and one that stands for the rest round as all of them would.
  const shift = Math.max(0, length - 64);
  const lead = magnitude >> BigInt(shift);
  const sticky = shift > 0 && lead << BigInt(shift) !== magnitude ? 1n : 0n;
  const rounded = Number((lead << 1n) | sticky);
  const value = scale(rounded, shift - 1 - 1074);
  return units < 0n ? -value : value;
}

/** value * 2^exponent, in two exact steps where one factor is no double. */
function scale(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}
