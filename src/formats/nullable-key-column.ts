/**
 * Keys of one column that may be null, as codes of a dictionary of their encodings (codec.ts). They are made of the column once it holds all rows of
 * the chunk, so that a null is a key as any other.
 *
 *     dictionary | offsets of encodings | encodings
 */
import { isUtf8 } from "node:buffer";
import type { CodedTexts } from "../columnar/coded-texts.js";
import type { BytesColumn } from "../columnar/columns.js";
import { BytesOfNumbers } from "../columnar/encoded-numbers.js";
import type { Kernels } from "../columnar/kernels/wasm.js";
import { columnOfNumbers } from "../columnar/made-columns.js";
import { encodedTexts, NullableNumbers, NullableTexts } from "../columnar/nullable-columns.js";
import type { FieldSpec } from "../model/type-spec.js";
import type { CellValues } from "./cell-columns.js";
import { KeyDictionary } from "./key-dictionary.js";

export interface NullableKeyShape {
  readonly fields: readonly [FieldSpec];
  /** Most rows of a chunk, and most bytes of its cells. */
  readonly rows: number;
  readonly bytes: number;
  readonly recordBytes: number;
}

/** Of a null or what stands before a value, and of a number. */
const MOST_ENCODED = 9;

export class NullableKeyColumn {
  readonly #kernels: Kernels;
  readonly #field: FieldSpec;
  readonly #dictionary: KeyDictionary;
  readonly #offsets: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(kernels: Kernels, address: number, shape: NullableKeyShape) {
    const { buffer } = kernels.memory;
    const bytes = encodedBytes(shape);
    this.#kernels = kernels;
    this.#field = shape.fields[0];
    this.#dictionary = new KeyDictionary(kernels, address, shape.rows, bytes, shape.recordBytes);
    this.#offsets = new Int32Array(buffer, this.#dictionary.end, shape.rows + 1);
    this.#bytes = new Uint8Array(buffer, this.#offsets.byteOffset + this.#offsets.byteLength, bytes + SLACK);
  }

  /** Memory it takes; undefined where that is too much. */
  static bytes(shape: NullableKeyShape): number | undefined {
    const bytes = encodedBytes(shape);
    const dictionary = KeyDictionary.bytes(shape.rows, bytes, shape.recordBytes);
    return dictionary === undefined ? undefined : dictionary + 4 * (shape.rows + 1) + bytes + SLACK;
  }

  /** To be called before the first row of a chunk. */
  begin(): void {
    this.#dictionary.begin();
  }

  /** Undefined once the dictionary is given up, or where a text is not as keys have it. */
  take([column]: readonly CellValues[], rows: number): CodedTexts | undefined {
    const dictionary = this.#dictionary;
    const keys = dictionary.isGivenUp ? undefined : this.#encoded(column!, rows);
    if (keys === undefined) return undefined;
    this.#offsets.set(keys.offsets.subarray(0, rows + 1));
    this.#bytes.set(keys.bytes.subarray(0, keys.offsets[rows]));
    const { call } = this.#kernels;
    dictionary.encode(rows, (done) => call.encodeKeys(this.#bytes.byteOffset, this.#offsets.byteOffset + 4 * done, rows - done, dictionary.codes.byteOffset + 4 * done));
    return { ...dictionary.take(rows), isEncoded: true };
  }

  #encoded(column: CellValues, rows: number): BytesColumn | undefined {
    if (column instanceof NullableNumbers) {
      const { numbers, nulls } = column;
      return new BytesOfNumbers({ numbers: columnOfNumbers(numbers, this.#field.type.kind === "int64" ? "int64" : "float64"), nulls }, this.#field.type, rows);
    }
    if (!(column instanceof NullableTexts)) return undefined;
    const { texts, nulls } = column;
    return isUtf8(texts.bytes.subarray(texts.offsets[0], texts.offsets[rows])) ? encodedTexts(texts, nulls, rows) : undefined;
  }
}

/** Kernels read behind what they work on. */
const SLACK = 64;

/** Most bytes of a chunk's encodings. */
function encodedBytes({ rows, bytes }: NullableKeyShape): number {
  return Math.ceil((bytes + rows * MOST_ENCODED) / 64) * 64;
}
