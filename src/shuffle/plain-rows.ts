/** Rows held and sorted without kernels: the plain twin of a sort arena, which can also order the values of a key. */
import { batchBytes, concatBatches } from "../columnar/concat-batches.js";
import type { ColumnBatch, ColumnKind } from "../columnar/columns.js";
import { gatherBatch } from "../columnar/gather.js";
import { sortKeys, sortKeysThenBy } from "../columnar/kernels/sort-keys.js";
import type { CompareValues } from "./sorted-rows.js";

/** Rows of a sorted batch. */
const BATCH_ROWS = 8192;

export class PlainRows {
  readonly #kinds: readonly ColumnKind[];
  readonly #budget: number;
  readonly #compareValues: CompareValues | undefined;
  #pending: ColumnBatch[] = [];
  #bytes = 0;
  rows = 0;

  constructor(kinds: readonly ColumnKind[], budget: number, compareValues?: CompareValues) {
    this.#kinds = kinds;
    // Sorting copies the rows once, and their order costs about as much again.
    this.#budget = Math.min(budget / 3, 1 << 30);
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

  /** All rows in order. Gives up the batches, for their rows are copied at once. */
  *batches(): Generator<ColumnBatch> {
    const all = concatBatches(this.#pending.splice(0), this.#kinds);
    const order = this.#order(all);
    for (let row = 0; row < all.rows; row += BATCH_ROWS) yield gatherBatch(all, order, row, Math.min(all.rows, row + BATCH_ROWS));
  }

  #order({ keys, rows, values }: ColumnBatch): Int32Array {
    const compare = this.#compareValues;
    return compare ? sortKeysThenBy(keys, rows, (a, b) => compare(values, a, values, b)) : sortKeys(keys, rows);
  }
}
