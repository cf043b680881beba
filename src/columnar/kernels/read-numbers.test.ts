/** Numbers that kernels read are those of V8, and what they do not read is theirs to leave. */
import test from "ava";
import fc from "fast-check";
import { readCells } from "../../testing/kernel-cells.js";

const float64 = (cells: readonly string[]) => readCells(cells, Float64Array, (call, place, constants, out) => call.readFloats(...place, constants, out));
const INTEGERS = {
  int32: (cells: readonly string[]) => readCells(cells, Int32Array, (call, place, constants, out) => call.readIntegers(...place, constants, out, 0)),
  safe: (cells: readonly string[]) => readCells(cells, Float64Array, (call, place, constants, out) => call.readIntegers(...place, constants, out, 1)),
  int64: (cells: readonly string[]) => readCells(cells, BigInt64Array, (call, place, constants, out) => call.readIntegers(...place, constants, out, 2)),
};

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The kernel may say V8's number of a cell, or nothing. */
function isRight(cell: string, value: number | bigint | undefined): boolean {
  if (value === undefined) return true;
  return DECIMAL.test(cell) && Number.isFinite(Number(cell)) && Object.is(value, Number(cell));
}

const digits = (most: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^\\d{0,${most}}$`));
const sign = fc.constantFrom("", "", "-", "+");
const exponent = fc.oneof(fc.constant(""), fc.tuple(fc.constantFrom("e", "E"), sign, fc.integer({ min: 0, max: 400 })).map(([e, s, n]) => `${e}${s}${n}`), fc.constantFrom("e", "e+", "e5x", "e-0007", "E00", "e99999"));
const shaped = fc.tuple(sign, digits(21), fc.constantFrom(".", ".", "", ".."), digits(36), exponent).map((parts) => parts.join(""));
const zeros = fc.tuple(sign, fc.nat(40), digits(19), fc.nat(40), digits(19), exponent).map(([s, n, whole, m, decimals, e]) => `${s}${"0".repeat(n)}${whole}.${"0".repeat(m)}${decimals}${e}`);
const NASTY = ["9007199254740992", "9007199254740993", "9007199254740994", "9007199254740993.0", "9223372036854775807", "9223372036854775808", "18446744073709551615", "1e308", "1e309", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "17976931348623157e292", "2.2250738585072014e-308", "2.2250738585072011e-308", "4.9e-324", "2e-324", "5e-324", "1e-400", "-0", "-0.0", "0e5", "-0e-5", "0.000", "+1", ".5", "5.", "-.5e1", ".", "", "-", "+", "e5", ".e5", "1e", "1e+", "1 ", " 1", "1..5", "1.5.", "nan", "inf", "Infinity", "0x10", "1_000", "1,5", "6.02214076e23", "1.00000000000000011102230246251565", "8.5e22", "1e22", "1e23", "9.5367431640625e-7", "1:2", "1/2"];

test("numbers of any shape are those of V8, or left", (t) => {
  fc.assert(
    fc.property(fc.array(fc.oneof(shaped, zeros, fc.constantFrom(...NASTY), fc.double().map(String)), { minLength: 1, maxLength: 40 }), (cells) => {
      const values = float64(cells);
      for (const [i, cell] of cells.entries()) t.true(isRight(cell, values[i]), `${cell}: ${values[i]}`);
    }),
    { numRuns: 3000 },
  );
});

const short = fc.tuple(sign, fc.stringMatching(/^(?:\d{1,9}|\d{0,4}\.\d{1,5})$/)).map((parts) => parts.join(""));

test("a return before the newline is no part of a number, whether others have one or not", (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(short, fc.constantFrom("", "\r")), { minLength: 1, maxLength: 40 }), fc.constantFrom(undefined, "", "\r"), (numbers, all) => {
      t.deepEqual(float64(numbers.map(([number, end]) => number + (all ?? end))), numbers.map(([number]) => Number(number)));
    }),
    { numRuns: 1000 },
  );
});

test("numbers in quotes are read as those without, up to sixteen characters and beyond", (t) => {
  const number = fc.tuple(sign, fc.oneof(short, fc.stringMatching(/^(?:\d{1,8}\.\d{0,8}|\.\d{1,16}|\d{9,16})$/))).map(([s, digits]) => (/^[+-]/.test(digits) ? digits : s + digits));
  fc.assert(
    fc.property(fc.array(fc.tuple(number, fc.boolean(), fc.constantFrom("", "", "\r")), { minLength: 1, maxLength: 150 }), (cells) => {
      t.deepEqual(float64(cells.map(([digits, quoted, end]) => (quoted ? `"${digits}"` : digits) + end)), cells.map(([digits]) => Number(digits)));
    }),
    { numRuns: 1000 },
  );
});

/** Not those that it prints with 20 or 21 digits. */
const printed = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => x === 0 || (Math.abs(x) >= 2.3e-308 && Math.abs(x) < 1e19) || Math.abs(x) >= 1e21);

test("what JavaScript prints of normal doubles is read in the kernel", (t) => {
  fc.assert(
    fc.property(fc.array(printed, { minLength: 1, maxLength: 40 }), fc.nat(2), (numbers, how) => {
      const cells = numbers.map((x) => (how === 0 ? String(x) : how === 1 ? x.toExponential() : x.toPrecision(17)));
      t.deepEqual(float64(cells), cells.map(Number));
    }),
    { numRuns: 2000 },
  );
});

/** Numbers of 19 digits as close to the middle of two doubles as they come: where the last bit of a power may matter. */
const middles = fc.tuple(fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }), fc.integer({ min: -1020, max: 950 }), fc.integer({ min: -2, max: 2 })).map(([mantissa, scale, off]) => {
  const [above, below] = scale > 0 ? [(2n * mantissa + 1n) << BigInt(scale), 1n] : [2n * mantissa + 1n, 1n << BigInt(-scale)];
  const size = above.toString().length - below.toString().length;
  const power = size - 18;
  const [top, bottom] = power > 0 ? [above, below * 10n ** BigInt(power)] : [above * 10n ** BigInt(-power), below];
  return `${(top / bottom + BigInt(off)).toString().slice(0, 19)}e${power}`;
});

test("numbers next to the middle of two doubles", (t) => {
  fc.assert(
    fc.property(fc.array(middles, { minLength: 1, maxLength: 60 }), (cells) => {
      const values = float64(cells);
      for (const [i, cell] of cells.entries()) t.true(isRight(cell, values[i]), `${cell}: ${values[i]}`);
      t.true(values.filter((value) => value === undefined).length <= 2);
    }),
    { numRuns: 3000 },
  );
});

test("every power of ten, with as many digits as the kernel takes", (t) => {
  const cells: string[] = [];
  for (let power = -345; power <= 312; power++) for (const number of ["1", "9999999999999999999", "1000000000000000001", "4503599627370497", "7205759403792793"]) cells.push(`${number}e${power}`);
  const values = float64(cells);
  for (const [i, cell] of cells.entries()) t.true(isRight(cell, values[i]), `${cell}: ${values[i]}`);
  t.true(values.filter((value) => value === undefined).length < 5 * 45);
});

test("middles that are doubles of one bit more are rounded to even", (t) => {
  const cells: string[] = [];
  for (let power = 0; power < 10; power++) for (const odd of [1n, 3n, 5n, 2n ** 52n + 1n]) cells.push(String((2n ** 53n + odd) << BigInt(power)), `${2n ** 53n + odd}.5`, `${(2n ** 53n + odd) / 2n}.25`);
  t.deepEqual(float64(cells), cells.map(Number));
});

test("integers of each type: theirs, or left", (t) => {
  const integer = fc.oneof(
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
    fc.integer().map(String),
    fc.tuple(sign, digits(22)).map((parts) => parts.join("")),
    fc.constantFrom("2147483647", "2147483648", "-2147483648", "-2147483649", "9007199254740991", "9007199254740992", "-9007199254740991", "-9007199254740992", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "-0", "+0", "", "-", "1.0", "1e3", "12345678901234567890"),
  );
  const bounds = { int32: 2n ** 31n - 1n, safe: 2n ** 53n - 1n, int64: 2n ** 63n - 1n };
  for (const kind of ["int32", "safe", "int64"] as const) {
    fc.assert(
      fc.property(fc.array(integer, { minLength: 1, maxLength: 40 }), (cells) => {
        const expected = cells.map((cell) => {
          if (!/^[+-]?\d{1,19}$/.test(cell) || (kind !== "int64" && !/^[+-]?\d{1,16}$/.test(cell))) return undefined;
          const value = BigInt(cell.replace("+", ""));
          const least = kind === "safe" ? -bounds.safe : -bounds[kind] - 1n;
          if (value < least || value > bounds[kind]) return undefined;
          return kind === "int64" ? value : Number(value);
        });
        const values = INTEGERS[kind](cells);
        t.deepEqual(values, expected);
      }),
      { numRuns: 1000 },
    );
  }
});
