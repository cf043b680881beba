/** Numbers read from their ASCII digits without making a string: about 1 ns a digit. */

const ZERO = 48;
const POINT = 46;
const MINUS = 45;
const PLUS = 43;

/** Powers of ten that doubles hold exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const EXACT_DIGITS = 15;

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;
const NOT_FINITE = /^(?:nan|([+-]?)inf(?:inity)?)$/i;

/**
 * A decimal number, perhaps with an exponent, or NaN, inf, Infinity; undefined for all else and beyond the
 * range of doubles. Up to 15 digits and 22 decimals the quotient of two exact doubles is the nearest double
 * (Clinger, "How to read floating point numbers accurately"); the rest is left to V8.
 */
export function readFloat64(bytes: Buffer, start: number, end: number): number | undefined {
  let at = start;
  const sign = bytes[at];
  if (sign === MINUS || sign === PLUS) at++;
  const first = at;
  let mantissa = 0;
  let point = -1;
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit >= 0 && digit <= 9) mantissa = mantissa * 10 + digit;
    else if (digit === POINT - ZERO && point < 0) point = at;
    else return readLongFloat64(bytes, start, end);
  }
  const digits = end - first - (point < 0 ? 0 : 1);
  if (digits === 0) return undefined;
  if (digits > EXACT_DIGITS) return finite(Number(bytes.toString("latin1", start, end)));
  const value = point < 0 ? mantissa : mantissa / POWERS[end - 1 - point]!;
  return sign === MINUS ? -value : value;
}

/** A safe integer of digits with an optional sign; undefined for all else. */
export function readInteger(bytes: Buffer, start: number, end: number): number | undefined {
  let at = start;
  const sign = bytes[at];
  if (sign === MINUS || sign === PLUS) at++;
  if (at === end) return undefined;
  let value = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  if (value > Number.MAX_SAFE_INTEGER) return undefined;
  // Not -0.
  return sign === MINUS ? 0 - value : value;
}

/** An integer within 64 bits; undefined for all else. */
export function readInt64(bytes: Buffer, start: number, end: number): bigint | undefined {
  const short = readInteger(bytes, start, end);
  if (short !== undefined) return BigInt(short);
  const text = bytes.toString("latin1", start, end);
  // BigInt takes time quadratic in the digits.
  if (text.length > 1000 || !INTEGER.test(text)) return undefined;
  const value = BigInt(text.replace("+", ""));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function readLongFloat64(bytes: Buffer, start: number, end: number): number | undefined {
  const text = bytes.toString("latin1", start, end);
  if (DECIMAL.test(text)) return finite(Number(text));
  const special = NOT_FINITE.exec(text);
  if (special === null) return undefined;
  if (special[1] === undefined) return NaN;
  return special[1] === "-" ? -Infinity : Infinity;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
