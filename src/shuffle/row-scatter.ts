/**
 * A row scatter is how batches are split by partition in kernels (kernels/assembly/scatter-rows.ts): rows are copied, a chunk at a time,
 * to a buffer of columns for each partition, and a full buffer is written as a block, from where it lies. Its plain twin is
 * PlainPartitions (partition-writer.ts).
 *
 *     memory = staged columns of a chunk | codes, slots, counts | tables of ranges | buffer of partition 0 | 1 | ...
 *     buffer = for each column its cells, or offsets and bytes
 *
 * Value columns that are zero or empty throughout, as are parts of most partial results, are neither copied nor looked at again.
 */
import { KernelLayout } from "../columnar/kernels/kernel-layout.js";
import { PARTITION_SPREAD } from "../columnar/kernels/partition.js";
import { RangeKernel } from "../columnar/kernels/range-kernel.js";
import type { ThreadKernels } from "../columnar/kernels/thread-kernels.js";
import type { Kernels } from "../columnar/kernels/wasm.js";
import type { BytesColumn, Column, ColumnBatch, ColumnKind } from "../columnar/columns.js";
import { gatherBatch } from "../columnar/gather.js";
import { partitioner, type Partitioner, type PartitionRule } from "./partitioner.js";

export interface RowScatterOptions {
  readonly kernels: ThreadKernels;
  /** Kinds of the value columns. */
  readonly kinds: readonly ColumnKind[];
  readonly rule: PartitionRule;
  readonly partitions: number;
  /** Bytes of memory. */
  readonly budget: number;
  /** Takes the rows of a full buffer; they are valid during the call. */
  readonly append: (partition: number, batch: ColumnBatch) => void;
}

/** Few enough that a chunk stays in the first cache between the steps. */
const CHUNK_ROWS = 2048;
const STAGED_BYTES = 128 << 10;
const MOST_BUFFERS = 32 << 20;
/** Longer blocks are read no faster. */
const MOST_BUFFER = 512 << 10;
const LEAST_BUFFER = 4 << 10;
const LEAST_ROWS = 16;
/** Kernels have twice as much. */
const MOST_MEMORY = 2 ** 29;
/** Kernels read and write up to so much too far. */
const SLACK = 16;

/** Where a column lies: in the first partition's buffer, and staged. Numbers have no texts. */
interface Place {
  readonly kind: ColumnKind;
  readonly cells: number;
  readonly texts: number;
  readonly textBytes: number;
  readonly stagedCells: number;
  readonly stagedTexts: number;
  readonly sums: Int32Array;
  /** Whether it has had anything but zeros. */
  live: boolean;
}

export class RowScatter {
  readonly #options: RowScatterOptions;
  readonly #kernels: Kernels;
  readonly #places: readonly Place[];
  readonly #codes: number;
  readonly #slots: number;
  readonly #counts: Int32Array;
  readonly #fills: Int32Array;
  readonly #stride: number;
  /** Rows of a buffer. */
  readonly #capacity: number;
  readonly #zeros: ArrayBuffer;
  readonly #choose: Partitioner;
  /** Gives the staged keys their codes. */
  readonly #encode: (keys: BytesColumn, rows: number) => void;

  /** Undefined where kernels have not so much memory. */
  static within(options: RowScatterOptions): RowScatter | undefined {
    const most = bufferBytes(options) + 16 * (LEAST_ROWS + SLACK) * (options.kinds.length + 1);
    return most * options.partitions > MOST_MEMORY ? undefined : new RowScatter(options);
  }

  private constructor(options: RowScatterOptions) {
    const { kinds, partitions, rule } = options;
    this.#options = options;
    const all: readonly ColumnKind[] = ["bytes", ...kinds];
    const half = bufferBytes(options) / 2;
    this.#capacity = Math.max(LEAST_ROWS, Math.floor(half / all.reduce((sum, kind) => sum + (kind === "bytes" ? 4 : 8), 0)));
    const texts = all.filter((kind) => kind === "bytes").length;
    const splitters = rule.type === "range" ? rule.splitters : [];
    const layout = new KernelLayout();
    const chunkRows = this.#chunkRows;
    const staged = all.map((kind) => ({ cells: layout.take(8 * (chunkRows + 1)), texts: kind === "bytes" ? layout.take(STAGED_BYTES + SLACK) : 0, sums: layout.take(4 * partitions) }));
    this.#codes = layout.take(4 * chunkRows);
    this.#slots = layout.take(4 * chunkRows);
    const counts = layout.take(4 * partitions);
    const fills = layout.take(4 * partitions);
    const ranges = layout.take(RangeKernel.bytesFor(splitters));
    const buffers = layout.end;
    const places = all.map((kind, i) => {
      const cells = layout.take(kind === "bytes" ? 4 * (this.#capacity + 1) : 8 * this.#capacity);
      // Keys have half of it, for most other columns of bytes are all but empty.
      const textBytes = kind !== "bytes" ? 0 : Math.max(64, Math.floor(texts === 1 ? half : i === 0 ? half / 2 : half / 2 / (texts - 1)));
      return { kind, cells, textBytes, texts: kind === "bytes" ? layout.take(textBytes + SLACK) : 0 };
    });
    this.#stride = layout.end - buffers;
    this.#kernels = options.kernels.get(layout.end + this.#stride * (partitions - 1));
    const { memory } = this.#kernels;
    const perPartition = (at: number): Int32Array => new Int32Array(memory.buffer, at, partitions).fill(0);
    this.#places = places.map((place, i) => ({ ...place, stagedCells: staged[i]!.cells, stagedTexts: staged[i]!.texts, sums: perPartition(staged[i]!.sums), live: i === 0 }));
    this.#counts = perPartition(counts);
    this.#fills = perPartition(fills);
    this.#zeros = new ArrayBuffer(8 * (this.#capacity + 1));
    for (let p = 0; p < partitions; p++) this.#cells(this.#places[0]!, p, 1)[0] = 0;
    this.#choose = partitioner(rule, partitions);
    this.#encode = this.#encoder(ranges);
  }

  write(batch: ColumnBatch): void {
    for (let from = 0; from < batch.rows; ) {
      const to = this.#chunkEnd(batch, from);
      if (to === from) this.#writeAlone(batch, from++);
      else {
        this.#scatter(batch, from, to - from);
        from = to;
      }
    }
  }

  /** Writes what is in the buffers. */
  flush(): void {
    for (let p = 0; p < this.#options.partitions; p++) this.#flush(p);
  }

  get #chunkRows(): number {
    return Math.min(CHUNK_ROWS, this.#capacity);
  }

  /** So many rows that every column fits where it is staged, and an empty buffer; none if the first does not. */
  #chunkEnd({ rows, keys, values }: ColumnBatch, from: number): number {
    let to = Math.min(rows, from + this.#chunkRows);
    for (const [i, column] of [keys, ...values].entries()) {
      if (column.kind !== "bytes") continue;
      const most = Math.min(STAGED_BYTES, this.#places[i]!.textBytes);
      while (to > from && column.offsets[to]! - column.offsets[from]! > most) to = from + ((to - from) >> 1);
    }
    return to;
  }

  #scatter({ keys, values }: ColumnBatch, from: number, rows: number): void {
    const { call } = this.#kernels;
    const columns = [keys, ...values];
    const texts = columns.map((column, i) => this.#stage(column, this.#places[i]!, from, rows));
    this.#encode({ kind: "bytes", offsets: keys.offsets.subarray(from, from + rows + 1), bytes: keys.bytes }, rows);
    this.#makeRoom(texts, rows);
    call.claimSlots(this.#codes, rows, this.#stride, this.#fills.byteOffset, this.#slots);
    for (const [i, place] of this.#places.entries()) {
      if (!place.live) continue;
      if (place.kind === "bytes") call.scatterTexts(this.#codes, this.#slots, rows, place.stagedCells, texts[i]!, place.cells, place.texts);
      else call.scatterCells(this.#codes, this.#slots, rows, place.stagedCells, place.cells);
    }
  }

  /** Copies rows of a column to where kernels read them; returns where its bytes would begin at offset 0. */
  #stage(column: Column, place: Place, from: number, rows: number): number {
    const { memory, call } = this.#kernels;
    if (column.kind !== "bytes") {
      const { buffer, byteOffset } = column.values;
      memory.set(new Uint8Array(buffer, byteOffset + 8 * from, 8 * rows), place.stagedCells);
      if (!place.live && call.isZero(place.stagedCells, 8 * rows) === 0) this.#wake(place);
      return 0;
    }
    const { offsets, bytes } = column;
    const first = offsets[from]!;
    if (!place.live && offsets[from + rows] !== first) this.#wake(place);
    if (place.live) {
      memory.set(new Uint8Array(offsets.buffer, offsets.byteOffset + 4 * from, 4 * (rows + 1)), place.stagedCells);
      memory.set(bytes.subarray(first, offsets[from + rows]), place.stagedTexts);
    }
    return place.stagedTexts - first;
  }

  /** From now on the column is copied; rows that are there already are zero in it. */
  #wake(place: Place): void {
    place.live = true;
    const extra = place.kind === "bytes" ? 1 : 0;
    for (let p = 0; p < this.#options.partitions; p++) this.#cells(place, p, this.#fills[p]! + extra).fill(0);
  }

  /** Empties buffers that would run over with the rows of the chunk. */
  #makeRoom(texts: readonly number[], rows: number): void {
    const { call } = this.#kernels;
    const counts = this.#counts.fill(0);
    call.countRows(this.#codes, rows, counts.byteOffset);
    const long = this.#places.filter(({ kind, live }) => kind === "bytes" && live);
    for (const { sums, stagedCells } of long) call.countBytes(this.#codes, stagedCells, rows, sums.fill(0).byteOffset);
    for (let p = 0; p < counts.length; p++) {
      const fill = this.#fills[p]!;
      if (fill > 0 && (fill + counts[p]! > this.#capacity || long.some((place) => this.#cells(place, p, fill + 1)[fill]! + place.sums[p]! > place.textBytes))) this.#flush(p);
    }
  }

  #flush(partition: number): void {
    const rows = this.#fills[partition]!;
    if (rows === 0) return;
    const [keys, ...values] = this.#places.map((place) => this.#column(place, partition, rows));
    this.#options.append(partition, { rows, keys: keys as BytesColumn, values });
    this.#fills[partition] = 0;
  }

  #column(place: Place, partition: number, rows: number): Column {
    const { buffer } = this.#kernels.memory;
    const at = partition * this.#stride;
    const [cells, start] = place.live ? [buffer, place.cells + at] : [this.#zeros, 0];
    switch (place.kind) {
      case "bytes":
        return { kind: "bytes", offsets: new Int32Array(cells, start, rows + 1), bytes: new Uint8Array(buffer, place.texts + at, place.textBytes) };
      case "float64":
        return { kind: "float64", values: new Float64Array(cells, start, rows) };
      case "int64":
        return { kind: "int64", values: new BigInt64Array(cells, start, rows) };
    }
  }

  /** The first offsets, or halves of cells, of a column in a partition's buffer. */
  #cells({ kind, cells }: Place, partition: number, count: number): Int32Array {
    return new Int32Array(this.#kernels.memory.buffer, cells + partition * this.#stride, kind === "bytes" ? count : 2 * count);
  }

  /** A row that no buffer holds is a block. */
  #writeAlone(batch: ColumnBatch, row: number): void {
    const code = new Int32Array(1);
    this.#choose({ kind: "bytes", offsets: batch.keys.offsets.subarray(row, row + 2), bytes: batch.keys.bytes }, 1, code);
    // Rows of the partition that came earlier stay ahead.
    this.#flush(code[0]!);
    this.#options.append(code[0]!, gatherBatch(batch, Int32Array.of(row), 0, 1));
  }

  #encoder(ranges: number): (keys: BytesColumn, rows: number) => void {
    const { rule, partitions } = this.#options;
    const { call } = this.#kernels;
    const { stagedCells, stagedTexts } = this.#places[0]!;
    if (partitions > 1 && rule.type === "hash") {
      return ({ offsets }, rows) => call.hashCodes(stagedCells, stagedTexts - offsets[0]!, rows, PARTITION_SPREAD, partitions / 2 ** 32, this.#codes);
    }
    if (partitions > 1 && rule.type === "range") {
      const range = new RangeKernel(this.#kernels, ranges, rule.splitters);
      return ({ offsets }, rows) => range.codes(stagedCells, stagedTexts - offsets[0]!, rows, this.#codes);
    }
    const codes = new Int32Array(this.#kernels.memory.buffer, this.#codes, this.#chunkRows);
    return (keys, rows) => this.#choose(keys, rows, codes);
  }
}

function bufferBytes({ partitions, budget }: RowScatterOptions): number {
  return Math.max(LEAST_BUFFER, Math.min(MOST_BUFFER, Math.floor(Math.min(MOST_BUFFERS, budget / 4) / partitions)));
}
