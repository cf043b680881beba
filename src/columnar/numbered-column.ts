import type { ValueColumn } from "../job/record-batch.js";

/** A column of times or booleans that lie as numbers, as value-layout.ts has them: milliseconds since 1970, or 0 and 1. */
export class NumberedColumn implements ValueColumn<Date | boolean> {
  readonly kind: "timestamp" | "date" | "bool";
  readonly numbers: Float64Array;

  constructor(kind: NumberedColumn["kind"], numbers: Float64Array) {
    this.kind = kind;
    this.numbers = numbers;
  }

  get length(): number {
    return this.numbers.length;
  }

  get(row: number): Date | boolean {
    return numberedValue(this.kind, this.numbers[row]!);
  }
}

export function numberedValue(kind: NumberedColumn["kind"], number: number): Date | boolean {
  return kind === "bool" ? number === 1 : new Date(number);
}
