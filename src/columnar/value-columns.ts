import { showValue } from "../model/show-value.js";
import type { TypeSpec } from "../model/type-spec.js";
import { ByteSink } from "./byte-sink.js";
import { encoderFor, startOfDay, toInt64 } from "./codec.js";
import type { BytesColumn, Column } from "./columns.js";
import { TextCells } from "./text-cells.js";
import { columnKind, type ValueLayout } from "./value-layout.js";

/** Room with the first row, for thousands of tasks may emit next to nothing; it doubles. */
const FEWEST_ROWS = 64;
const NO_NUMBERS = new Float64Array(0);
const NO_INTEGERS = new BigInt64Array(0);
const NO_TEXTS = new Int32Array(1);

/** Appends user values to the columns of a layout. Throws a TypeError that shows a value which does not fit its type. */
export class ValueColumns {
  readonly #cells: readonly CellColumn[];
  readonly #only: CellColumn;
  readonly #members: readonly string[] | undefined;

  constructor(layout: ValueLayout) {
    this.#members = layout.members?.map((member) => member.name);
    this.#cells = layout.members?.map((member) => cellColumn(member.type)) ?? [cellColumn(layout.type)];
    this.#only = this.#cells[0]!;
  }

  /** Memory that the values occupy. */
  get bytes(): number {
    let bytes = 0;
    for (const cells of this.#cells) bytes += cells.bytes;
    return bytes;
  }

  append(value: unknown): void {
    if (this.#members === undefined) return this.#only.append(value);
    if (typeof value !== "object" || value === null) throw new TypeError(`expected struct, got ${showValue(value)}`);
    for (let i = 0; i < this.#members.length; i++) {
      const name = this.#members[i]!;
      try {
        this.#cells[i]!.append((value as Record<string, unknown>)[name]);
      } catch (error) {
        throw error instanceof TypeError ? new TypeError(`member "${name}": ${error.message}`) : error;
      }
    }
  }

  /** The same as `append` where the layout is one float64 column. */
  appendFloat64(value: number): void {
    (this.#only as Float64Cells).push(value);
  }

  /** Forgets all values from row `rows` on, also those of a row that was appended in part. */
  truncate(rows: number): void {
    for (const cells of this.#cells) cells.truncate(rows);
  }

  clear(): void {
    this.truncate(0);
  }

  /** The columns; valid until the next `append`. */
  columns(): Column[] {
    return this.#cells.map((cells) => cells.column());
  }
}

interface CellColumn {
  readonly bytes: number;
  append(value: unknown): void;
  truncate(rows: number): void;
  column(): Column;
}

function cellColumn(type: TypeSpec): CellColumn {
  switch (columnKind(type)) {
    case "float64":
      return new Float64Cells(toFloat64(type));
    case "int64":
      return new Int64Cells(type);
    case "bytes":
      return bytesCells(type);
  }
}

/** Encoded values, or texts. */
export function bytesCells(type: TypeSpec): BytesCells | TextCells {
  return type.kind === "utf8" && !type.nullable ? new TextCells() : new BytesCells(type);
}

class Float64Cells implements CellColumn {
  readonly #convert: (value: unknown) => number;
  #values = NO_NUMBERS;
  #rows = 0;

  constructor(convert: (value: unknown) => number) {
    this.#convert = convert;
  }
  get bytes(): number {
    return 8 * this.#rows;
  }
  append(value: unknown): void {
    this.push(this.#convert(value));
  }
  push(value: number): void {
    if (this.#rows === this.#values.length) {
      const grown = new Float64Array(Math.max(FEWEST_ROWS, 2 * this.#rows));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#rows++] = value;
  }
  truncate(rows: number): void {
    this.#rows = Math.min(this.#rows, rows);
  }
  column(): Column {
    return { kind: "float64", values: this.#values };
  }
}

class Int64Cells implements CellColumn {
  readonly #type: TypeSpec & { kind: "int64" };
  #values = NO_INTEGERS;
  #rows = 0;

  constructor(type: TypeSpec) {
    this.#type = type as TypeSpec & { kind: "int64" };
  }
  get bytes(): number {
    return 8 * this.#rows;
  }
  append(value: unknown): void {
    const number = toInt64(value, this.#type.as);
    if (number === undefined) throw new TypeError(`expected int64 as ${this.#type.as}, got ${showValue(value)}`);
    if (this.#rows === this.#values.length) {
      const grown = new BigInt64Array(Math.max(FEWEST_ROWS, 2 * this.#rows));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#rows++] = number;
  }
  truncate(rows: number): void {
    this.#rows = Math.min(this.#rows, rows);
  }
  column(): Column {
    return { kind: "int64", values: this.#values };
  }
}

class BytesCells implements CellColumn {
  readonly #encode: (value: unknown, out: ByteSink) => void;
  readonly #sink = new ByteSink();
  #offsets = NO_TEXTS;
  #rows = 0;

  constructor(type: TypeSpec) {
    this.#encode = encoderFor(type);
  }
  get bytes(): number {
    return this.#sink.length + 4 * this.#rows;
  }
  append(value: unknown): void {
    const start = this.#sink.length;
    try {
      this.#encode(value, this.#sink);
    } catch (error) {
      this.#sink.length = start;
      throw error;
    }
    if (++this.#rows === this.#offsets.length) {
      const grown = new Int32Array(Math.max(FEWEST_ROWS, 2 * this.#rows));
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
    this.#offsets[this.#rows] = this.#sink.length;
  }
  truncate(rows: number): void {
    if (rows >= this.#rows) return;
    this.#rows = rows;
    this.#sink.length = this.#offsets[rows]!;
  }
  column(): BytesColumn {
    return { kind: "bytes", offsets: this.#offsets, bytes: this.#sink.bytes };
  }
}

function toFloat64(type: TypeSpec): (value: unknown) => number {
  const mismatch = (value: unknown): never => {
    throw new TypeError(`expected ${type.kind}, got ${showValue(value)}`);
  };
  switch (type.kind) {
    case "float64":
      return (value) => (typeof value === "number" ? value : mismatch(value));
    case "int32":
      return (value) => (typeof value === "number" && value === (value | 0) ? value : mismatch(value));
    case "bool":
      return (value) => (typeof value === "boolean" ? Number(value) : mismatch(value));
    case "timestamp":
      return (value) => (value instanceof Date && !Number.isNaN(value.getTime()) ? value.getTime() : mismatch(value));
    case "date":
      return (value) => (value instanceof Date && !Number.isNaN(value.getTime()) ? startOfDay(value.getTime()) : mismatch(value));
    default:
      throw new Error(`${type.kind} values are not held as float64`);
  }
}
