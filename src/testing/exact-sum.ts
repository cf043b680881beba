/** The sum as a fraction of 2^1074, rounded once at the end, by way of decimal-free BigInt arithmetic. */
export function exactSum(values: readonly number[]): number {
  if (values.some((value) => !Number.isFinite(value))) return values.reduce((sum, value) => (Number.isFinite(value) ? sum : sum + value), 0);
  const units = values.reduce((sum, value) => sum + unitsOf(value), 0n);
  // Doubles are found by bisection: the largest double that does not exceed the sum, or its successor if that is nearer (even on a tie).
  const magnitude = units < 0n ? -units : units;
  let low = 0n;
  let high = 0x7ff0000000000000n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (unitsOfBits(middle) <= magnitude) low = middle;
    else high = middle;
  }
  const below = magnitude - unitsOfBits(low);
  const above = (low + 1n === 0x7ff0000000000000n ? 2n ** 2098n : unitsOfBits(low + 1n)) - magnitude;
  const nearest = below < above || (below === above && low % 2n === 0n) ? low : low + 1n;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setBigUint64(0, nearest);
  return (units < 0n ? -1 : 1) * bits.getFloat64(0) + 0;
}

function unitsOf(value: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(value));
  return unitsOfBits(bits.getBigUint64(0)) * (value < 0 ? -1n : 1n);
}

function unitsOfBits(bits: bigint): bigint {
  const exponent = bits >> 52n;
  const fraction = bits & 0xfffffffffffffn;
  return exponent === 0n ? fraction : (fraction + 0x10000000000000n) << (exponent - 1n);
}
