/** Numbers as words of 64 bits, the low and the high half of each in turn. Equal numbers have equal words: -0 is 0, and there is one NaN. */
import type { Float64Column, Int64Column } from "./columns.js";
import { numbersOf, type Numbers } from "./made-columns.js";

/** The upper half of NaN. */
const NAN = 0x7ff80000;
const HALF = 2 ** 32;

export function wordsOfColumn(column: Float64Column | Int64Column, rows: number): Int32Array {
  return column.kind === "float64" ? wordsOfDoubles(column.values, rows) : wordsOfIntegers(numbersOf(column) as BigInt64Array | Float64Array, rows);
}

export function wordsOfDoubles(numbers: Exclude<Numbers, BigInt64Array>, rows: number): Int32Array {
  const words = new Float64Array(rows);
  for (let row = 0; row < rows; row++) words[row] = numbers[row]! + 0;
  const halves = new Int32Array(words.buffer);
  for (let row = 0; row < rows; row++) {
    if (words[row]! === words[row]!) continue;
    halves[2 * row] = 0;
    halves[2 * row + 1] = NAN;
  }
  return halves;
}

/** Of integers of 64 bits, or safe ones. */
export function wordsOfIntegers(integers: BigInt64Array | Float64Array, rows: number): Int32Array {
  if (integers instanceof BigInt64Array) return new Int32Array(integers.slice(0, rows).buffer);
  const halves = new Int32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    const high = Math.floor(integers[row]! / HALF);
    halves[2 * row] = integers[row]! - high * HALF;
    halves[2 * row + 1] = high;
  }
  return halves;
}
