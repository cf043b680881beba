/** Columns of which some values are null: a 1 in `nulls` says which. */
import type { Utf8Column, ValueColumn } from "../job/record-batch.js";
import type { BytesColumn } from "./columns.js";

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

export class NullableTexts implements ValueColumn<string | null> {
  /** Empty where they are null. */
  readonly texts: Utf8Column;
  readonly nulls: Uint8Array;

  constructor(texts: Utf8Column, nulls: Uint8Array) {
    this.texts = texts;
    this.nulls = nulls;
  }

  get length(): number {
    return this.texts.length;
  }

  get(row: number): string | null {
    return this.nulls[row] === 1 ? null : this.texts.get(row);
  }
}

/** Texts, which are UTF-8, encoded as codec.ts does it where they may be null. */
export function encodedTexts({ offsets, bytes }: Pick<BytesColumn, "offsets" | "bytes">, nulls: Uint8Array, rows: number): BytesColumn {
  const ends = new Int32Array(rows + 1);
  const encoded = new Uint8Array(rows + offsets[rows]! - offsets[0]!);
  let to = 0;
  for (let row = 0; row < rows; row++) {
    encoded[to++] = nulls[row] === 1 ? 0 : 1;
    const end = offsets[row + 1]!;
    for (let from = offsets[row]!; from < end; ) encoded[to++] = bytes[from++]!;
    ends[row + 1] = to;
  }
  return { kind: "bytes", offsets: ends, bytes: encoded };
}
