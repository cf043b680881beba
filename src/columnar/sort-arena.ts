/**
 * A sort arena holds rows of one partition in the memory of kernels and gives them back in key order; rows of
 * equal keys keep the order in which they came. Blocks are read straight into it (`room`), so between file and
 * output a row is copied once.
 *
 *     memory = counts | offsets of the output | output | batches as they came -> ... <- tables of the sort
 */
import { ReusedRoom, type ColumnRoom } from "./column-room.js";
import type { BytesColumn, Column, ColumnBatch, ColumnKind } from "./columns.js";
import { aligned16, KernelLayout } from "./kernels/kernel-layout.js";
import { GATHER_SLACK, type Kernels } from "./kernels/wasm.js";
import { LONGEST_SMALL_TEXT } from "./utf8-text.js";
import type { KeyBytesOptions } from "../job/operators.js";

const COUNTS_BYTES = 16 << 10;
/** Kernels read and write up to so much too far. */
const SLACK = 64;
const LEAST_BYTES = 256 << 10;
/** What is gathered at a time: stays in the second cache until it is written. */
const MOST_OUTPUT = 512 << 10;
/** A merge holds two blocks of each of 64 runs, and a block as much of each column. */
const OUTPUTS = 256;

/** Where the columns of a batch lie: addresses of offsets and bytes, or of the cells. */
interface Piece {
  readonly rows: number;
  readonly columns: readonly { readonly offsets: number; readonly bytes: number }[];
}

export class SortArena {
  readonly #kernels: Kernels;
  readonly #kinds: readonly ColumnKind[];
  readonly #keyBytes: KeyBytesOptions | undefined;
  readonly #size: number;
  readonly #outputRows: number;
  readonly #output: number;
  readonly #outputEnd: number;
  readonly #data: number;
  /** Bytes of tables for each row: address range of its key, stack, and two entries or order and address ranges of values (see `#sort`). */
  readonly #rowBytes: number;
  readonly #room = new ReusedRoom();
  #end: number;
  #rows = 0;
  #pieces: Piece[] = [];

  /**
   * Undefined when that is too little memory to be of use. With `keyBytes` batches come with whole records, all longer than that, in place
   * of keys, and nothing else: these bytes of them are the keys, the records the only value.
   */
  static within(kernels: Kernels, bytes: number, kinds: readonly ColumnKind[], keyBytes?: KeyBytesOptions): SortArena | undefined {
    const size = Math.min(kernels.memory.length, Math.floor(bytes / 8) * 8);
    return size < LEAST_BYTES ? undefined : new SortArena(kernels, size, kinds, keyBytes);
  }

  private constructor(kernels: Kernels, size: number, kinds: readonly ColumnKind[], keyBytes: KeyBytesOptions | undefined) {
    this.#kernels = kernels;
    this.#size = size;
    this.#kinds = kinds;
    this.#keyBytes = keyBytes;
    const output = Math.min(MOST_OUTPUT, Math.floor(size / OUTPUTS / 8) * 8);
    this.#outputRows = output >> 3;
    this.#output = aligned(COUNTS_BYTES + 4 * this.#outputRows + SLACK);
    this.#outputEnd = this.#output + output;
    this.#data = this.#end = aligned(this.#outputEnd + GATHER_SLACK);
    this.#rowBytes = 8 + 1 + Math.max(16 + 16, 4 + 8 * kinds.length);
  }

  get rows(): number {
    return this.#rows;
  }

  clear(): void {
    this.#end = this.#data;
    this.#rows = 0;
    this.#pieces = [];
  }

  /** Memory for a message of so many bytes and rows, to be filled and then added as a batch; undefined when the arena is too full. */
  room(bytes: number, rows: number): Uint8Array | undefined {
    const needed = this.#end + bytes + SLACK + 8 + (this.#rows + rows) * this.#rowBytes + 512;
    return needed > this.#size ? undefined : this.#kernels.memory.subarray(this.#end, this.#end + bytes);
  }

  /** Takes a batch in, without a copy if it lies in the room that was given last. False when the arena is too full. */
  add(batch: ColumnBatch): boolean {
    const { memory } = this.#kernels;
    if (batch.keys.bytes.buffer === memory.buffer) {
      this.#take(batch);
      return true;
    }
    const columns = [batch.keys, ...batch.values];
    const bytes = columns.reduce((sum, column) => sum + storedBytes(column, batch.rows) + 16, 0);
    if (this.room(bytes, batch.rows) === undefined) return false;
    const piece = { rows: batch.rows, columns: columns.map((column) => this.#store(column, batch.rows)) };
    this.#keep(piece, this.#end);
    return true;
  }

  #take({ rows, keys, values }: ColumnBatch): void {
    let end = this.#end;
    const columns = [keys, ...values].map((column) => {
      if ((column.kind === "bytes" ? column.offsets : column.values).buffer !== keys.bytes.buffer) throw new Error("A batch lies in a sort arena in part");
      if (column.kind !== "bytes") {
        end = Math.max(end, column.values.byteOffset + column.values.byteLength);
        return { offsets: 0, bytes: column.values.byteOffset };
      }
      end = Math.max(end, column.offsets.byteOffset + 4 * rows + 4, column.bytes.byteOffset + column.bytes.length);
      return { offsets: column.offsets.byteOffset, bytes: column.bytes.byteOffset };
    });
    this.#keep({ rows, columns }, end);
  }

  #keep(piece: Piece, end: number): void {
    this.#pieces.push(this.#keyBytes === undefined ? piece : { rows: piece.rows, columns: [piece.columns[0]!, piece.columns[0]!] });
    this.#rows += piece.rows;
    this.#end = aligned(end);
  }

  #store(column: Column, rows: number): { offsets: number; bytes: number } {
    if (column.kind !== "bytes") return { offsets: 0, bytes: this.#append(column.values.subarray(0, rows)) };
    const first = column.offsets[0]!;
    const offsets = this.#append(column.offsets.subarray(0, rows + 1));
    return { offsets, bytes: this.#append(column.bytes.subarray(first, column.offsets[rows])) - first };
  }

  #append(source: Uint8Array | Int32Array | Float64Array | BigInt64Array): number {
    const at = this.#end;
    this.#kernels.memory.set(new Uint8Array(source.buffer, source.byteOffset, source.byteLength), at);
    this.#end = aligned(at + source.byteLength);
    return at;
  }

  /** All rows in order; a batch holds until the next is asked for. The texts of a column may become one string. */
  *batches(): Generator<ColumnBatch> {
    const { order, places } = this.#sort();
    const limit = Math.min(this.#outputEnd, this.#output + LONGEST_SMALL_TEXT);
    for (let from = 0; from < this.#rows; ) {
      const room = this.#room.reset();
      let count = Math.min(this.#rows - from, this.#outputRows - 2);
      const columns = places.map((table, index): Column => {
        const gathered = this.#gather(table, order, from, from + count, limit);
        count = gathered.rows;
        return copied(index === 0 ? "bytes" : this.#kinds[index - 1]!, gathered, room);
      });
      const [keys, ...values] = columns;
      yield { rows: count, keys: keys as BytesColumn, values };
      from += count;
    }
  }

  /** A column of bytes in order, the keys at 0, as views that hold until the next is asked for. */
  *column(index: number): Generator<{ readonly rows: number; readonly column: BytesColumn }> {
    const { order, places } = this.#sort();
    for (let from = 0; from < this.#rows; ) {
      const to = Math.min(this.#rows, from + this.#outputRows - 2);
      const { rows, offsets, bytes } = this.#gather(places[index]!, order, from, to, this.#outputEnd);
      yield { rows, column: { kind: "bytes", offsets, bytes } };
      from += rows;
    }
  }

  /**
   * Tables lie behind the batches: nothing may be added after it. When the sort writes the order it is done with its entries, so the order
   * takes their place, and where the values lie is written behind it.
   *
   *     keys' places | stack | entries | scratch
   *                          | order | values' places
   */
  #sort(): { readonly order: number; readonly places: readonly number[] } {
    const rows = this.#rows;
    const layout = new KernelLayout(aligned16(this.#end + SLACK));
    const keys = layout.take(8 * rows);
    const stack = layout.take(rows + 16);
    const entries = layout.end;
    const scratch = entries + aligned16(16 * rows);
    const values = new KernelLayout(entries);
    const order = values.take(4 * rows);
    const tables = this.#kinds.map(() => values.take(8 * rows));
    const end = Math.max(values.end, scratch + 16 * rows + 64);
    if (end > this.#size) throw new Error(`A sort of ${rows} rows needs ${end} bytes, ${this.#size} are there`);
    this.#place(0, "bytes", keys);
    this.#kernels.call.sortRows(keys, rows, order, entries, scratch, 0, stack);
    this.#kinds.forEach((kind, i) => this.#place(i + 1, kind, tables[i]!));
    return { order, places: [keys, ...tables] };
  }

  #place(column: number, kind: ColumnKind, table: number): void {
    const { memory, call } = this.#kernels;
    let at = table;
    for (const { rows, columns } of this.#pieces) {
      const { offsets, bytes } = columns[column]!;
      if (column === 0 && this.#keyBytes !== undefined) call.placeParts(offsets, bytes, rows, this.#keyBytes.from, this.#keyBytes.to, at);
      else if (kind === "bytes") call.placeRows(offsets, bytes, rows, at);
      else placeCells(new Uint32Array(memory.buffer, at, 2 * rows), bytes);
      at += 8 * rows;
    }
  }

  /** As many rows of order[from..to) as the output holds up to an address, at least one. */
  #gather(places: number, order: number, from: number, to: number, limit: number): Gathered {
    const { memory, call } = this.#kernels;
    const rows = call.gatherRows(places, order, from, to, COUNTS_BYTES, this.#output, limit);
    if (rows === 0) {
      // One row that is longer than the output.
      const row = new Int32Array(memory.buffer, order + 4 * from, 1)[0]!;
      const [start, end] = new Uint32Array(memory.buffer, places + 8 * row, 2);
      return { rows: 1, offsets: Int32Array.of(0, end! - start!), bytes: memory.subarray(start, end) };
    }
    const offsets = new Int32Array(memory.buffer, COUNTS_BYTES, rows + 1);
    return { rows, offsets, bytes: memory.subarray(this.#output, this.#output + offsets[rows]!) };
  }
}

interface Gathered {
  readonly rows: number;
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

function copied(kind: ColumnKind, { rows, offsets, bytes }: Gathered, room: ColumnRoom): Column {
  const copy = room.bytes(bytes.length);
  copy.set(bytes);
  switch (kind) {
    case "bytes": {
      const places = room.int32(offsets.length);
      places.set(offsets);
      return { kind, offsets: places, bytes: copy };
    }
    case "float64":
      return { kind, values: new Float64Array(copy.buffer, 0, rows) };
    case "int64":
      return { kind, values: new BigInt64Array(copy.buffer, 0, rows) };
  }
}

function placeCells(places: Uint32Array, cells: number): void {
  for (let i = 0, at = cells; i < places.length; i += 2, at += 8) {
    places[i] = at;
    places[i + 1] = at + 8;
  }
}

function storedBytes(column: Column, rows: number): number {
  return column.kind === "bytes" ? 4 * (rows + 1) + column.offsets[rows]! - column.offsets[0]! : 8 * rows;
}

function aligned(at: number): number {
  return Math.ceil(at / 8) * 8;
}
