/** Columns of which some values are null: a 1 in `nulls` says which. */
import type { Utf8Column, ValueColumn } from "../job/record-batch.js";
import type { BytesColumn } from "./columns.js";
import { copyBytes } from "./kernels/copy-bytes.js";
import { viewOf } from "./kernels/key-words.js";
import type { Numbers } from "./made-columns.js";
import { NumberedColumn, numberedValue } from "./numbered-column.js";

export class NullableNumbers implements ValueColumn<number | bigint | Date | boolean | null> {
  readonly numbers: Numbers;
  readonly nulls: Uint8Array;
  /** Of times and booleans, which lie as numbers. */
  readonly kind: NumberedColumn["kind"] | undefined;

  constructor(present: Numbers | NumberedColumn, nulls: Uint8Array) {
    const isNumbered = present instanceof NumberedColumn;
    this.numbers = isNumbered ? present.numbers : present;
    this.kind = isNumbered ? present.kind : undefined;
    this.nulls = nulls;
  }

  get length(): number {
    return this.numbers.length;
  }

  /** The values, as if none were null. */
  get present(): Numbers | NumberedColumn {
    return this.kind === undefined ? this.numbers : new NumberedColumn(this.kind, this.numbers as Float64Array);
  }

  get(row: number): number | bigint | Date | boolean | null {
    return this.nulls[row] === 1 ? null : this.kind === undefined ? this.numbers[row]! : numberedValue(this.kind, this.numbers[row] as number);
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
  const source = { bytes, view: viewOf(bytes) };
  const target = { bytes: encoded, view: viewOf(encoded) };
  let to = 0;
  for (let row = 0; row < rows; row++) {
    encoded[to++] = nulls[row] === 1 ? 0 : 1;
    copyBytes(source, offsets[row]!, offsets[row + 1]!, target, to);
    ends[row + 1] = to += offsets[row + 1]! - offsets[row]!;
  }
  return { kind: "bytes", offsets: ends, bytes: encoded };
}
