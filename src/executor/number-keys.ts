/** Keys of one size, encoded from a column of numbers as codec.ts does it value by value. */
import type { BytesColumn } from "../columnar/columns.js";
import { NumberedColumn } from "../columnar/numbered-column.js";
import type { AnyColumn } from "./column-codes.js";

/** Undefined for a column of anything else; its values have the key's type, and none is null. */
export function numberKeys(column: AnyColumn, kind: string): BytesColumn | undefined {
  if (column instanceof Int32Array) return int32Keys(column);
  if (column instanceof BigInt64Array) return int64Keys(column);
  if (column instanceof NumberedColumn) return column.kind === "bool" ? keysOf(Uint8Array.from(column.numbers), 1) : doubleKeys(column.numbers);
  return column instanceof Float64Array && kind === "float64" ? doubleKeys(column) : undefined;
}

const SIGN = -(2 ** 31);

function int32Keys(numbers: Int32Array): BytesColumn {
  const out = new DataView(new ArrayBuffer(4 * numbers.length));
  for (let row = 0; row < numbers.length; row++) out.setInt32(4 * row, numbers[row]! ^ SIGN);
  return keysOf(out, 4);
}

function int64Keys(numbers: BigInt64Array): BytesColumn {
  const out = new DataView(new ArrayBuffer(8 * numbers.length));
  const halves = halvesOf(numbers);
  for (let at = 0; at < halves.length; at += 2) {
    out.setInt32(4 * at, halves[at + 1]! ^ SIGN);
    out.setInt32(4 * at + 4, halves[at]!);
  }
  return keysOf(out, 8);
}

/** The sign bit of positive numbers is flipped, of negative ones all bits. */
function doubleKeys(numbers: Float64Array): BytesColumn {
  const out = new DataView(new ArrayBuffer(8 * numbers.length));
  const halves = halvesOf(numbers);
  for (let at = 0; at < halves.length; at += 2) {
    let low = halves[at]!;
    let high = halves[at + 1]!;
    const number = numbers[at >> 1]!;
    // -0 is 0, and there is one NaN.
    if (number === 0) high = 0;
    else if (number !== number) {
      low = 0;
      high = NAN;
    }
    const flip = high >> 31;
    out.setInt32(4 * at, high ^ (flip | SIGN));
    out.setInt32(4 * at + 4, low ^ flip);
  }
  return keysOf(out, 8);
}

/** The upper half of NaN. */
const NAN = 0x7ff80000;

/** Low and high half of each number in turn: machines that run Node, as kernels, have the low one first. */
function halvesOf({ buffer, byteOffset, length }: BigInt64Array | Float64Array): Int32Array {
  return new Int32Array(buffer, byteOffset, 2 * length);
}

function keysOf({ buffer, byteLength }: Uint8Array | DataView, size: number): BytesColumn {
  const offsets = new Int32Array(byteLength / size + 1);
  for (let row = 0; row < offsets.length; row++) offsets[row] = row * size;
  return { kind: "bytes", offsets, bytes: new Uint8Array(buffer, 0, byteLength) };
}
