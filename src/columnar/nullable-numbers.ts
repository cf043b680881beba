import type { ValueColumn } from "../job/record-batch.js";

/** A column of numbers of which some are null: a 1 in `nulls` says which. */
export class NullableNumbers implements ValueColumn<number | bigint | null> {
  readonly numbers: Float64Array | Int32Array | BigInt64Array;
  readonly nulls: Uint8Array;

  constructor(numbers: NullableNumbers["numbers"], nulls: Uint8Array) {
    this.numbers = numbers;
    this.nulls = nulls;
  }

  get length(): number {
    return this.numbers.length;
  }

  get(row: number): number | bigint | null {
    return this.nulls[row] === 1 ? null : this.numbers[row]!;
  }
}
