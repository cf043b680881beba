/**
 * A map's output on its way to the reduces: pairs gather in a buffer, are combined if the job has an
 * aggregator, and go to one block file with a segment for each partition.
 *
 *     emit -> PairBuffer -> [CombineTable] -> PartitionWriter -> BlockWriter
 *     emit -> TextPairs ----> CombineTable -> ...                 (text keys that are combined)
 *     text -> WordTable -----------------> PartitionWriter -> ...  (words())
 */
import type { AggregateState } from "../columnar/aggregates/aggregate-state.js";
import type { CodedTexts } from "../columnar/coded-texts.js";
import type { ThreadKernels } from "../columnar/kernels/thread-kernels.js";
import { KernelKeyTable } from "../columnar/kernel-key-table.js";
import type { KeyTable } from "../columnar/key-table.js";
import type { BytesColumn, Column, ColumnBatch } from "../columnar/columns.js";
import { PairBuffer, type Emit } from "../columnar/pair-buffer.js";
import { rowNumbers } from "../columnar/row-numbers.js";
import { ValueColumns } from "../columnar/value-columns.js";
import { valueLayout, type ValueLayout } from "../columnar/value-layout.js";
import type { ShuffleSpec } from "../model/job-spec.js";
import type { MapOutputSummary } from "../model/task.js";
import { BlockWriter } from "./block-writer.js";
import { CodedKeys } from "./coded-keys.js";
import { CombineTable } from "./combine-table.js";
import { openPartitionWriter, type PartitionWriter } from "./partition-writer.js";
import type { PartitionRule } from "./partitioner.js";
import type { Spill } from "./partial-results.js";
import type { ShuffleTypes } from "./shuffle-types.js";
import { TextPairs } from "./text-pairs.js";
import { WordTable, type WordCount } from "./word-table.js";

/** Takes pairs as columns, none of which will be taken back. */
export interface ColumnSink {
  /** How values lie in columns. */
  readonly emitted: ValueLayout;
  readonly addBatch: (batch: ColumnBatch) => void;
  /** Takes keys that have been numbered; absent where no table takes them. */
  readonly addCoded: ((keys: CodedTexts, values: readonly Column[]) => void) | undefined;
  /** To be called before the memory where keys were numbered serves something else. */
  readonly leaveMemory: (() => void) | undefined;
  /** Bytes of a record that it wants to keep for each of those keys, in the memory where they are numbered. */
  readonly recordBytes: number;
}

export interface MapOutputOptions {
  readonly spec: ShuffleSpec;
  readonly types: ShuffleTypes;
  readonly rule: PartitionRule;
  readonly partitions: number;
  readonly paths: () => { readonly data: string; readonly index: string };
  /** Attempt id. */
  readonly identity: string;
  /** The key table to combine in. */
  readonly keyTable: () => KernelKeyTable | KeyTable;
  /** For the buffers of partitions. */
  readonly kernels: ThreadKernels;
  /** Words of text may be asked for, in place of pairs. */
  readonly words?: WordCount;
  /** Bytes of memory for pairs and accumulators. */
  readonly budget: number;
  /** Whether pairs of a record may have to be taken back. */
  readonly takesBack: boolean;
  /** Told of every batch that leaves the buffer. */
  readonly onFlush: () => void;
}

/** Pairs in one batch: enough to amortise calls, few enough to stay in cache. */
const BATCH_ROWS = 1 << 15;
const BATCH_BYTES = 256 << 10;

export class MapOutput {
  /** The job's emit. */
  readonly emit: Emit;
  /** Where text can be given whole, if that was asked for and the aggregator can count so. Then `emit` is not to be called. */
  readonly words: WordTable | undefined;
  /** Takes lines as keys that are their own values. */
  readonly lines: ((batch: ColumnBatch) => void) | undefined;
  /** The first error on the way to the file; `emit` threw it, but user code may have caught it. */
  broken: unknown;
  readonly #options: MapOutputOptions;
  /** Made with the first rows, for thousands of maps may emit nothing. */
  #partitioned: PartitionWriter | undefined;
  #writer: BlockWriter | undefined;
  readonly #state: AggregateState | undefined;
  readonly #addBatch: (batch: ColumnBatch) => void;
  /** Takes pairs; text keys that are combined come to it only once the table has given up combining. */
  #pairs: PairBuffer | undefined;
  readonly #table: CombineTable | undefined;
  readonly #texts: TextPairs | undefined;
  #columns: ColumnSink | undefined;
  #coded: CodedKeys | undefined;

  constructor(options: MapOutputOptions) {
    const { spec, types, budget } = options;
    this.#options = options;
    const write: Spill = (batch) => this.#write(batch);
    const state = types.newState?.();
    this.#state = state;
    const spill = state && spec.reduce.kind !== "aggregate" ? asValues(spec, types.newState!(), write) : write;
    const keyTable = state && options.keyTable();
    const kernelTable = keyTable instanceof KernelKeyTable ? keyTable : undefined;
    const table = state && new CombineTable(keyTable!, state, Math.floor(budget * 0.75), spill);
    this.#table = table;
    this.#addBatch = this.#guarded((batch: ColumnBatch) => {
      // Their keys wait where the table puts those of a batch.
      this.#texts?.flush();
      if (table) table.add(batch);
      else this.#write(batch);
    });
    this.lines = types.keysOnly ? this.#addBatch : undefined;
    const isText = this.#isText;
    if (table && kernelTable && isText && !options.takesBack) this.#texts = new TextPairs(table, kernelTable, types.emitted, () => this.#openPairs().emit, (action) => this.#guarded(action));
    this.emit = this.#texts?.emit ?? this.#openPairs().emit;
    if (state?.addOnes && kernelTable && options.words && (isText || options.words.lift)) this.words = new WordTable(kernelTable, state, spec.key, options.words, Math.floor(budget * 0.75), this.#guarded(spill));
  }

  get columns(): ColumnSink {
    return (this.#columns ??= this.#openColumns());
  }

  /** How often pairs were written before the end, for want of memory. */
  get spills(): number {
    return Math.max(0, (this.words?.flushes ?? 0) - 1, (this.#table?.flushes ?? 0) - 1);
  }

  /** The current record is done: its pairs stay. */
  settle(): void {
    if (this.#texts === undefined) this.#pairs?.settle();
  }

  /** Takes back the pairs of the current record; false when some have been handed on already. */
  takeBack(): boolean {
    return this.#pairs?.takeBack() ?? false;
  }

  finish(): MapOutputSummary {
    this.words?.flush();
    this.#texts?.flush();
    this.#pairs?.flush();
    this.#coded?.flush(true);
    this.#table?.flush();
    this.#partitioned?.flush();
    // No file says that a map emitted nothing, but its result.
    if (this.#writer === undefined || this.#writer.isEmpty) return { kind: "map-output", rows: 0, bytes: 0 };
    return { kind: "map-output", ...this.#writer.finish() };
  }

  abandon(): void {
    this.#writer?.abandon();
  }

  #openPairs(): PairBuffer {
    const { spec, types, budget, takesBack } = this.#options;
    const pairs = new PairBuffer(spec.key, types.emitted, { maxRows: BATCH_ROWS, maxBytes: Math.min(BATCH_BYTES, budget / 4) }, this.#addBatch);
    if (takesBack) pairs.hold();
    this.#pairs = pairs;
    return pairs;
  }

  #openColumns(): ColumnSink {
    const { spec, types } = this.#options;
    const coded = this.#table ? new CodedKeys(this.#table, spec.reduce.kind === "aggregate" ? this.#state!.summary : undefined) : undefined;
    this.#coded = coded;
    return {
      emitted: types.emitted,
      addBatch: this.#addBatch,
      addCoded: coded && this.#guarded((keys: CodedTexts, values: readonly Column[]) => coded.add(keys, values)),
      leaveMemory: coded && this.#guarded(() => coded.flush(false)),
      recordBytes: coded?.recordBytes ?? 0,
    };
  }

  get #isText(): boolean {
    const { key } = this.#options.spec;
    return key.kind === "utf8" && !key.nullable;
  }

  #write(batch: ColumnBatch): void {
    this.#partitioned ??= this.#openPartitions();
    this.#partitioned.write(this.#options.types.keysOnly ? { ...batch, values: [] } : batch);
  }

  #openPartitions(): PartitionWriter {
    const { types, rule, partitions, paths, identity, kernels, budget } = this.#options;
    const writer = new BlockWriter({ ...paths(), identity, segments: partitions, kinds: types.blockKinds });
    this.#writer = writer;
    const append = (partition: number, batch: ColumnBatch): void => writer.append(partition, types.keyBytes === undefined ? batch : wholeRecords(batch));
    return openPartitionWriter({ kernels, kinds: types.kinds, rule, partitions, budget, append });
  }

  #guarded<A extends unknown[]>(action: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      this.#options.onFlush();
      try {
        action(...args);
      } catch (error) {
        this.broken ??= error;
        throw error;
      }
    };
  }
}

/** Finishes a combiner's partial results, as values that a function reduce will read. `state` is its own. */
function asValues(spec: ShuffleSpec, state: AggregateState, write: Spill): Spill {
  const values = new ValueColumns(valueLayout(spec.value, false));
  return ({ rows, keys, values: partials }) => {
    state.grow(rows);
    state.merge(rowNumbers(rows), partials, rows);
    for (let group = 0; group < rows; group++) {
      try {
        values.append(state.finish(group));
      } catch (error) {
        throw error instanceof TypeError ? new TypeError(`combine: its result does not fit the value type: ${error.message}`) : error;
      }
    }
    state.clear();
    write({ rows, keys, values: values.columns() });
    values.clear();
  };
}

/** Records without the keys that are parts of them. */
function wholeRecords({ rows, values }: ColumnBatch): ColumnBatch {
  return { rows, keys: values[0] as BytesColumn, values: [] };
}
