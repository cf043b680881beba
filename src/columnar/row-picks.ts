import { OWN_ROOM, type ColumnRoom } from "./column-room.js";
import type { BytesColumn, Column, ColumnBatch } from "./columns.js";
import { mustFitOffsets } from "./gather.js";
import { copyBytes } from "./kernels/copy-bytes.js";
import { viewOf } from "./kernels/key-words.js";

/** Rows chosen one by one from several batches of one shape, then copied out together, column by column. */
export class RowPicks {
  #batches: ColumnBatch[] = [];
  readonly #from: Int32Array;
  readonly #rows: Int32Array;
  #count = 0;

  constructor(capacity: number) {
    this.#from = new Int32Array(capacity);
    this.#rows = new Int32Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  get capacity(): number {
    return this.#from.length;
  }

  /** Forgets batches and rows. */
  clear(): void {
    this.#batches = [];
    this.#count = 0;
  }

  /** Makes a batch known; its number is what `add` takes. */
  source(batch: ColumnBatch): number {
    return this.#batches.push(batch) - 1;
  }

  add(source: number, row: number): void {
    this.#from[this.#count] = source;
    this.#rows[this.#count++] = row;
  }

  /** The picked rows in the order in which they were added. */
  gather(room = OWN_ROOM): ColumnBatch {
    const first = this.#batches[0];
    if (first === undefined) throw new Error("No rows were picked");
    return {
      rows: this.#count,
      keys: this.#bytes(this.#batches.map((batch) => batch.keys), room),
      values: first.values.map((_, index) => this.#column(this.#batches.map((batch) => valueColumn(batch, index)), room)),
    };
  }

  #column(columns: readonly Column[], room: ColumnRoom): Column {
    switch (columns[0]!.kind) {
      case "bytes":
        return this.#bytes(columns.map((column) => (column.kind === "bytes" ? column : mismatch("bytes", column))), room);
      case "float64": {
        const sources = columns.map((column) => (column.kind === "float64" ? column.values : mismatch("float64", column)));
        const values = room.float64(this.#count);
        for (let i = 0; i < values.length; i++) values[i] = sources[this.#from[i]!]![this.#rows[i]!]!;
        return { kind: "float64", values };
      }
      case "int64": {
        const sources = columns.map((column) => (column.kind === "int64" ? column.values : mismatch("int64", column)));
        const values = room.int64(this.#count);
        for (let i = 0; i < values.length; i++) values[i] = sources[this.#from[i]!]![this.#rows[i]!]!;
        return { kind: "int64", values };
      }
    }
  }

  #bytes(columns: readonly BytesColumn[], room: ColumnRoom): BytesColumn {
    const count = this.#count;
    const from = this.#from;
    const rows = this.#rows;
    const offsets = room.int32(count + 1);
    let total = 0;
    offsets[0] = 0;
    for (let i = 0; i < count; i++) {
      const source = columns[from[i]!]!.offsets;
      total += source[rows[i]! + 1]! - source[rows[i]!]!;
      offsets[i + 1] = total;
    }
    mustFitOffsets(total);
    const sources = columns.map((column) => ({ offsets: column.offsets, bytes: column.bytes, view: viewOf(column.bytes) }));
    const bytes = room.bytes(total);
    const to = { bytes, view: viewOf(bytes) };
    for (let i = 0; i < count; i++) {
      const source = sources[from[i]!]!;
      const row = rows[i]!;
      copyBytes(source, source.offsets[row]!, source.offsets[row + 1]!, to, offsets[i]!);
    }
    return { kind: "bytes", offsets, bytes };
  }
}

function valueColumn(batch: ColumnBatch, index: number): Column {
  const column = batch.values[index];
  if (column === undefined) throw new Error(`A batch has ${batch.values.length} value columns, fewer than the one before it`);
  return column;
}

function mismatch(expected: string, column: Column): never {
  throw new Error(`Batches to merge differ: a value column is ${expected} in one and ${column.kind} in another`);
}
