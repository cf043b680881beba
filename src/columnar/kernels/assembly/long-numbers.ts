/**
 * Numbers of any shape with up to 19 digits that count, for what sixteen characters do not hold. Digits are taken 16 at a time, as those of short numbers are.
 * Where a run of digits ends is seen in a vector, so that its length costs no branches.
 */
import { HUNDREDS, LAST, LOW_BYTES, MYRIADS, POWERS, TENS, TO_SIGN, valueOf, ZEROS } from "./digits";
import { NO_DOUBLE, nearestDouble } from "./nearest-double";

/** The bits of a decimal number without a sign, perhaps with an exponent; NO_DOUBLE for what is none, or must be read elsewhere. */
export function longFloat(start: usize, end: usize, constants: usize): u64 {
  let at = start;
  let digits = run(at, end, constants);
  at += digits;
  let number = value(at, digits, constants);
  if (digits == 16) {
    const more = run(at, end, constants);
    if (more > 3) return NO_DOUBLE;
    at += more;
    digits += more;
    number = shifted(number, more, constants) + value(at, more, constants);
  }
  let decimals: u32 = 0;
  if (at < end && load<u8>(at) == 46) {
    at++;
    decimals = run(at, end, constants);
    if (decimals == 16) decimals += run(at + 16, end, constants);
    at += decimals;
    if (decimals > 16) {
      const lead = decimals - 16;
      const first = value(at - 16, lead, constants);
      if (lead == 16 || (number == 0 ? first > 999 : digits + decimals > 19)) return NO_DOUBLE;
      number = (shifted(number, lead, constants) + first) * 10000000000000000 + value(at, 16, constants);
    } else {
      if (number != 0 && digits + decimals > 19) return NO_DOUBLE;
      number = shifted(number, decimals, constants) + value(at, decimals, constants);
    }
  }
  if (digits + decimals == 0) return NO_DOUBLE;
  let exponent: i32 = 0;
  if (at < end && (load<u8>(at) | 32) == 101) {
    const sign = ++at < end ? load<u8>(at) : 0;
    if (sign == 45 || sign == 43) at++;
    const first = at;
    for (; at < end; at++) {
      const digit = <i32>load<u8>(at) - 48;
      if (<u32>digit > 9 || exponent > 9999) return NO_DOUBLE;
      exponent = exponent * 10 + digit;
    }
    if (at == first) return NO_DOUBLE;
    if (sign == 45) exponent = -exponent;
  }
  return at == end ? nearestDouble(number, exponent - <i32>decimals) : NO_DOUBLE;
}

/** What no integer is that `longInteger` reads. */
export const NO_INTEGER: u64 = 0xffffffffffffffff;

/** An integer of up to 19 digits without a sign; NO_INTEGER for all else. */
export function longInteger(start: usize, end: usize, constants: usize): u64 {
  const digits = run(start, end, constants);
  const more = digits == 16 ? run(start + 16, end, constants) : 0;
  if (digits == 0 || more > 3 || start + digits + more != end) return NO_INTEGER;
  return shifted(value(start + digits, digits, constants), more, constants) + value(end, more, constants);
}

/** How many digits there are from `at` on, 16 at most. */
// @ts-ignore: decorator
@inline
function run(at: usize, end: usize, constants: usize): u32 {
  const others = i8x16.bitmask(i8x16.add_sat_u(i8x16.sub(v128.load(at), v128.load(constants, ZEROS)), v128.load(constants, TO_SIGN)));
  return min<u32>(ctz(others | 0x10000), <u32>(end - at));
}

/** Of the last `digits` digits before `end`, 16 at most. */
// @ts-ignore: decorator
@inline
function value(end: usize, digits: u32, constants: usize): u64 {
  const text = v128.and(i8x16.sub(v128.load(end - 16), v128.load(constants, ZEROS)), v128.load(constants + <usize>digits, LAST));
  return valueOf(text, v128.load(constants, LOW_BYTES), v128.load(constants, TENS), v128.load(constants, HUNDREDS), v128.load(constants, MYRIADS));
}

/** With room for `digits` more. */
// @ts-ignore: decorator
@inline
function shifted(number: u64, digits: u32, constants: usize): u64 {
  return number * load<u64>(constants + (<usize>digits << 3), POWERS);
}
