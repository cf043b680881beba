/**
 * Rows of one partition, brought into key order inside a memory budget: batches are taken in until the
 * budget is reached, then sorted and spilled as a run; at the end the runs are merged. Rows with equal keys
 * keep the order in which they came, unless `compareValues` orders them.
 *
 * Rows are held and sorted in the memory of kernels where there is one, else (and where values are compared,
 * and for a batch that is larger than that memory) by its plain twin.
 */
import type { BytesColumn, Column, ColumnBatch, ColumnKind } from "../columnar/columns.js";
import { RunMerger } from "../columnar/merge-runs.js";
import type { SortArena } from "../columnar/sort-arena.js";
import type { KeyBytesOptions } from "../job/operators.js";
import { PlainRows } from "./plain-rows.js";
import type { SpillRuns } from "./spill-runs.js";

/** Order of two rows with equal keys. */
export type CompareValues = (left: readonly Column[], leftRow: number, right: readonly Column[], rightRow: number) => number;

export interface SortedRowsOptions {
  readonly kinds: readonly ColumnKind[];
  /** Bytes of memory for rows and for sorting them. */
  readonly budget: number;
  readonly runs: SpillRuns;
  readonly compareValues?: CompareValues | undefined;
  /** Empty; ours until the rows have been read. */
  readonly arena?: SortArena | undefined;
  /** Rows come as whole records of one size, in place of keys, and these bytes of them are their keys. */
  readonly keyBytes?: KeyBytesOptions | undefined;
}

export interface OneColumn {
  readonly rows: number;
  readonly column: BytesColumn;
}

/** Rows of a merged batch. */
const BATCH_ROWS = 8192;
/** Runs merged at once: each holds a file open and a block in memory. */
const FAN_IN = 64;

export class SortedRows {
  readonly #runs: SpillRuns;
  readonly #compareValues: CompareValues | undefined;
  readonly #arena: SortArena | undefined;
  readonly #plain: PlainRows;
  readonly #keyBytes: KeyBytesOptions | undefined;

  constructor({ kinds, budget, runs, compareValues, arena, keyBytes }: SortedRowsOptions) {
    this.#runs = runs;
    this.#keyBytes = keyBytes;
    this.#compareValues = compareValues;
    this.#arena = compareValues === undefined ? arena : undefined;
    this.#plain = new PlainRows(kinds, budget, this.#arena === undefined, compareValues);
  }

  /** Memory into which a block of so many bytes and rows is best read before it is added. */
  readonly room = (bytes: number, rows: number): Uint8Array => {
    const room = this.#arena?.room(bytes, rows);
    if (room !== undefined) return room;
    this.#spill();
    return this.#arena?.room(bytes, rows) ?? new Uint8Array(bytes);
  };

  /** Keeps `batch`, which must not change afterwards. */
  add(batch: ColumnBatch): void {
    if (this.#arena?.add(batch)) return;
    // Rows that came earlier stay ahead: they are an earlier run.
    if (this.#arena !== undefined) this.#spill();
    if (this.#arena?.add(batch)) return;
    this.#plain.add(this.#keyBytes === undefined ? batch : withKeys(batch, this.#keyBytes));
    if (this.#plain.isFull) this.#spill();
  }

  /** All rows in order. Call once, after the last `add`; a batch holds until the next is asked for. */
  batches(): Iterable<ColumnBatch> {
    if (this.#runs.count === 0) return this.#held();
    this.#spill();
    return this.#merged();
  }

  /** The same, but only a value column of bytes; views hold until the next is asked for. */
  values(index: number): Iterable<OneColumn> {
    return this.#column(index + 1);
  }

  keys(): Iterable<OneColumn> {
    return this.#column(0);
  }

  *#column(index: number): Generator<OneColumn> {
    if (this.#runs.count === 0 && this.#arena !== undefined && this.#arena.rows > 0) return yield* this.#arena.column(index);
    for (const { rows, keys, values } of this.batches()) yield { rows, column: index === 0 ? keys : (values[index - 1] as BytesColumn) };
  }

  #held(): Iterable<ColumnBatch> {
    return this.#arena === undefined || this.#arena.rows === 0 ? this.#plain.batches() : this.#arena.batches();
  }

  #spill(): void {
    if (this.#plain.rows + (this.#arena?.rows ?? 0) === 0) return;
    this.#runs.write(this.#held());
    this.#arena?.clear();
    this.#plain.clear();
    if (this.#runs.count === FAN_IN) this.#runs.replaceBy(this.#merged());
  }

  #merged(): Generator<ColumnBatch> {
    const compare = this.#compareValues;
    return drain(new RunMerger(this.#runs.sources(), compare && ((a, aRow, b, bRow) => compare(a.values, aRow, b.values, bRow))));
  }
}

function* drain(merger: RunMerger): Generator<ColumnBatch> {
  for (let batch = merger.nextBatch(BATCH_ROWS); batch !== undefined; batch = merger.nextBatch(BATCH_ROWS)) yield batch;
}

/** Whole records as values, and a copy of their keys. */
function withKeys({ rows, keys: records }: ColumnBatch, { from, to }: KeyBytesOptions): ColumnBatch {
  const size = to - from;
  const bytes = new Uint8Array(rows * size);
  const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => row * size);
  for (let row = 0; row < rows; row++) bytes.set(records.bytes.subarray(records.offsets[row]! + from, records.offsets[row]! + to), row * size);
  return { rows, keys: { kind: "bytes", offsets, bytes }, values: [records] };
}
