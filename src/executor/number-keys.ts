/** Keys of one size, encoded from a column of numbers as codec.ts does it value by value. */
import type { BytesColumn } from "../columnar/columns.js";
import { NumberedColumn } from "../columnar/numbered-column.js";
import type { AnyColumn } from "./column-codes.js";

/** Undefined for a column of anything else; its values have the key's type, and none is null. */
export function numberKeys(column: AnyColumn, kind: string): BytesColumn | undefined {
  if (column instanceof Int32Array) return keysOf(column.length, 4, (out, row, at) => out.setInt32(at, column[row]! ^ 0x80000000));
  if (column instanceof BigInt64Array) return keysOf(column.length, 8, (out, row, at) => out.setBigInt64(at, column[row]! ^ LEAST));
  if (column instanceof NumberedColumn) {
    const { numbers } = column;
    return column.kind === "bool" ? keysOf(numbers.length, 1, (out, row, at) => out.setUint8(at, numbers[row]!)) : doubleKeys(numbers);
  }
  return column instanceof Float64Array && kind === "float64" ? doubleKeys(column) : undefined;
}

const LEAST = -(2n ** 63n);

/** The sign bit of positive numbers is flipped, of negative ones all bits. */
function doubleKeys(numbers: Float64Array): BytesColumn {
  return keysOf(numbers.length, 8, (out, row, at) => {
    // Adding 0 turns -0 into 0; there is one NaN.
    const number = numbers[row]! + 0;
    out.setFloat64(at, number === number ? number : NaN);
    const high = out.getInt32(at);
    if (high >= 0) out.setInt32(at, high | 0x80000000);
    else {
      out.setInt32(at, ~high);
      out.setInt32(at + 4, ~out.getInt32(at + 4));
    }
  });
}

function keysOf(rows: number, size: number, write: (out: DataView, row: number, at: number) => void): BytesColumn {
  const bytes = new Uint8Array(size * rows);
  const out = new DataView(bytes.buffer);
  const offsets = new Int32Array(rows + 1);
  for (let row = 0, at = 0; row < rows; row++) {
    write(out, row, at);
    offsets[row + 1] = at += size;
  }
  return { kind: "bytes", offsets, bytes };
}
