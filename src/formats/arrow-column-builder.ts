/**
 * A column builder gathers the values of one output column in Arrow layout: a validity bitmap, then values
 * or offsets and bytes. `append` throws a TypeError for a value that does not fit and may leave the column
 * longer than its neighbours; `truncate` puts that right.
 */
import { ByteSink } from "../columnar/byte-sink.js";
import type { ArrowField, ArrowType } from "../columnar/ipc-schema.js";
import { grown, mismatch, Validity, type FixedArray, type Meter } from "./arrow-validity.js";

export interface ColumnBuilder {
  /** Null and undefined are nulls. */
  append(value: unknown): void;
  /** Takes up a row below a null struct, where even a column without nulls has no value. */
  skip(): void;
  /** Forgets all values from row `rows` on. */
  truncate(rows: number): void;
  field(name: string): ArrowField;
  /** Adds the nodes and buffers of this column, depth first, and starts anew. Buffers are valid until the next `append`. */
  drain(nodes: number[], buffers: Uint8Array[]): void;
}

/** Values of one width. `convert` gives the stored form or undefined for a value of another type. */
export class FixedBuilder<A extends FixedArray> implements ColumnBuilder {
  private readonly validity: Validity;
  private values: A;
  private readonly type: ArrowType;
  private readonly nullable: boolean;
  private readonly wanted: string;
  private readonly convert: (value: unknown) => A[number] | undefined;
  private readonly meter: Meter;

  constructor(values: A, type: ArrowType, nullable: boolean, wanted: string, convert: (value: unknown) => A[number] | undefined, meter: Meter) {
    this.validity = new Validity(nullable, wanted);
    this.values = values;
    this.type = type;
    this.nullable = nullable;
    this.wanted = wanted;
    this.convert = convert;
    this.meter = meter;
  }

  append(value: unknown): void {
    const row = this.validity.rows;
    if (row === this.values.length) this.values = grown(this.values);
    let stored: A[number] | undefined;
    if (this.validity.append(value)) {
      stored = this.convert(value);
      if (stored === undefined) throw mismatch(this.wanted, value);
    }
    this.values[row] = stored ?? (this.values instanceof BigInt64Array ? 0n : 0);
    this.meter.bytes += 8;
  }

  skip(): void {
    const row = this.validity.rows;
    if (row === this.values.length) this.values = grown(this.values);
    this.validity.skip();
    this.values[row] = this.values instanceof BigInt64Array ? 0n : 0;
  }

  truncate(rows: number): void {
    this.validity.truncate(rows);
  }

  field(name: string): ArrowField {
    return { name, nullable: this.nullable, type: this.type, children: [] };
  }

  drain(nodes: number[], buffers: Uint8Array[]): void {
    const { rows } = this.validity;
    this.validity.drain(nodes, buffers);
    buffers.push(new Uint8Array(this.values.buffer, 0, rows * this.values.BYTES_PER_ELEMENT));
  }
}

/** Booleans, eight to a byte. */
export class BoolBuilder implements ColumnBuilder {
  private readonly validity: Validity;
  private bits = new Uint8Array(128);
  private readonly nullable: boolean;
  private readonly meter: Meter;

  constructor(nullable: boolean, wanted: string, meter: Meter) {
    this.validity = new Validity(nullable, wanted);
    this.nullable = nullable;
    this.meter = meter;
  }

  append(value: unknown): void {
    const row = this.validity.rows;
    if (row === this.bits.length * 8) this.bits = grown(this.bits);
    if (this.validity.append(value) && typeof value !== "boolean") throw mismatch("bool", value);
    const bit = 1 << (row & 7);
    if (value === true) this.bits[row >> 3]! |= bit;
    else this.bits[row >> 3]! &= ~bit;
    this.meter.bytes += 1;
  }

  skip(): void {
    const row = this.validity.rows;
    if (row === this.bits.length * 8) this.bits = grown(this.bits);
    this.validity.skip();
    this.bits[row >> 3]! &= ~(1 << (row & 7));
  }

  truncate(rows: number): void {
    this.validity.truncate(rows);
  }

  field(name: string): ArrowField {
    return { name, nullable: this.nullable, type: { kind: "bool" }, children: [] };
  }

  drain(nodes: number[], buffers: Uint8Array[]): void {
    const { rows } = this.validity;
    this.validity.drain(nodes, buffers);
    const used = this.bits.slice(0, Math.ceil(rows / 8));
    // Bits behind the last row may be those of a row that was taken back.
    if ((rows & 7) !== 0) used[used.length - 1]! &= (1 << (rows & 7)) - 1;
    buffers.push(used);
  }
}

/** Strings and bytes. `write` appends a value's bytes, or throws. */
export class BytesBuilder implements ColumnBuilder {
  private readonly validity: Validity;
  private offsets = new Int32Array(1024);
  private readonly sink = new ByteSink(4096);
  private readonly type: ArrowType;
  private readonly nullable: boolean;
  private readonly write: (value: unknown, out: ByteSink) => void;
  private readonly meter: Meter;

  constructor(type: ArrowType, nullable: boolean, wanted: string, write: (value: unknown, out: ByteSink) => void, meter: Meter) {
    this.validity = new Validity(nullable, wanted);
    this.type = type;
    this.nullable = nullable;
    this.write = write;
    this.meter = meter;
  }

  append(value: unknown): void {
    const row = this.validity.rows;
    if (row + 1 === this.offsets.length) this.offsets = grown(this.offsets);
    const before = this.sink.length;
    if (this.validity.append(value)) this.write(value, this.sink);
    this.offsets[row + 1] = this.sink.length;
    this.meter.bytes += this.sink.length - before + 4;
  }

  skip(): void {
    const row = this.validity.rows;
    if (row + 1 === this.offsets.length) this.offsets = grown(this.offsets);
    this.validity.skip();
    this.offsets[row + 1] = this.sink.length;
  }

  truncate(rows: number): void {
    this.validity.truncate(rows);
    this.sink.length = this.offsets[this.validity.rows]!;
  }

  field(name: string): ArrowField {
    return { name, nullable: this.nullable, type: this.type, children: [] };
  }

  drain(nodes: number[], buffers: Uint8Array[]): void {
    const { rows } = this.validity;
    this.validity.drain(nodes, buffers);
    buffers.push(new Uint8Array(this.offsets.buffer, 0, (rows + 1) * 4), this.sink.view());
    this.sink.clear();
  }
}
