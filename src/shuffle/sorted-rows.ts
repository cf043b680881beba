/**
 * Rows of one partition, brought into key order inside a memory budget: batches are taken in until the
 * budget is reached, then sorted and spilled as a run; at the end the runs are merged. Rows with equal keys
 * keep the order in which they came, unless `compareValues` orders them.
 */
import { batchBytes, concatBatches } from "../columnar/concat-batches.js";
import type { Column, ColumnBatch, ColumnKind } from "../columnar/columns.js";
import { gatherBatch } from "../columnar/gather.js";
import { sortKeys, sortKeysThenBy } from "../columnar/kernels/sort-keys.js";
import { RunMerger } from "../columnar/merge-runs.js";
import type { SpillRuns } from "./spill-runs.js";

/** Order of two rows with equal keys. */
export type CompareValues = (left: readonly Column[], leftRow: number, right: readonly Column[], rightRow: number) => number;

/** Rows of a sorted batch. */
const BATCH_ROWS = 8192;
/** Runs merged at once: each holds a file open and a block in memory. */
const FAN_IN = 64;

export class SortedRows {
  readonly #kinds: readonly ColumnKind[];
  readonly #budget: number;
  readonly #runs: SpillRuns;
  readonly #compareValues: CompareValues | undefined;
  #pending: ColumnBatch[] = [];
  #pendingBytes = 0;

  constructor(kinds: readonly ColumnKind[], budget: number, runs: SpillRuns, compareValues?: CompareValues) {
    this.#kinds = kinds;
    // Sorting copies the rows once, and their order costs about as much again.
    this.#budget = Math.min(budget / 3, 1 << 30);
    this.#runs = runs;
    this.#compareValues = compareValues;
  }

  get spills(): number {
    return this.#runs.written;
  }

  /** Keeps `batch`, which must not change afterwards. */
  add(batch: ColumnBatch): void {
    this.#pending.push(batch);
    this.#pendingBytes += batchBytes(batch);
    if (this.#pendingBytes >= this.#budget) this.#spill();
  }

  /** All rows in order. Call once, after the last `add`. */
  *batches(): Generator<ColumnBatch> {
    if (this.#runs.count === 0) {
      const all = concatBatches(this.#pending.splice(0), this.#kinds);
      yield* inOrder(all, this.#order(all));
      return;
    }
    this.#spill();
    yield* this.#merged();
  }

  #spill(): void {
    if (this.#pending.length === 0) return;
    const all = concatBatches(this.#pending.splice(0), this.#kinds);
    this.#pendingBytes = 0;
    this.#runs.write(inOrder(all, this.#order(all)));
    if (this.#runs.count === FAN_IN) this.#runs.replaceBy(this.#merged());
  }

  #merged(): Generator<ColumnBatch> {
    const compare = this.#compareValues;
    return drain(new RunMerger(this.#runs.sources(), compare && ((a, aRow, b, bRow) => compare(a.values, aRow, b.values, bRow))));
  }

  #order({ keys, rows, values }: ColumnBatch): Int32Array {
    const compare = this.#compareValues;
    return compare ? sortKeysThenBy(keys, rows, (a, b) => compare(values, a, values, b)) : sortKeys(keys, rows);
  }
}

function* inOrder(batch: ColumnBatch, order: Int32Array): Generator<ColumnBatch> {
  for (let row = 0; row < batch.rows; row += BATCH_ROWS) yield gatherBatch(batch, order, row, Math.min(batch.rows, row + BATCH_ROWS));
}

function* drain(merger: RunMerger): Generator<ColumnBatch> {
  for (let batch = merger.nextBatch(BATCH_ROWS); batch !== undefined; batch = merger.nextBatch(BATCH_ROWS)) yield batch;
}
