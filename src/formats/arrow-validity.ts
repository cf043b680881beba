/** What the builders of a batch's columns share: validity bitmaps, growth, and a measure of their size. */
import { showValue } from "../model/show-value.js";

/** Counts the bytes that the builders of a batch hold, so that wide rows make short batches. */
export interface Meter {
  bytes: number;
}

export function mismatch(wanted: string, value: unknown): TypeError {
  return new TypeError(`expected ${wanted}, got ${showValue(value)}`);
}

/** Which rows are null, in Arrow's least-significant-bit-first order. */
export class Validity {
  rows = 0;
  private nulls = 0;
  private bits = new Uint8Array(128);
  private readonly nullable: boolean;
  private readonly wanted: string;

  constructor(nullable: boolean, wanted: string) {
    this.nullable = nullable;
    this.wanted = wanted;
  }

  /** Records the row and tells whether a value is there. */
  append(value: unknown): boolean {
    const present = value !== null && value !== undefined;
    const { rows } = this;
    if (!this.nullable) {
      if (!present) throw mismatch(this.wanted, value);
      this.rows = rows + 1;
      return true;
    }
    if (rows === this.bits.length * 8) this.bits = grown(this.bits);
    if (present) this.bits[rows >> 3]! |= 1 << (rows & 7);
    else this.nulls++;
    this.rows = rows + 1;
    return present;
  }

  /** Records a row that no one will read, since the struct around it is null. */
  skip(): void {
    this.append(this.nullable ? null : true);
  }

  truncate(rows: number): void {
    if (!this.nullable) {
      this.rows = Math.min(this.rows, rows);
      return;
    }
    for (let row = rows; row < this.rows; row++) {
      const bit = 1 << (row & 7);
      if ((this.bits[row >> 3]! & bit) === 0) this.nulls--;
      this.bits[row >> 3]! &= ~bit;
    }
    this.rows = Math.min(this.rows, rows);
  }

  drain(nodes: number[], buffers: Uint8Array[]): void {
    nodes.push(this.rows, this.nulls);
    buffers.push(this.nulls === 0 ? new Uint8Array(0) : this.bits.slice(0, Math.ceil(this.rows / 8)));
    this.bits.fill(0);
    this.rows = 0;
    this.nulls = 0;
  }
}

export type FixedArray = Int32Array | Float64Array | BigInt64Array;

export function grown<A extends FixedArray | Uint8Array>(values: A): A {
  const larger = new (values.constructor as new (length: number) => A)(values.length * 2);
  if (larger instanceof BigInt64Array) larger.set(values as BigInt64Array);
  else larger.set(values as Uint8Array);
  return larger;
}
