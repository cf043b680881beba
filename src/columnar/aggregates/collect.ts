import type { TypeSpec } from "../../model/type-spec.js";
import { ByteSink } from "../byte-sink.js";
import { decoderFor, encoderFor, type Decode, type Encode } from "../codec.js";
import type { BytesColumn, Column, ColumnKind } from "../columns.js";
import { cellReader } from "../value-reader.js";
import type { AggregateState } from "./aggregate-state.js";
import type { AggregateInput } from "./input-column.js";

/** Rough memory of one value held as an object. */
const VALUE_BYTES = 48;

/** All values of each group, in order. They are kept as objects and passed on as encoded lists. */
export class Collect implements AggregateState {
  readonly kinds: readonly ColumnKind[] = ["bytes"];
  readonly #input: AggregateInput;
  readonly #read: (column: Column, row: number) => unknown;
  readonly #encode: Encode;
  readonly #decode: Decode;
  #groups: unknown[][] = [];
  #count = 0;
  #payload = 0;

  constructor(input: AggregateInput) {
    this.#input = input;
    this.#read = cellReader(input.type);
    const list: TypeSpec = { kind: "list", item: input.type, nullable: false };
    this.#encode = encoderFor(list);
    this.#decode = decoderFor(list);
  }

  get bytes(): number {
    return VALUE_BYTES * (this.#count + this.#groups.length) + this.#payload;
  }

  grow(groups: number): void {
    while (this.#groups.length < groups) this.#groups.push([]);
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    const column = this.#input.column(values, rows);
    if (column.kind === "bytes") this.#payload += column.offsets[rows]! - column.offsets[0]!;
    for (let row = 0; row < rows; row++) this.#push(this.#groups[codes[row]!]!, this.#read(column, row));
  }

  merge(codes: Int32Array, [partial]: readonly Column[], rows: number): void {
    const { offsets, bytes } = partial as BytesColumn;
    this.#payload += offsets[rows]! - offsets[0]!;
    for (let row = 0; row < rows; row++) {
      const group = this.#groups[codes[row]!]!;
      for (const value of this.#decode(bytes, offsets[row]!, offsets[row + 1]!) as unknown[]) this.#push(group, value);
    }
  }

  export(groups: Int32Array, rows: number): Column[] {
    const bytes = new ByteSink();
    const offsets = new Int32Array(rows + 1);
    for (let row = 0; row < rows; row++) {
      this.#encode(this.#groups[groups[row]!]!, bytes);
      offsets[row + 1] = bytes.length;
    }
    return [{ kind: "bytes", offsets, bytes: bytes.bytes }];
  }

  finish(group: number): unknown[] {
    return this.#groups[group]!;
  }

  clear(): void {
    this.#groups = [];
    this.#count = 0;
    this.#payload = 0;
  }

  #push(group: unknown[], value: unknown): void {
    group.push(value);
    this.#count++;
  }
}
