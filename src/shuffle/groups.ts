import type { BytesColumn, Column, ColumnBatch } from "../columnar/columns.js";
import { compareBytes } from "../columnar/kernels/compare-bytes.js";

/** Reads the value of a row as the user sees it. */
export type ReadValue = (columns: ColumnBatch["values"], row: number) => unknown;

/** How the rows of a batch are read: made once for each, so that all of it may be decoded at once. */
export interface BatchReaders {
  readonly keys: (keys: BytesColumn, rows: number) => (row: number) => unknown;
  readonly values: (columns: readonly Column[], rows: number) => (row: number) => unknown;
}

/**
 * One key with its values, streamed from sorted rows: the values can be read once, in order, and only until
 * the next group is asked for.
 */
export interface Group {
  readonly key: unknown;
  readonly values: IterableIterator<unknown>;
}

export function* groupsOf(batches: Iterator<ColumnBatch>, readers: BatchReaders): Generator<Group> {
  const rows = new RowCursor(batches, readers);
  while (!rows.ended) {
    const values = new GroupValues(rows);
    yield { key: rows.key(), values };
    values.skipRest();
  }
}

/** Walks the rows of one batch after another. */
class RowCursor {
  readonly #batches: Iterator<ColumnBatch>;
  readonly #readers: BatchReaders;
  #keys: BytesColumn = { kind: "bytes", offsets: new Int32Array(1), bytes: new Uint8Array(0) };
  #rows = 0;
  #row = -1;
  #keyAt!: (row: number) => unknown;
  #valueAt!: (row: number) => unknown;
  ended = false;
  /** Whether the row has another key than the one before it. */
  isNew = true;

  constructor(batches: Iterator<ColumnBatch>, readers: BatchReaders) {
    this.#batches = batches;
    this.#readers = readers;
    this.advance();
  }

  key(): unknown {
    return this.#keyAt(this.#row);
  }

  value(): unknown {
    return this.#valueAt(this.#row);
  }

  advance(): void {
    const row = ++this.#row;
    if (row >= this.#rows) return this.#load();
    const { offsets, bytes } = this.#keys;
    this.isNew = compareBytes(bytes, offsets[row - 1]!, offsets[row]!, bytes, offsets[row]!, offsets[row + 1]!) !== 0;
  }

  #load(): void {
    const before = this.#rows === 0 ? undefined : this.#keys.bytes.slice(this.#keys.offsets[this.#rows - 1], this.#keys.offsets[this.#rows]);
    do {
      const { value, done } = this.#batches.next();
      if (done === true) {
        this.ended = this.isNew = true;
        return;
      }
      this.#rows = value.rows;
      this.#keys = value.keys;
      this.#keyAt = this.#readers.keys(value.keys, value.rows);
      this.#valueAt = this.#readers.values(value.values, value.rows);
    } while (this.#rows === 0);
    this.#row = 0;
    const { offsets, bytes } = this.#keys;
    this.isNew = before === undefined || compareBytes(before, 0, before.length, bytes, offsets[0]!, offsets[1]!) !== 0;
  }
}

class GroupValues implements IterableIterator<unknown> {
  readonly #rows: RowCursor;
  #begun = false;
  #over = false;

  constructor(rows: RowCursor) {
    this.#rows = rows;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<unknown> {
    const rows = this.#rows;
    if (this.#over || (this.#begun && rows.isNew)) {
      this.#over = true;
      return { done: true, value: undefined };
    }
    this.#begun = true;
    const value = rows.value();
    rows.advance();
    return { done: false, value };
  }

  /** A reduce may stop early: its remaining values are passed over. */
  skipRest(): void {
    while (!this.#over && !(this.#begun && this.#rows.isNew)) {
      this.#begun = true;
      this.#rows.advance();
    }
    this.#over = true;
  }
}
