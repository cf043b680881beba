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
