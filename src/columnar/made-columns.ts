/** Columns whose values are made of another column when they are asked for: kernels read that as it lies. */
import type { Float64Column, Int64Column } from "./columns.js";

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
