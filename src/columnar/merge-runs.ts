/**
 * Merges runs that are each in key order into one. Rows of equal keys come by `compare` if given, then by run
 * number, then in the order of their run: runs in the order of map tasks give a result that does not depend
 * on what ran when. A loser tree (Knuth, The Art of Computer Programming, 5.4.1) finds each next row in
 * log2(runs) comparisons, most of them of two words; about 60 ns a row for 8 runs, copy included.
 */
import type { BytesColumn, Column, ColumnBatch } from "./columns.js";
import { ReusedRoom } from "./column-room.js";
import { compareViews } from "./kernels/compare-bytes.js";
import { RowPicks } from "./row-picks.js";
import { RunCursor } from "./run-cursor.js";
import type { RunSource } from "./run-cursor.js";
import { LONGEST_SMALL_TEXT } from "./utf8-text.js";

/** Orders rows of equal keys: below 0 when row `aRow` of `a` comes first. */
export type CompareRows = (a: ColumnBatch, aRow: number, b: ColumnBatch, bRow: number) => number;

/** Its texts may become one string. */
const OUTPUT_BYTES = LONGEST_SMALL_TEXT;

export class RunMerger {
  readonly #runs: readonly RunCursor[];
  readonly #compare: CompareRows | undefined;
  readonly #room = new ReusedRoom();
  #picks = new RowPicks(0);
  /** [0] is the run with the next row; [1..] hold the losers of the matches that led there. */
  #tree: RunCursor[] = [];
  #live = 0;
  #state: "new" | "ready" | "busy" = "new";

  constructor(runs: readonly RunSource[], compare?: CompareRows) {
    this.#runs = runs.map((source, index) => new RunCursor(index, source));
    this.#compare = compare;
  }

  /**
   * Up to `maxRows` next rows, fewer when they would take much more than `maxBytes`; undefined after the last.
   * They hold until the next call. Once a single run is left its batches are passed on as views, without a copy.
   * Not to be called again after a call that failed.
   */
  nextBatch(maxRows: number, maxBytes = OUTPUT_BYTES): ColumnBatch | undefined {
    if (this.#state === "busy") throw new Error("A merge was asked for a batch after one had failed");
    if (!(maxRows >= 1)) throw new RangeError(`A batch of ${maxRows} rows cannot be merged; ask for at least 1`);
    const isNew = this.#state === "new";
    this.#state = "busy";
    if (isNew) this.#begin();
    const batch = this.#live > 1 ? this.#merge(maxRows, maxBytes) : this.#passOn(maxRows);
    this.#state = "ready";
    return batch;
  }

  #begin(): void {
    for (const run of this.#runs) run.refill();
    this.#live = this.#runs.filter((run) => run.batch !== undefined).length;
    const count = this.#runs.length;
    if (count === 0) return;
    // Node n plays off 2n and 2n + 1; the runs are the nodes from `count` on.
    const winners = new Array<RunCursor>(count).concat(this.#runs);
    this.#tree = winners.slice(0, count);
    for (let node = count - 1; node >= 1; node--) {
      const left = winners[2 * node]!;
      const right = winners[2 * node + 1]!;
      const leftWins = isBefore(left, right, this.#compare);
      winners[node] = leftWins ? left : right;
      this.#tree[node] = leftWins ? right : left;
    }
    this.#tree[0] = winners[1]!;
  }

  #merge(maxRows: number, maxBytes: number): ColumnBatch {
    if (this.#picks.capacity < maxRows) this.#picks = new RowPicks(maxRows);
    const picks = this.#picks;
    picks.clear();
    for (const run of this.#runs) run.pick = -1;
    let bytes = 0;
    // A run that is alone goes on in the next call, as views.
    while (picks.count < maxRows && (bytes < maxBytes || picks.count === 0) && this.#live > 1) {
      const run = this.#tree[0]!;
      if (run.pick < 0) run.pick = picks.source(run.batch!);
      picks.add(run.pick, run.row);
      bytes += run.rowBytes;
      if (!run.step()) this.#refill(run);
      else if (run.repeats && this.#compare === undefined) continue;
      replay(this.#tree, run, this.#compare);
    }
    const batch = picks.gather(this.#room.reset());
    picks.clear();
    for (const run of this.#runs) run.release();
    return batch;
  }

  #passOn(maxRows: number): ColumnBatch | undefined {
    const run = this.#tree[0];
    if (run?.batch === undefined) return undefined;
    const end = Math.min(run.rows, run.row + maxRows);
    const batch = sliceBatch(run.batch, run.row, end);
    run.row = end - 1;
    if (!run.step()) this.#refill(run);
    return batch;
  }

  #refill(run: RunCursor): void {
    run.refill();
    if (run.batch === undefined) this.#live--;
  }
}

/** Plays a run that has stepped against the losers on its way up. */
function replay(tree: RunCursor[], run: RunCursor, compare: CompareRows | undefined): void {
  let winner = run;
  for (let node = (tree.length + run.index) >> 1; node >= 1; node >>= 1) {
    const other = tree[node]!;
    if (isBefore(other, winner, compare)) {
      tree[node] = winner;
      winner = other;
    }
  }
  tree[0] = winner;
}

function isBefore(a: RunCursor, b: RunCursor, compare: CompareRows | undefined): boolean {
  if (a.head !== b.head) return a.head < b.head;
  if (a.tail !== b.tail) return a.tail < b.tail;
  return isBeforeOnTie(a, b, compare);
}

function isBeforeOnTie(a: RunCursor, b: RunCursor, compare: CompareRows | undefined): boolean {
  if (a.batch === undefined) return false;
  if (b.batch === undefined) return true;
  const byKey = compareViews(a.view, a.start, a.end, b.view, b.start, b.end);
  if (byKey !== 0) return byKey < 0;
  const byValue = compare?.(a.batch, a.row, b.batch, b.row) ?? 0;
  return byValue < 0 || (byValue === 0 && a.index < b.index);
}

function sliceBatch(batch: ColumnBatch, start: number, end: number): ColumnBatch {
  if (start === 0 && end === batch.rows) return batch;
  return { rows: end - start, keys: sliceBytes(batch.keys, start, end), values: batch.values.map((column) => sliceColumn(column, start, end)) };
}

function sliceColumn(column: Column, start: number, end: number): Column {
  switch (column.kind) {
    case "bytes":
      return sliceBytes(column, start, end);
    case "float64":
      return { kind: "float64", values: column.values.subarray(start, end) };
    case "int64":
      return { kind: "int64", values: column.values.subarray(start, end) };
  }
}

function sliceBytes(column: BytesColumn, start: number, end: number): BytesColumn {
  return { kind: "bytes", offsets: column.offsets.subarray(start, end + 1), bytes: column.bytes };
}
