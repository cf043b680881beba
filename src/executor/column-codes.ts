/**
 * Values of a column as codes: equal values have one code, so that a pure function of a value need be called but once
 * for each code. Texts are told apart by their bytes, without a string for each row.
 */
import { randomInt } from "node:crypto";
import type { CodedTexts } from "../columnar/coded-texts.js";
import { KeyTable } from "../columnar/key-table.js";
import type { Utf8Column, ValueColumn } from "../job/record-batch.js";
import type { TypeSpec } from "../model/type-spec.js";

export type AnyColumn = CodedTexts | Utf8Column | ValueColumn<unknown> | Float64Array | Int32Array | BigInt64Array;

export interface Codes {
  /** Another number when codes have been given anew. */
  readonly epoch: number;
  codeAt(row: number): number;
  valueAt(row: number): unknown;
}

/** The codes of a column of the input: its own where the reader has numbered it. */
export interface ColumnCodes extends Codes {
  /** Goes to the next chunk. */
  open(column: AnyColumn, rows: number): void;
}

/** Distinct values before codes are given anew. */
const MOST_VALUES = 1 << 16;
const MOST_BYTES = 8 << 20;

export function columnCodes(type: TypeSpec): ColumnCodes {
  switch (type.kind) {
    case "utf8":
      return type.nullable ? new ValueCodes((value) => value) : new TextCodes();
    case "timestamp":
    case "date":
      return new ValueCodes((value) => (value as Date | null)?.getTime());
    case "binary":
    case "json":
    case "list":
    case "struct":
      return new RowCodes();
    default:
      return new ValueCodes((value) => value);
  }
}

export function valueReader(column: AnyColumn): (row: number) => unknown {
  return "get" in column ? (row) => column.get(row) : (row) => column[row];
}

/** Fewer rows than this to a text are not worth a table. */
const WORTHWHILE = 2;

/** Codes that the reader gave, or of a table; once texts hardly ever repeat, each row is one of its own. */
class TextCodes implements ColumnCodes {
  epoch = 0;
  readonly #table = new KeyTable(randomInt(2 ** 31));
  #column: CodedTexts | Utf8Column = { length: 0, offsets: new Int32Array(1), bytes: new Uint8Array(0), get: () => "" };
  #codes: Int32Array = new Int32Array(0);
  #from: "reader" | "table" | "rows" = "table";
  #readerEpoch: unknown;
  #rowsSeen = 0;
  #ready = false;

  open(column: AnyColumn, rows: number): void {
    this.#column = column as CodedTexts | Utf8Column;
    if ("codes" in column) {
      if (this.#from !== "reader" || column.epoch !== this.#readerEpoch) this.epoch++;
      this.#from = "reader";
      this.#readerEpoch = column.epoch;
      this.#codes = column.codes;
      this.#ready = true;
      return;
    }
    // A reader stops numbering when that is not worth while, or for a chunk that its kernel cannot take.
    if (this.#from === "reader") this.#restart();
    else if (this.#from === "table" && (this.#table.size > MOST_VALUES || this.#table.bytes > MOST_BYTES)) {
      if (this.#rowsSeen < WORTHWHILE * this.#table.size) this.#from = "rows";
      this.#restart();
    }
    if (this.#from === "rows") this.epoch++;
    else if (this.#codes.length < rows) this.#codes = new Int32Array(rows);
    this.#ready = false;
  }

  codeAt(row: number): number {
    if (this.#from === "rows") return row;
    if (!this.#ready) this.#number();
    return this.#codes[row]!;
  }

  valueAt(row: number): string {
    return this.#column.get(row);
  }

  #restart(): void {
    if (this.#from === "reader") this.#from = "table";
    this.#codes = new Int32Array(0);
    this.#table.clear();
    this.#rowsSeen = 0;
    this.epoch++;
  }

  #number(): void {
    const { length, offsets, bytes } = this.#column as Utf8Column;
    this.#table.encode({ kind: "bytes", offsets, bytes }, length, this.#codes);
    this.#rowsSeen += length;
    this.#ready = true;
  }
}

class ValueCodes implements ColumnCodes {
  epoch = 0;
  readonly #codes = new Map<unknown, number>();
  readonly #identity: (value: unknown) => unknown;
  #read: (row: number) => unknown = () => undefined;

  /** `identity` is the same for equal values, and equal as a key of a Map. */
  constructor(identity: (value: unknown) => unknown) {
    this.#identity = identity;
  }

  open(column: AnyColumn): void {
    this.#read = valueReader(column);
    if (this.#codes.size < MOST_VALUES) return;
    this.#codes.clear();
    this.epoch++;
  }

  codeAt(row: number): number {
    const identity = this.#identity(this.#read(row));
    const known = this.#codes.get(identity);
    if (known !== undefined) return known;
    const code = this.#codes.size;
    this.#codes.set(identity, code);
    return code;
  }

  valueAt(row: number): unknown {
    return this.#read(row);
  }
}

/** Values that are not told apart: each row is one of its own. */
class RowCodes implements ColumnCodes {
  epoch = 0;
  #read: (row: number) => unknown = () => undefined;

  open(column: AnyColumn): void {
    this.#read = valueReader(column);
    this.epoch++;
  }

  codeAt(row: number): number {
    return row;
  }

  valueAt(row: number): unknown {
    return this.#read(row);
  }
}
