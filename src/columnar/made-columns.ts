/** Columns whose values are made of another column when they are asked for: kernels read that as it lies. */
import { ByteSink } from "./byte-sink.js";
import { encoderFor } from "./codec.js";
import type { BytesColumn, Float64Column, Int64Column, NumbersOrNull } from "./columns.js";
import type { TypeSpec } from "../model/type-spec.js";

export class Float64OfInt32 implements Float64Column {
  readonly kind = "float64";
  readonly source: Int32Array;
  #values: Float64Array | undefined;

  constructor(source: Int32Array) {
    this.source = source;
  }

  get values(): Float64Array {
    return (this.#values ??= Float64Array.from(this.source));
  }
}

/** Of safe integers. */
export class Int64OfFloat64 implements Int64Column {
  readonly kind = "int64";
  readonly source: Float64Array;
  #values: BigInt64Array | undefined;

  constructor(source: Float64Array) {
    this.source = source;
  }

  get values(): BigInt64Array {
    return (this.#values ??= BigInt64Array.from(this.source, BigInt));
  }
}

export type Numbers = Float64Array | Int32Array | BigInt64Array;

/** The column of this kind whose numbers lie so. Those of int64 are integers, safe ones in a Float64Array. */
export function columnOfNumbers(numbers: Numbers, kind: "float64" | "int64"): Float64Column | Int64Column {
  if (numbers instanceof BigInt64Array) return { kind: "int64", values: numbers };
  if (numbers instanceof Int32Array) return new Float64OfInt32(numbers);
  return kind === "int64" ? new Int64OfFloat64(numbers) : { kind: "float64", values: numbers };
}

/** As they lie. */
export function numbersOf(column: Float64Column | Int64Column): Numbers {
  return column.source ?? column.values;
}

/** Encodings of numbers that may be null. */
export class BytesOfNumbers implements BytesColumn {
  readonly kind = "bytes";
  readonly source: NumbersOrNull;
  readonly #type: TypeSpec;
  readonly #at: (row: number) => unknown;
  readonly #rows: number;
  #encoded: Pick<BytesColumn, "offsets" | "bytes"> | undefined;

  /** `at` gives the value of a row. */
  constructor(source: NumbersOrNull, type: TypeSpec, rows: number, at: (row: number) => unknown) {
    this.source = source;
    this.#type = type;
    this.#rows = rows;
    this.#at = at;
  }

  get offsets(): Int32Array {
    return (this.#encoded ??= this.#encode()).offsets;
  }

  get bytes(): Uint8Array {
    return (this.#encoded ??= this.#encode()).bytes;
  }

  #encode(): Pick<BytesColumn, "offsets" | "bytes"> {
    const sink = new ByteSink();
    const encode = encoderFor(this.#type);
    const offsets = new Int32Array(this.#rows + 1);
    for (let row = 0; row < this.#rows; row++) {
      encode(this.#at(row), sink);
      offsets[row + 1] = sink.length;
    }
    return { offsets, bytes: sink.bytes };
  }
}
