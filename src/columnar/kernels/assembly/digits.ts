/**
 * Numbers of digits in vectors. V8 makes a constant vector anew wherever it stands, also in a loop, by four instructions: so the vectors
 * that this takes lie in memory, at `constants`, for kernels to load before their loops.
 *
 *     10^0 to 10^15 as f64 | what follows here, at these places
 */
import { placePowers } from "./powers-of-five";

export const ZEROS: usize = 144;
/** Added with saturation it sets the sign of bytes above 9. */
export const TO_SIGN: usize = 160;
export const LOW_BYTES: usize = 176;
export const TENS: usize = 192;
export const HUNDREDS: usize = 208;
export const MYRIADS: usize = 224;
/** 16 bytes of zeros, then 16 of ones: those that begin n bytes in leave the last n bytes of 16. */
export const LAST: usize = 240;
/** Points less the character 0. */
export const POINTS: usize = 272;
/** For a point at place 0 to 7 of eight characters, or none (8), then the same for negative numbers: which to take to close it up, in either half of a vector, and what to divide by. */
export const CLOSE_LOW: usize = 288;
export const CLOSE_HIGH: usize = 432;
export const DIVISORS: usize = 576;
export const NEGATIVE: usize = 9;

/** 10^0 to 10^16 as u64. */
export const POWERS: usize = 720;

/** For a point at place 0 to 15 of sixteen characters, or none (16): which to take to close it up; and what to divide by, then the same for negative numbers. */
export const CLOSE: usize = 856;
export const WIDE_DIVISORS: usize = 1128;
export const WIDE_NEGATIVE: usize = 17;

/** Writes the 1400 bytes of `constants`: first 10^0 to 10^15. */
export function placeConstants(constants: usize): void {
  placePowers();
  let power: f64 = 1;
  for (let at = constants; at < constants + 128; at += 8, power *= 10) store<f64>(at, power);
  let integer: u64 = 1;
  for (let at = constants; at <= constants + 128; at += 8, integer *= 10) store<u64>(at, integer, POWERS);
  v128.store(constants, i8x16.splat(48), ZEROS);
  v128.store(constants, i8x16.splat(118), TO_SIGN);
  v128.store(constants, i16x8.splat(255), LOW_BYTES);
  v128.store(constants, i16x8.splat(10), TENS);
  v128.store(constants, i16x8(100, 1, 100, 1, 100, 1, 100, 1), HUNDREDS);
  v128.store(constants, i16x8(10000, 1, 10000, 1, 10000, 1, 10000, 1), MYRIADS);
  v128.store(constants, i8x16.splat(0), LAST);
  v128.store(constants, i8x16.splat(-1), LAST + 16);
  v128.store(constants, i8x16.splat(-2), POINTS);
  placePoints(constants, 1);
  placePoints(constants + (NEGATIVE << 3), -1);
  placeWidePoints(constants);
}

function placePoints(at: usize, sign: f64): void {
  let divisor = sign * 10000000;
  for (let point = 0; point <= 8; point++, at += 8) {
    for (let place = 0; place < 8; place++) {
      const from = point < 8 && place <= point ? place - 1 : place;
      store<i8>(at + place, <i8>from, CLOSE_LOW);
      store<i8>(at + place, <i8>(from < 0 ? from : from + 8), CLOSE_HIGH);
    }
    store<f64>(at, point < 8 ? divisor : sign, DIVISORS);
    divisor /= 10;
  }
}

function placeWidePoints(constants: usize): void {
  let divisor: f64 = 1000000000000000;
  for (let point: usize = 0; point <= 16; point++) {
    const at = constants + (point << 4);
    for (let place: usize = 0; place < 16; place++) store<i8>(at + place, <i8>(point < 16 && place <= point ? place - 1 : place), CLOSE);
    store<f64>(constants + (point << 3), point < 16 ? divisor : 1, WIDE_DIVISORS);
    store<f64>(constants + ((WIDE_NEGATIVE + point) << 3), point < 16 ? -divisor : -1, WIDE_DIVISORS);
    divisor /= 10;
  }
}

/** The number of sixteen digits 0 to 9, the first in the lowest byte. */
// @ts-ignore: decorator
@inline
export function valueOf(digits: v128, lowBytes: v128, tens: v128, hundreds: v128, myriads: v128): u64 {
  const halves = <u64>i64x2.extract_lane(eights(digits, lowBytes, tens, hundreds, myriads), 0);
  return (halves & 0xffffffff) * 100000000 + (halves >> 32);
}

/** The numbers of the first and the last eight of sixteen digits, as i32: they are joined to pairs, fours and eights. */
// @ts-ignore: decorator
@inline
export function eights(digits: v128, lowBytes: v128, tens: v128, hundreds: v128, myriads: v128): v128 {
  const pairs = i16x8.add(i16x8.mul(v128.and(digits, lowBytes), tens), i16x8.shr_u(digits, 8));
  const fours = i32x4.dot_i16x8_s(pairs, hundreds);
  return i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), myriads);
}
