/**
 * The map side of a sort of fixed-size records by a part of themselves: records are read into the memory of
 * kernels, their keys copied out and given partitions, and records scattered to one buffer for each partition; a full
 * buffer is written as a block. Its plain twin is `emit(record.subarray(from, to), record)` into a map output.
 */
import { aligned16, KernelLayout } from "../columnar/kernels/kernel-layout.js";
import { RangeKernel } from "../columnar/kernels/range-kernel.js";
import type { ThreadKernels } from "../columnar/kernels/thread-kernels.js";
import type { Kernels } from "../columnar/kernels/wasm.js";
import type { MapOutputSummary } from "../model/task.js";
import { BlockWriter } from "./block-writer.js";
import { partitioner, type PartitionRule } from "./partitioner.js";

export interface RecordPartitionsOptions {
  readonly kernels: ThreadKernels;
  /** Bytes of a record, and which of them are its key. */
  readonly record: number;
  readonly from: number;
  readonly to: number;
  readonly rule: PartitionRule;
  readonly partitions: number;
  readonly paths: { readonly data: string; readonly index: string };
  /** Attempt id. */
  readonly identity: string;
  /** Bytes of memory. */
  readonly budget: number;
  /** Told of every block that is written. */
  readonly onFlush: () => void;
}

/** Longer blocks are read no faster, and so much of each partition is in memory. */
const MOST_BUFFER = 256 << 10;
const MOST_WINDOW = 1 << 20;
/** Of all buffers. Kernels have twice as much. */
const MOST_MEMORY = 2 ** 29;
const SLACK = 64;

export class RecordPartitions {
  /** Where records are to be put before `add`. */
  readonly window: Uint8Array;
  readonly #options: RecordPartitionsOptions;
  readonly #writer: BlockWriter;
  readonly #kernels: Kernels;
  readonly #partition: (rows: number) => void;
  /** Addresses. */
  readonly #codes: number;
  readonly #keys: number;
  readonly #fillsAt: number;
  readonly #buffers: number;
  readonly #fills: Int32Array;
  /** Records that fit a partition's buffer, and bytes from one to the next. */
  readonly #capacity: number;
  readonly #stride: number;
  /** For every block. */
  readonly #recordOffsets: Int32Array;

  /** Undefined where kernels have not the memory for so many partitions of records that long. */
  static within(options: RecordPartitionsOptions): RecordPartitions | undefined {
    const { record, partitions } = options;
    return (record + 2 * SLACK) * (partitions + 2) > MOST_MEMORY ? undefined : new RecordPartitions(options);
  }

  private constructor(options: RecordPartitionsOptions) {
    const { kernels, record, from, to, rule, partitions, budget, paths, identity } = options;
    const key = to - from;
    const splitters = rule.type === "range" ? rule.splitters : [];
    const windowRows = Math.max(1, Math.floor(Math.min(MOST_WINDOW, budget / 8) / record));
    this.#capacity = Math.max(1, Math.floor(Math.min(MOST_BUFFER, Math.min(MOST_MEMORY, budget / 2) / partitions) / record));
    this.#stride = aligned16(this.#capacity * record + SLACK);
    const layout = new KernelLayout();
    const window = layout.take(windowRows * record + SLACK);
    this.#keys = layout.take(windowRows * key + SLACK);
    const offsets = layout.take(4 * (windowRows + 1));
    this.#codes = layout.take(4 * windowRows);
    this.#fillsAt = layout.take(4 * partitions);
    const ranges = layout.take(RangeKernel.bytesFor(splitters));
    this.#buffers = layout.take(this.#stride * partitions);
    this.#options = options;
    this.#kernels = kernels.get(layout.end);
    const { memory } = this.#kernels;
    this.window = memory.subarray(window, window + windowRows * record);
    this.#fills = new Int32Array(memory.buffer, this.#fillsAt, partitions).fill(0);
    const keyOffsets = stepping(new Int32Array(memory.buffer, offsets, windowRows + 1), key);
    if (rule.type === "range" && partitions > 1) {
      const range = new RangeKernel(this.#kernels, ranges, splitters);
      this.#partition = (rows) => range.codes(offsets, this.#keys, rows, this.#codes);
    } else {
      const choose = partitioner(rule, partitions);
      const codes = new Int32Array(memory.buffer, this.#codes, windowRows);
      const keys = memory.subarray(this.#keys, this.#keys + windowRows * key);
      this.#partition = (rows) => choose({ kind: "bytes", offsets: keyOffsets, bytes: keys }, rows, codes);
    }
    this.#recordOffsets = stepping(new Int32Array(this.#capacity + 1), record);
    this.#writer = new BlockWriter({ ...paths, identity, segments: partitions, kinds: [] });
  }

  /** Takes the first `rows` records of the window. */
  add(rows: number): void {
    const { call } = this.#kernels;
    const { record, from, to } = this.#options;
    const window = this.window.byteOffset;
    call.copyKeys(window, rows, record, from, to - from, this.#keys);
    this.#partition(rows);
    const codes = new Int32Array(this.#kernels.memory.buffer, this.#codes, rows);
    for (let row = 0; row < rows; row++) {
      row = call.scatterRecords(
        window, this.#codes, row, rows, record,
        this.#buffers, this.#stride, this.#capacity, this.#fillsAt,
      );
      if (row < rows) this.#flush(codes[row]!);
    }
  }

  finish(): MapOutputSummary {
    for (let partition = 0; partition < this.#options.partitions; partition++) this.#flush(partition);
    return { kind: "map-output", ...this.#writer.finish() };
  }

  abandon(): void {
    this.#writer.abandon();
  }

  #flush(partition: number): void {
    const { record, onFlush } = this.#options;
    const { memory } = this.#kernels;
    const rows = this.#fills[partition]!;
    if (rows === 0) return;
    const records = this.#buffers + partition * this.#stride;
    this.#writer.append(partition, { rows, keys: { kind: "bytes", offsets: this.#recordOffsets, bytes: memory.subarray(records, records + rows * record) }, values: [] });
    this.#fills[partition] = 0;
    onFlush();
  }
}

function stepping(offsets: Int32Array, size: number): Int32Array {
  for (let i = 0; i < offsets.length; i++) offsets[i] = i * size;
  return offsets;
}
