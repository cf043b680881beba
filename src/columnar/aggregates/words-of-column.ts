import type { Column, Float64Column, Int64Column } from "../columns.js";
import { numbersOf } from "../made-columns.js";

/** The upper half of NaN. */
const NAN = 0x7ff80000;
const HALF = 2 ** 32;

/** Numbers as words of 64 bits, low and high half in turn, of which equal ones are equal: -0 is 0, and there is one NaN. */
export function wordsOfColumn(column: Column, rows: number): Int32Array {
  if (column.kind === "float64") return wordsOfDoubles(column, rows);
  const integers = numbersOf(column as Int64Column);
  if (integers instanceof BigInt64Array) return new Int32Array(integers.slice(0, rows).buffer);
  return wordsOfIntegers(integers as Float64Array, rows);
}

function wordsOfDoubles({ values }: Float64Column, rows: number): Int32Array {
  const words = new Float64Array(rows);
  for (let row = 0; row < rows; row++) words[row] = values[row]! + 0;
  const halves = new Int32Array(words.buffer);
  for (let row = 0; row < rows; row++) {
    if (words[row]! === words[row]!) continue;
    halves[2 * row] = 0;
    halves[2 * row + 1] = NAN;
  }
  return halves;
}

/** Of safe integers. */
function wordsOfIntegers(integers: Float64Array, rows: number): Int32Array {
  const halves = new Int32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    const high = Math.floor(integers[row]! / HALF);
    halves[2 * row] = integers[row]! - high * HALF;
    halves[2 * row + 1] = high;
  }
  return halves;
}
