/** Columns of numbers, encoded as codec.ts does it value by value. */
import type { BytesColumn, NumbersOrNull } from "./columns.js";
import { numbersOf, type Numbers } from "./made-columns.js";
import { wordsOfDoubles, wordsOfIntegers } from "./number-words.js";
import type { TypeSpec } from "../model/type-spec.js";

/** Of a type whose values lie as numbers. */
export function encodedNumbers(numbers: Numbers, { kind }: TypeSpec, rows: number): BytesColumn {
  switch (kind) {
    case "int32":
      return int32s(numbers as Int32Array | Float64Array, rows);
    case "int64":
      return words(wordsOfIntegers(numbers as BigInt64Array | Float64Array, rows), false);
    case "bool":
      return ofSize(Uint8Array.from((numbers as Float64Array).subarray(0, rows)), 1);
    default:
      return words(wordsOfDoubles(numbers as Float64Array, rows), true);
  }
}

/** The same of numbers that may be null, made when somebody asks: kernels read them as they lie. */
export class BytesOfNumbers implements BytesColumn {
  readonly kind = "bytes";
  readonly source: NumbersOrNull;
  readonly #type: TypeSpec;
  readonly #rows: number;
  #encoded: BytesColumn | undefined;

  constructor(source: NumbersOrNull, type: TypeSpec, rows: number) {
    this.source = source;
    this.#type = type;
    this.#rows = rows;
  }

  get offsets(): Int32Array {
    return (this.#encoded ??= encodedOrNull(this.source, this.#type, this.#rows)).offsets;
  }

  get bytes(): Uint8Array {
    return (this.#encoded ??= encodedOrNull(this.source, this.#type, this.#rows)).bytes;
  }
}

function encodedOrNull({ numbers, nulls }: NumbersOrNull, type: TypeSpec, rows: number): BytesColumn {
  const all = encodedNumbers(numbersOf(numbers), type, rows).bytes;
  const size = all.length / Math.max(1, rows);
  const offsets = new Int32Array(rows + 1);
  const bytes = new Uint8Array(rows + all.length);
  let to = 0;
  for (let row = 0; row < rows; row++) {
    const isThere = nulls[row] === 0;
    bytes[to++] = isThere ? 1 : 0;
    if (isThere) for (let from = row * size; from < (row + 1) * size; ) bytes[to++] = all[from++]!;
    offsets[row + 1] = to;
  }
  return { kind: "bytes", offsets, bytes };
}

const SIGN = -(2 ** 31);

function int32s(numbers: Int32Array | Float64Array, rows: number): BytesColumn {
  const out = new DataView(new ArrayBuffer(4 * rows));
  for (let row = 0; row < rows; row++) out.setInt32(4 * row, numbers[row]! ^ SIGN);
  return ofSize(out, 4);
}

/** The sign bit of positive numbers is flipped; of negative doubles all bits are. */
function words(halves: Int32Array, areDoubles: boolean): BytesColumn {
  const out = new DataView(new ArrayBuffer(4 * halves.length));
  for (let at = 0; at < halves.length; at += 2) {
    const flip = areDoubles ? halves[at + 1]! >> 31 : 0;
    out.setInt32(4 * at, halves[at + 1]! ^ (flip | SIGN));
    out.setInt32(4 * at + 4, halves[at]! ^ flip);
  }
  return ofSize(out, 8);
}

function ofSize({ buffer, byteLength }: Uint8Array | DataView, size: number): BytesColumn {
  const offsets = new Int32Array(byteLength / size + 1);
  for (let row = 0; row < offsets.length; row++) offsets[row] = row * size;
  return { kind: "bytes", offsets, bytes: new Uint8Array(buffer, 0, byteLength) };
}
