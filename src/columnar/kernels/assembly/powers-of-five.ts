/**
 * The 128 leading bits of 5^-342 to 5^308, which decimal numbers are scaled by (nearest-double.ts). They are computed once for each
 * memory, about 0.2 ms, and stay in what the module keeps for itself. Cut off, but rounded up from 5^-27 to 5^-1, as the algorithm wants them.
 */
export const LEAST_POWER: i32 = -342;
export const MOST_POWER: i32 = 308;
const ROUNDED_UP: i32 = -27;

const powers: usize = memory.data(651 * 16, 16);
/** A long number, the lowest limb of 32 bits first: 2^959 / 5^342 has more than 128 bits, and 5^308 leaves four limbs below. */
const LIMBS: usize = 30;
const limbs: usize = memory.data(30 * 4, 16);

/** Low and high half, 8 bytes each. */
// @ts-ignore: decorator
@inline
export function powerOfFive(exponent: i32): usize {
  return powers + (<usize>(exponent - LEAST_POWER) << 4);
}

export function placePowers(): void {
  if (load<u64>(powers, 8) != 0) return;
  memory.fill(limbs, 0, LIMBS << 2);
  store<u32>(limbs, 1, 16);
  for (let power = 0; power <= MOST_POWER; power++) {
    placePower(power);
    let carry: u64 = 0;
    for (let at = limbs; at < limbs + (LIMBS << 2); at += 4) {
      carry += 5 * <u64>load<u32>(at);
      store<u32>(at, <u32>carry);
      carry >>= 32;
    }
  }
  memory.fill(limbs, 0, LIMBS << 2);
  store<u32>(limbs + (LIMBS << 2) - 4, 0x80000000);
  for (let power = -1; power >= LEAST_POWER; power--) {
    let rest: u64 = 0;
    for (let at = limbs + (LIMBS << 2) - 4; at >= limbs; at -= 4) {
      rest = rest << 32 | <u64>load<u32>(at);
      store<u32>(at, <u32>(rest / 5));
      rest %= 5;
    }
    placePower(power);
  }
}

/** Takes the leading bits of the long number. */
function placePower(power: i32): void {
  let top = limbs + (LIMBS << 2) - 4;
  while (load<u32>(top) == 0) top -= 4;
  const shift = <u64>clz(load<u32>(top));
  const high = load<u64>(top - 4);
  const low = load<u64>(top - 12);
  const at = powerOfFive(power);
  store<u64>(at, (low << shift | <u64>load<u32>(top - 16) << shift >> 32) + <u64>(power >= ROUNDED_UP && power < 0));
  store<u64>(at, high << shift | low >> 1 >> (63 - shift), 8);
}
