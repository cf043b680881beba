/**
 * How many different values each group has, exactly: one key table holds all of them, each behind the number of its group. A
 * partial result is a group's values in turn, each an encoded cell behind its length (uint32, little-endian).
 */
import { randomInt } from "node:crypto";
import { ByteSink } from "../byte-sink.js";
import type { BytesColumn, Column, ColumnKind } from "../columns.js";
import { partitionOrder } from "../kernels/partition.js";
import { viewOf } from "../kernels/key-words.js";
import { KeyTable } from "../key-table.js";
import type { AggregateState } from "./aggregate-state.js";
import { encodedCells } from "./encoded-cells.js";
import type { AggregateInput } from "./input-column.js";

/** Bytes of a group's number before a cell, and of a cell's length. */
const PREFIX = 4;
/** Cells that are looked up together. */
const BATCH = 1 << 12;

export class CountDistinct implements AggregateState {
  readonly kinds: readonly ColumnKind[] = ["bytes"];
  readonly #input: AggregateInput;
  /** Nobody who makes the data knows the seed; no result depends on it. */
  readonly #cells = new KeyTable(randomInt(2 ** 31));
  #counts: number[] = [];
  /** Cells behind the numbers of their groups that are still to be looked up. */
  readonly #waiting = new ByteSink(16 * BATCH);
  readonly #ends = new Int32Array(BATCH + 1);
  readonly #codes = new Int32Array(BATCH);
  #waits = 0;

  constructor(input: AggregateInput) {
    this.#input = input;
  }

  get bytes(): number {
    return this.#cells.bytes + 8 * this.#counts.length;
  }

  grow(groups: number): void {
    while (this.#counts.length < groups) this.#counts.push(0);
  }

  add(codes: Int32Array, values: readonly Column[], rows: number): void {
    const { type } = this.#input;
    const { offsets, bytes } = encodedCells(type, this.#input.column(values, rows), rows);
    for (let row = 0; row < rows; row++) {
      const start = offsets[row]!;
      if (!type.nullable || bytes[start] !== 0) this.#look(codes[row]!, bytes, start, offsets[row + 1]!);
    }
    this.#lookUp();
  }

  merge(codes: Int32Array, [partial]: readonly Column[], rows: number): void {
    const { offsets, bytes } = partial as BytesColumn;
    const view = viewOf(bytes);
    for (let row = 0; row < rows; row++) {
      for (let at = offsets[row]!; at < offsets[row + 1]!; ) {
        const start = at + PREFIX;
        at = start + view.getUint32(at, true);
        this.#look(codes[row]!, bytes, start, at);
      }
    }
    this.#lookUp();
  }

  export(groups: Int32Array, rows: number): Column[] {
    const { offsets, bytes } = this.#cells.keys();
    const view = viewOf(bytes);
    const groupOf = Int32Array.from({ length: this.#cells.size }, (_, cell) => view.getUint32(offsets[cell]!, true));
    const { order, starts } = partitionOrder(groupOf, groupOf.length, this.#counts.length);
    const out = new ByteSink(bytes.length);
    const ends = new Int32Array(rows + 1);
    for (let row = 0; row < rows; row++) {
      const group = groups[row]!;
      for (let place = starts[group]!; place < starts[group + 1]!; place++) {
        const start = offsets[order[place]!]! + PREFIX;
        const end = offsets[order[place]! + 1]!;
        out.uint32(end - start);
        out.copy(bytes, start, end);
      }
      ends[row + 1] = out.length;
    }
    return [{ kind: "bytes", offsets: ends, bytes: out.bytes }];
  }

  finish(group: number): number {
    return this.#counts[group]!;
  }

  clear(): void {
    this.#cells.clear();
    this.#counts = [];
  }

  #look(group: number, bytes: Uint8Array, start: number, end: number): void {
    this.#waiting.uint32(group);
    this.#waiting.copy(bytes, start, end);
    this.#ends[++this.#waits] = this.#waiting.length;
    if (this.#waits === BATCH) this.#lookUp();
  }

  #lookUp(): void {
    const { bytes } = this.#waiting;
    const view = viewOf(bytes);
    let known = this.#cells.size;
    this.#cells.encode({ kind: "bytes", offsets: this.#ends, bytes }, this.#waits, this.#codes);
    for (let row = 0; row < this.#waits; row++) {
      // Cells are numbered as they first come.
      if (this.#codes[row] !== known) continue;
      known++;
      this.#counts[view.getUint32(this.#ends[row]!, true)]!++;
    }
    this.#waiting.clear();
    this.#waits = 0;
  }
}
