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
import { valueLayout } from "../columnar/value-layout.js";
import type { ShuffleSpec } from "../model/job-spec.js";
import type { MapOutputSummary } from "../model/task.js";
import { BlockWriter } from "./block-writer.js";
import { CodedKeys } from "./coded-keys.js";
import { CombineTable } from "./combine-table.js";
import { openPartitionWriter } from "./partition-writer.js";
import type { PartitionRule } from "./partitioner.js";
import type { Spill } from "./partial-results.js";
import type { ShuffleTypes } from "./shuffle-types.js";
import { TextPairs } from "./text-pairs.js";
import { WordTable, type WordCount } from "./word-table.js";

export interface MapOutput {
  /** The job's emit. */
  readonly emit: Emit;
  /** Takes pairs as columns, none of which will be taken back. */
  readonly addBatch: (batch: ColumnBatch) => void;
  /** The same where keys have been numbered; absent where no table takes them. */
  readonly addCoded?: ((keys: CodedTexts, values: readonly Column[]) => void) | undefined;
  /** To be called before the memory where keys were numbered serves something else. */
  readonly leaveMemory?: (() => void) | undefined;
  /** Bytes of a record for each of those keys, in the memory where they are numbered. */
  readonly recordBytes: number;
  /** Where text can be given whole, if that was asked for and the aggregator can count so. Then `emit` is not to be called. */
  readonly words?: WordTable;
  /** How often pairs were written before the end, for want of memory. */
  readonly spills: number;
  /** The first error on the way to the file; `emit` threw it, but user code may have caught it. */
  readonly broken: unknown;
  /** The current record is done: its pairs stay. */
  settle(): void;
  /** Takes back the pairs of the current record; false when some have been handed on already. */
  takeBack(): boolean;
  finish(): MapOutputSummary;
  abandon(): void;
}

export interface MapOutputOptions {
  readonly spec: ShuffleSpec;
  readonly types: ShuffleTypes;
  readonly rule: PartitionRule;
  readonly partitions: number;
  readonly paths: { readonly data: string; readonly index: string };
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
const BATCH_BYTES = 4 << 20;

export function openMapOutput(options: MapOutputOptions): MapOutput {
  const { spec, types, partitions, paths, identity, budget } = options;
  const writer = new BlockWriter({ ...paths, identity, segments: partitions, kinds: types.blockKinds });
  const append = (partition: number, batch: ColumnBatch): void => writer.append(partition, types.keyBytes === undefined ? batch : wholeRecords(batch));
  const partitioned = openPartitionWriter({ kernels: options.kernels, kinds: types.kinds, rule: options.rule, partitions, budget, append });
  const write: Spill = (batch) => partitioned.write(types.keysOnly ? { ...batch, values: [] } : batch);
  const state = types.newState?.();
  const spill = state && spec.reduce.kind !== "aggregate" ? asValues(spec, types.newState!(), write) : write;
  const keyTable = state && options.keyTable();
  const kernelTable = keyTable instanceof KernelKeyTable ? keyTable : undefined;
  const table = state && new CombineTable(keyTable!, state, Math.floor(budget * 0.75), spill);
  const limits = { maxRows: BATCH_ROWS, maxBytes: Math.min(BATCH_BYTES, budget / 4) };
  const isText = spec.key.kind === "utf8" && !spec.key.nullable;
  let broken: unknown;
  const guarded = <A extends unknown[]>(action: (...args: A) => void) => (...args: A): void => {
    options.onFlush();
    try {
      action(...args);
    } catch (error) {
      broken ??= error;
      throw error;
    }
  };
  const coded = table && (isText || spec.key.kind === "struct") ? new CodedKeys(table, spec.reduce.kind === "aggregate" ? state.summary : undefined) : undefined;
  let texts: TextPairs | undefined;
  const addBatch = guarded((batch: ColumnBatch) => {
    // Their keys wait where the table puts those of a batch.
    texts?.flush();
    if (table) table.add(batch);
    else write(batch);
  });
  const pairs = new PairBuffer(spec.key, types.emitted, limits, addBatch);
  if (options.takesBack) pairs.hold();
  if (table && kernelTable && isText && !options.takesBack) texts = new TextPairs(table, kernelTable, types.emitted, pairs.emit, guarded);
  const words = state?.addOnes && kernelTable && options.words && (isText || options.words.lift) ? new WordTable(kernelTable, state, spec.key, options.words, Math.floor(budget * 0.75), guarded(spill)) : undefined;
  return {
    ...(words === undefined ? {} : { words }),
    emit: texts?.emit ?? pairs.emit,
    addBatch,
    addCoded: coded && guarded((keys: CodedTexts, values: readonly Column[]) => coded.add(keys, values)),
    leaveMemory: coded && guarded(() => coded.flush(false)),
    recordBytes: coded?.recordBytes ?? 0,
    get broken() {
      return broken;
    },
    get spills() {
      return Math.max(0, (words?.flushes ?? 0) - 1, (table?.flushes ?? 0) - 1);
    },
    settle: texts ? () => {} : () => pairs.settle(),
    takeBack: () => pairs.takeBack(),
    finish() {
      words?.flush();
      texts?.flush();
      pairs.flush();
      coded?.flush(true);
      table?.flush();
      partitioned.flush();
      // Thousands of maps may emit nothing: no file says so, but their results.
      if (writer.isEmpty) return { kind: "map-output", rows: 0, bytes: 0 };
      return { kind: "map-output", ...writer.finish() };
    },
    abandon: () => writer.abandon(),
  };
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
