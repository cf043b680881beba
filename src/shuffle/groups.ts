import type { ColumnBatch } from "../columnar/columns.js";
import type { Decode } from "../columnar/codec.js";

/** Reads the value of a row as the user sees it. */
export type ReadValue = (columns: ColumnBatch["values"], row: number) => unknown;

/**
 * One key with its values, streamed from sorted rows: the values can be read once, in order, and only until
 * the next group is asked for.
 */
export interface Group {
  readonly key: unknown;
  readonly values: IterableIterator<unknown>;
}

export function* groupsOf(batches: Iterator<ColumnBatch>, decodeKey: Decode, readValue: ReadValue): Generator<Group> {
  const rows = new RowCursor(batches);
  while (rows.batch !== undefined) {
    const { offsets, bytes } = rows.batch.keys;
    const key = bytes.slice(offsets[rows.row], offsets[rows.row + 1]);
    const values = new GroupValues(rows, key, readValue);
    yield { key: decodeKey(key, 0, key.length), values };
    values.skipRest();
  }
}

/** Walks the rows of one batch after another. */
class RowCursor {
  readonly #batches: Iterator<ColumnBatch>;
  batch: ColumnBatch | undefined;
  row = -1;

  constructor(batches: Iterator<ColumnBatch>) {
    this.#batches = batches;
    this.advance();
  }

  advance(): void {
    this.row++;
    while (this.batch === undefined || this.row >= this.batch.rows) {
      const { value, done } = this.#batches.next();
      this.batch = done === true ? undefined : value;
      this.row = 0;
      if (done === true) return;
    }
  }

  isAt(key: Uint8Array): boolean {
    if (this.batch === undefined) return false;
    const { offsets, bytes } = this.batch.keys;
    const start = offsets[this.row]!;
    if (offsets[this.row + 1]! - start !== key.length) return false;
    for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) return false;
    return true;
  }
}

class GroupValues implements IterableIterator<unknown> {
  readonly #rows: RowCursor;
  readonly #key: Uint8Array;
  readonly #read: ReadValue;
  #over = false;

  constructor(rows: RowCursor, key: Uint8Array, read: ReadValue) {
    this.#rows = rows;
    this.#key = key;
    this.#read = read;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<unknown> {
    const { batch } = this.#rows;
    if (this.#over || batch === undefined || !this.#rows.isAt(this.#key)) {
      this.#over = true;
      return { done: true, value: undefined };
    }
    const value = this.#read(batch.values, this.#rows.row);
    this.#rows.advance();
    return { done: false, value };
  }

  /** A reduce may stop early: its remaining values are passed over. */
  skipRest(): void {
    while (!this.#over && this.#rows.isAt(this.#key)) this.#rows.advance();
    this.#over = true;
  }
}
