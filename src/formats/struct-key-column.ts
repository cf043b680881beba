/**
 * Keys of several columns of a chunk, encoded as codec.ts encodes a struct: codes of a dictionary, or once that is given up the encodings
 * themselves. They are made of the columns in kernel memory once these hold all rows of the chunk.
 *
 *     dictionary | where the columns lie | offsets of encodings | encodings
 */
import { isUtf8 } from "node:buffer";
import type { CodedTexts } from "../columnar/coded-texts.js";
import type { BytesColumn } from "../columnar/columns.js";
import type { Kernels } from "../columnar/kernels/wasm.js";
import { NumberedColumn } from "../columnar/numbered-column.js";
import { PART, partKind } from "../columnar/struct-parts.js";
import type { Utf8Column } from "../job/record-batch.js";
import type { FieldSpec, TypeSpec } from "../model/type-spec.js";
import type { CellValues } from "./cell-columns.js";
import { KeyDictionary } from "./key-dictionary.js";

export interface StructKeyShape {
  readonly fields: readonly FieldSpec[];
  /** Most rows of a chunk, and most bytes of its cells. */
  readonly rows: number;
  readonly bytes: number;
  readonly recordBytes: number;
}

export class StructKeyColumn {
  readonly #kernels: Kernels;
  readonly #fields: readonly FieldSpec[];
  readonly #dictionary: KeyDictionary | undefined;
  readonly #parts: Int32Array;
  readonly #offsets: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(kernels: Kernels, address: number, shape: StructKeyShape) {
    const { buffer } = kernels.memory;
    const { fields, rows } = shape;
    const bytes = encodedBytes(shape);
    this.#kernels = kernels;
    this.#fields = fields;
    if (KeyDictionary.bytes(rows, bytes, shape.recordBytes) !== undefined) this.#dictionary = new KeyDictionary(kernels, address, rows, bytes, shape.recordBytes);
    this.#parts = new Int32Array(buffer, this.#dictionary?.end ?? address, PART * fields.length);
    this.#offsets = new Int32Array(buffer, this.#parts.byteOffset + this.#parts.byteLength, rows + 1);
    this.#bytes = new Uint8Array(buffer, this.#offsets.byteOffset + this.#offsets.byteLength, bytes + SLACK);
    this.#offsets[0] = 0;
  }

  /** Memory it takes. */
  static bytes(shape: StructKeyShape): number {
    const bytes = encodedBytes(shape);
    return (KeyDictionary.bytes(shape.rows, bytes, shape.recordBytes) ?? 0) + 4 * (PART * shape.fields.length + shape.rows + 1) + bytes + SLACK;
  }

  /** Whether keys of this type can be made so. */
  static takes(type: TypeSpec): boolean {
    return partKind(type) !== undefined;
  }

  /** To be called before the first row of a chunk. */
  begin(): void {
    this.#dictionary?.begin();
  }

  /** `columns` are those of the fields. Undefined where a text is not as keys have it. */
  take(columns: readonly CellValues[], rows: number): CodedTexts | BytesColumn | undefined {
    const placed = this.#fields.every(({ type }, i) => this.#place(type, columns[i]!, rows, PART * i));
    if (!placed) return undefined;
    const { call } = this.#kernels;
    const parts = this.#parts.byteOffset;
    const count = columns.length;
    const dictionary = this.#dictionary;
    if (dictionary && !dictionary.isGivenUp) {
      dictionary.encode(rows, (done) => call.encodeStructs(parts, count, done, rows - done, dictionary.scratch, dictionary.codes.byteOffset + 4 * done));
      return { ...dictionary.take(rows), isEncoded: true };
    }
    call.copyStructs(parts, count, rows, this.#offsets.byteOffset, this.#bytes.byteOffset);
    return { kind: "bytes", offsets: this.#offsets.subarray(0, rows + 1), bytes: this.#bytes };
  }

  /** Tells the kernel where a column lies. */
  #place(type: TypeSpec, column: CellValues, rows: number, at: number): boolean {
    const kind = partKind(type)!;
    if ("offsets" in column) {
      this.#parts.set([kind, column.offsets.byteOffset, column.bytes.byteOffset], at);
      return isPlain(column, rows);
    }
    const numbers = column instanceof NumberedColumn ? column.numbers : column;
    if ("get" in numbers) return false;
    this.#parts.set([kind, numbers.byteOffset, 0], at);
    return true;
  }
}

/** Kernels write behind what they work on. */
const SLACK = 64;

/** Most bytes of a chunk's encodings. */
function encodedBytes({ fields, rows, bytes }: StructKeyShape): number {
  return Math.ceil((bytes + rows * fields.reduce((sum, { type }) => sum + (type.kind === "utf8" ? 2 : 8), 0)) / 64) * 64;
}

/** Texts that are encoded byte by byte: no NUL is in them, and nothing that a string would not hold. */
function isPlain({ offsets, bytes }: Utf8Column, rows: number): boolean {
  const texts = Buffer.from(bytes.buffer, bytes.byteOffset, offsets[rows]!);
  return isUtf8(texts) && !texts.includes(0);
}
