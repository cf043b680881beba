/**
 * Columns that fill row by row from the cells of records: numbers go into typed arrays and text stays bytes,
 * so that no string and no object is made. All else is kept as values. Filled anew for each chunk.
 */
import type { RecordColumns, Utf8Column, ValueColumn } from "../job/record-batch.js";
import type { TypeSpec } from "../model/type-spec.js";
import { decodeUtf8, defineMember } from "../columnar/codec.js";
import type { ReadCell } from "./cell-values.js";

export type CellValues = Utf8Column | ValueColumn<unknown> | Float64Array | Int32Array | BigInt64Array;

export interface ColumnBuilder {
  /** Sets the value of `row`, which is the next one or, when that row turned out bad, the same again. */
  put(row: number, bytes: Buffer, start: number, end: number): void;
  putNull(row: number): void;
  take(rows: number): CellValues;
}

export function columnBuilder(type: TypeSpec, read: ReadCell): ColumnBuilder {
  if (type.nullable) return new ValueBuilder(read);
  switch (type.kind) {
    case "utf8":
      return new Utf8Builder();
    case "float64":
      return new NumberBuilder(read, (size) => new Float64Array(size));
    case "int32":
      return new NumberBuilder(read, (size) => new Int32Array(size));
    case "int64":
      if (type.as === "number") return new NumberBuilder(read, (size) => new Float64Array(size));
      return new NumberBuilder(read, (size) => new BigInt64Array(size));
    default:
      return new ValueBuilder(read);
  }
}

export function takeColumns(names: readonly string[], builders: readonly ColumnBuilder[], rows: number): RecordColumns<Record<string, unknown>> {
  const columns: Record<string, CellValues> = {};
  for (const [i, name] of names.entries()) defineMember(columns, name, builders[i]!.take(rows));
  return { length: rows, columns: columns as RecordColumns<Record<string, unknown>>["columns"] };
}

const FIRST_ROWS = 1024;

type Numbers = Float64Array | Int32Array | BigInt64Array;

class NumberBuilder<Values extends Numbers> implements ColumnBuilder {
  private readonly read: ReadCell;
  private readonly make: (size: number) => Values;
  private values: Values;

  constructor(read: ReadCell, make: (size: number) => Values) {
    this.read = read;
    this.make = make;
    this.values = make(FIRST_ROWS);
  }

  put(row: number, bytes: Buffer, start: number, end: number): void {
    if (row === this.values.length) {
      const grown = this.make(row * 2);
      (grown as Float64Array).set(this.values as Float64Array);
      this.values = grown;
    }
    this.values[row] = this.read(bytes, start, end) as Values[number];
  }

  putNull(): void {
    throw new TypeError("null in a column that cannot hold it");
  }

  take(rows: number): CellValues {
    return this.values.subarray(0, rows);
  }
}

class Utf8Builder implements ColumnBuilder {
  private offsets: Int32Array = new Int32Array(FIRST_ROWS);
  private bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_ROWS * 8);

  put(row: number, bytes: Buffer, start: number, end: number): void {
    if (row + 1 >= this.offsets.length) this.growRows();
    const at = this.offsets[row]!;
    const to = at + end - start;
    if (to > this.bytes.length) this.growBytes(at, to);
    const target = this.bytes;
    // A call of `copy` costs as much as some 30 bytes.
    if (end - start > 32) bytes.copy(target, at, start, end);
    else for (let from = start, i = at; from < end; from++, i++) target[i] = bytes[from]!;
    this.offsets[row + 1] = to;
  }

  putNull(): void {
    throw new TypeError("null in a column that cannot hold it");
  }

  take(rows: number): Utf8Column {
    const { offsets, bytes } = this;
    return { length: rows, offsets: offsets.subarray(0, rows + 1), bytes, get: (row) => decodeUtf8(bytes, offsets[row]!, offsets[row + 1]!) };
  }

  private growRows(): void {
    const grown = new Int32Array(this.offsets.length * 2);
    grown.set(this.offsets);
    this.offsets = grown;
  }

  private growBytes(used: number, needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, used);
    this.bytes = grown;
  }
}

class ValueBuilder implements ColumnBuilder {
  private readonly read: ReadCell;
  private values: unknown[] = [];

  constructor(read: ReadCell) {
    this.read = read;
  }

  put(row: number, bytes: Buffer, start: number, end: number): void {
    this.values[row] = this.read(bytes, start, end);
  }

  putNull(row: number): void {
    this.values[row] = null;
  }

  take(rows: number): ValueColumn<unknown> {
    const values = this.values;
    this.values = [];
    return { length: rows, get: (row) => values[row] };
  }
}
