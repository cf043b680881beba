/**
 * Merges sorted runs of rows into one. A tree of losers (Knuth, The Art of Computer Programming 3, 5.4.1) finds
 * each next row with one comparison per level; rows that compare equal come in the order of their runs, so a
 * merge of runs made in input order keeps that order.
 */
import { ByteSink } from "./byte-sink.js";
import type { Column, ColumnBatch } from "./columns.js";
import { compareBytes } from "./kernels/compare-bytes.js";

/** A run, batch by batch; undefined at its end. */
export interface Run {
  next(): ColumnBatch | undefined;
}

/** Order of two rows whose keys are equal. */
export type CompareRows = (left: ColumnBatch, leftRow: number, right: ColumnBatch, rightRow: number) => number;

interface Head {
  readonly run: Run;
  batch: ColumnBatch | undefined;
  row: number;
}

export class RunMerger {
  readonly #heads: Head[];
  readonly #compareEqual: CompareRows | undefined;
  /** losers[node] lost the match at that node; losers[0] is the winner of all. */
  readonly #losers: number[];

  constructor(runs: readonly Run[], compareEqual?: CompareRows) {
    this.#compareEqual = compareEqual;
    this.#heads = runs.map((run) => ({ run, batch: nextBatch(run), row: 0 }));
    this.#losers = new Array<number>(Math.max(1, runs.length)).fill(-1);
    for (let run = runs.length - 1; run >= 0; run--) this.#replay(run);
  }

  /** Up to `maxRows` rows, in order; undefined when all runs are at their end. */
  nextBatch(maxRows: number): ColumnBatch | undefined {
    let copy: RowCopy | undefined;
    while (copy === undefined || copy.rows < maxRows) {
      const winner = this.#losers[0]!;
      const head = this.#heads[winner];
      if (head?.batch === undefined) break;
      copy ??= new RowCopy(head.batch, maxRows);
      copy.add(head.batch, head.row);
      if (++head.row === head.batch.rows) {
        head.batch = nextBatch(head.run);
        head.row = 0;
      }
      this.#replay(winner);
    }
    return copy?.batch();
  }

  /** Plays the matches from the leaf of `run` up to the root. */
  #replay(run: number): void {
    const losers = this.#losers;
    let winner = run;
    for (let node = (run + this.#heads.length) >> 1; node > 0; node >>= 1) {
      const opponent = losers[node]!;
      // While the tree is built a node waits for its second player.
      if (opponent === -1) {
        losers[node] = winner;
        return;
      }
      if (this.#precedes(opponent, winner)) {
        losers[node] = winner;
        winner = opponent;
      }
    }
    losers[0] = winner;
  }

  #precedes(left: number, right: number): boolean {
    const a = this.#heads[left]!;
    const b = this.#heads[right]!;
    if (a.batch === undefined) return false;
    if (b.batch === undefined) return true;
    const ak = a.batch.keys;
    const bk = b.batch.keys;
    let order = compareBytes(ak.bytes, ak.offsets[a.row]!, ak.offsets[a.row + 1]!, bk.bytes, bk.offsets[b.row]!, bk.offsets[b.row + 1]!);
    if (order === 0 && this.#compareEqual !== undefined) order = this.#compareEqual(a.batch, a.row, b.batch, b.row);
    return order < 0 || (order === 0 && left < right);
  }
}

function nextBatch(run: Run): ColumnBatch | undefined {
  let batch = run.next();
  while (batch?.rows === 0) batch = run.next();
  return batch;
}

/** Rows copied one by one into a new batch. */
class RowCopy {
  rows = 0;
  readonly #keys: CellCopy;
  readonly #values: CellCopy[];

  constructor(like: ColumnBatch, maxRows: number) {
    this.#keys = new CellCopy(like.keys.kind, maxRows);
    this.#values = like.values.map((column) => new CellCopy(column.kind, maxRows));
  }

  add(batch: ColumnBatch, row: number): void {
    this.#keys.add(batch.keys, row, this.rows);
    for (let i = 0; i < this.#values.length; i++) this.#values[i]!.add(batch.values[i]!, row, this.rows);
    this.rows++;
  }

  batch(): ColumnBatch {
    const keys = this.#keys.column();
    if (keys.kind !== "bytes") throw new Error("Keys are bytes");
    return { rows: this.rows, keys, values: this.#values.map((cells) => cells.column()) };
  }
}

class CellCopy {
  readonly #kind: Column["kind"];
  readonly #float64: Float64Array;
  readonly #int64: BigInt64Array;
  readonly #offsets: Int32Array;
  readonly #bytes = new ByteSink(0);

  constructor(kind: Column["kind"], maxRows: number) {
    this.#kind = kind;
    this.#float64 = new Float64Array(kind === "float64" ? maxRows : 0);
    this.#int64 = new BigInt64Array(kind === "int64" ? maxRows : 0);
    this.#offsets = new Int32Array(kind === "bytes" ? maxRows + 1 : 0);
  }

  add(column: Column, from: number, to: number): void {
    switch (column.kind) {
      case "float64":
        this.#float64[to] = column.values[from]!;
        break;
      case "int64":
        this.#int64[to] = column.values[from]!;
        break;
      case "bytes":
        this.#bytes.append(column.bytes.subarray(column.offsets[from], column.offsets[from + 1]));
        this.#offsets[to + 1] = this.#bytes.length;
    }
  }

  column(): Column {
    switch (this.#kind) {
      case "float64":
        return { kind: "float64", values: this.#float64 };
      case "int64":
        return { kind: "int64", values: this.#int64 };
      case "bytes":
        return { kind: "bytes", offsets: this.#offsets, bytes: this.#bytes.bytes };
    }
  }
}
