/** Rows held and sorted without kernels: the plain twin of a sort arena, which can also order the values of a key. */
import { batchBytes, concatBatches } from "../columnar/concat-batches.js";
import { ReusedRoom } from "../columnar/column-room.js";
import type { ColumnBatch, ColumnKind } from "../columnar/columns.js";
import { gatherBatch } from "../columnar/gather.js";
import { sortKeys, sortKeysThenBy } from "../columnar/kernels/sort-keys.js";
import type { CompareValues } from "./sorted-rows.js";

/** Rows of a sorted batch at most. */
const BATCH_ROWS = 8192;
/** Batches of a run that share the memory: a merge holds two of each of 64 runs. */
const BATCHES = 128;
/** A block has an entry in an index and a read of its own. */
const LEAST_ROWS = 64;

export class PlainRows {
  readonly #kinds: readonly ColumnKind[];
  readonly #budget: number;
  readonly #batchBytes: number;
  readonly #compareValues: CompareValues | undefined;
  #pending: ColumnBatch[] = [];
  #bytes = 0;
  rows = 0;

  /** `holds`: whether it keeps rows up to the budget, or is full at once. */
  constructor(kinds: readonly ColumnKind[], budget: number, holds: boolean, compareValues?: CompareValues) {
    this.#kinds = kinds;
    // Sorting copies the rows once, and their order costs about as much again.
    this.#budget = holds ? Math.min(budget / 3, 1 << 30) : 0;
    this.#batchBytes = budget / BATCHES;
    this.#compareValues = compareValues;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#budget;
  }

  /** Keeps `batch`, which must not change afterwards. */
  add(batch: ColumnBatch): void {
    this.#pending.push(batch);
    this.#bytes += batchBytes(batch);
    this.rows += batch.rows;
  }

  clear(): void {
    this.#pending = [];
    this.#bytes = 0;
    this.rows = 0;
  }

  /** All rows in order; a batch holds until the next is asked for. Gives up the batches that were added, for their rows are copied at once. */
  *batches(): Generator<ColumnBatch> {
    const rowBytes = this.#bytes / this.rows;
    const batchRows = Math.min(BATCH_ROWS, Math.max(LEAST_ROWS, Math.floor(this.#batchBytes / rowBytes)));
    const all = concatBatches(this.#pending.splice(0), this.#kinds);
    const order = this.#order(all);
    const room = new ReusedRoom();
    for (let row = 0; row < all.rows; row += batchRows) yield gatherBatch(all, order, row, Math.min(all.rows, row + batchRows), room.reset());
  }

  #order({ keys, rows, values }: ColumnBatch): Int32Array {
    const compare = this.#compareValues;
    return compare ? sortKeysThenBy(keys, rows, (a, b) => compare(values, a, values, b)) : sortKeys(keys, rows);
  }
}
