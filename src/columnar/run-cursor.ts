import type { ColumnBatch } from "./columns.js";
import { lastWholeRead, orderedHead, orderedTail, viewOf } from "./kernels/key-words.js";

/** Batches of one sorted run, in key order. A batch that was handed out is written to again only once it is given back. */
export interface RunSource {
  next(): ColumnBatch | undefined;
  /** No batch but the last is needed any more. */
  release?(): void;
}

/**
 * Stands on one row of a run during a merge. The first eight bytes of the row's key lie ready as two words,
 * which decide most comparisons; past the last row they are the largest there are.
 */
export class RunCursor {
  readonly index: number;
  readonly #source: RunSource;
  /** Undefined past the last row. */
  batch: ColumnBatch | undefined;
  row = 0;
  rows = 0;
  offsets: Int32Array = new Int32Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  safe = 0;
  /** The key of the row: its range in `view`, and its words. */
  start = 0;
  end = 0;
  head = -0x80000000;
  tail = -0x80000000;
  /** Whether the key is that of the row before; false also where that is not plain from its words. */
  repeats = false;
  /** Mean size of the batch's rows, by which a merge bounds its output. */
  rowBytes = 0;
  /** Number of `batch` among those that the current output takes rows from; -1 for none yet. */
  pick = -1;

  constructor(index: number, source: RunSource) {
    this.index = index;
    this.#source = source;
  }

  /** Steps to the next row of the batch; false when there is none and `refill` is due. */
  step(): boolean {
    this.row++;
    if (this.row >= this.rows) return false;
    this.#readKey();
    return true;
  }

  /** Gives the source back the batches before this one. */
  release(): void {
    this.#source.release?.();
  }

  /** Steps to the first row of the next batch that has any, or past the end. */
  refill(): void {
    do this.batch = this.#source.next();
    while (this.batch?.rows === 0);
    this.row = 0;
    this.pick = -1;
    if (this.batch === undefined) {
      this.rows = 0;
      this.head = 0x7fffffff;
      this.tail = 0x7fffffff;
      return;
    }
    const { rows, keys } = this.batch;
    this.rows = rows;
    this.offsets = keys.offsets;
    this.view = viewOf(keys.bytes);
    this.safe = lastWholeRead(this.view);
    this.rowBytes = batchBytes(this.batch) / rows;
    this.#readKey();
  }

  #readKey(): void {
    const start = this.offsets[this.row]!;
    const end = this.offsets[this.row + 1]!;
    const head = orderedHead(this.view, this.safe, start, end);
    const tail = orderedTail(this.view, this.safe, start, end);
    if (head < this.head || (head === this.head && tail < this.tail)) {
      throw new Error(`Run ${this.index} of a merge is not in key order: row ${this.row} of a batch of ${this.rows} comes before the row ahead of it`);
    }
    const size = end - start;
    this.repeats = head === this.head && tail === this.tail && size <= 8 && size === this.end - this.start;
    this.start = start;
    this.end = end;
    this.head = head;
    this.tail = tail;
  }
}

function batchBytes(batch: ColumnBatch): number {
  let total = 0;
  for (const column of [batch.keys, ...batch.values]) {
    total += column.kind === "bytes" ? column.offsets[batch.rows]! - column.offsets[0]! + 4 * batch.rows : 8 * batch.rows;
  }
  return total;
}
