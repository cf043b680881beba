/**
 * A reduce attempt: reads its partition from the output of every map, in the order of the map tasks, and
 * writes one part. An aggregator merges partial results by hash and writes them in key order; a function
 * gets the rows sorted by key, one group after another.
 */
import { TaskFailure } from "../errors.js";
import { faultPoint } from "../faults.js";
import type { ReduceFunction } from "../job/define-job.js";
import { decoderFor } from "../columnar/codec.js";
import { MergedSummaries } from "../columnar/aggregates/merged-summaries.js";
import { planAggregate } from "../columnar/aggregates/plan-aggregate.js";
import { ReusedRoom } from "../columnar/column-room.js";
import { hasKernels } from "../columnar/kernels/wasm.js";
import { batchReader, keyReader, valueReader } from "../columnar/value-reader.js";
import { SortArena } from "../columnar/sort-arena.js";
import type { ColumnBatch } from "../columnar/columns.js";
import { AggregateMerge } from "../shuffle/aggregate-merge.js";
import { groupsOf } from "../shuffle/groups.js";
import type { BlockMemory } from "../shuffle/block-reader.js";
import { fetchPartition } from "../shuffle/fetch-partition.js";
import type { ShuffleTypes } from "../shuffle/shuffle-types.js";
import { SortedRows } from "../shuffle/sorted-rows.js";
import { SpillRuns } from "../shuffle/spill-runs.js";
import { spillPath } from "../storage/layout.js";
import { rowMaker } from "./aggregate-rows.js";
import { columnsOfKeys, columnsOfResults } from "./aggregate-columns.js";
import type { AttemptScope } from "./attempt-scope.js";
import { mapSources } from "./map-sources.js";
import { PartOutput } from "./part-output.js";
import type { Finished } from "./run-map.js";
import { userFailure } from "./user-failure.js";
import { valueOrder } from "./value-order.js";

const atKey = faultPoint("reduce.key");
/** Bytes of map output fetched ahead of the merge, when there is memory for it. */
const MOST_AHEAD = 32 << 20;

export async function runReduce(scope: AttemptScope, partition: number): Promise<Finished> {
  const { job, order } = scope;
  const shuffle = job.spec.shuffle!;
  const { reduce } = job.definition;
  const types = scope.thread.shuffleTypes();
  const runs = new SpillRuns((run) => spillPath(order.folder, order.attempt, run), order.attempt, types.kinds);
  const part = await PartOutput.open(order.header.staging, order.attempt, job.spec.output);
  try {
    if (shuffle.reduce.kind === "values") await passValues(scope, partition, types, runs, part);
    else await (typeof reduce === "function" ? reduceGroups(scope, partition, types, runs, part, reduce) : reduceAggregate(scope, partition, types, runs, part));
    const output = part.finish();
    return { result: { type: "reduce", output }, stats: { records: scope.monitor.records, bytesRead: scope.monitor.bytes, badRecords: 0, spills: runs.written } };
  } catch (error) {
    part.abandon();
    throw error instanceof TaskFailure ? error : userFailure("reduce", error, {});
  } finally {
    runs.close();
  }
}

async function* partitionRows({ order, monitor, thread }: AttemptScope, partition: number, { blockKinds }: ShuffleTypes, memory?: BlockMemory): AsyncGenerator<ColumnBatch, void, undefined> {
  const bytesAhead = Math.min(MOST_AHEAD, Math.floor(order.memory / 8));
  for await (const batch of fetchPartition(mapSources(order), { partition, partitions: order.header.partitions, kinds: blockKinds, ...thread.blocks, bytesAhead, memory })) {
    monitor.records += batch.rows;
    monitor.step();
    yield batch;
  }
}

async function reduceAggregate(scope: AttemptScope, partition: number, types: ShuffleTypes, runs: SpillRuns, part: PartOutput): Promise<void> {
  const { job, order, monitor } = scope;
  const { key, value, reduce } = job.spec.shuffle!;
  if (reduce.kind !== "aggregate") throw new Error("reduceAggregate needs an aggregator");
  const state = types.newState!();
  const merge = new AggregateMerge(scope.thread.keyTable("small", MergedSummaries.recordBytes(state)), state, order.memory / 2, new SortedRows({ kinds: types.kinds, budget: order.memory / 2, runs }));
  for await (const batch of partitionRows(scope, partition, types, reusedMemory())) merge.add(batch);
  const result = reduce.aggregator.kind === "custom" ? undefined : planAggregate(reduce.aggregator, value).result;
  const { writeColumns } = part;
  const resultColumns = result && columnsOfResults(state, result);
  if (writeColumns && resultColumns) {
    const keyColumns = columnsOfKeys(key, (bytes) => scope.thread.kernels.get(bytes));
    merge.visitColumns(resultColumns, (keys, rows, results) => {
      for (let row = 0; atKey && row < rows; row++) atKey();
      writeColumns([...keyColumns(keys, rows), ...results], rows);
      monitor.step();
    });
    return;
  }
  const decodeKey = decoderFor(key);
  const makeRow = rowMaker(job.spec.output, key, result);
  merge.visit(({ bytes, offsets }, groups, merged) => {
    groups.forEach((group, row) => {
      atKey?.();
      const keyValue = decodeKey(bytes, offsets[row]!, offsets[row + 1]!);
      part.write(makeRow(keyValue, merged.finish(group)));
    });
    monitor.step();
  });
}

/** For blocks that are used up before the next are read. */
function reusedMemory(): BlockMemory {
  const room = new ReusedRoom();
  return (bytes) => room.reset().bytes(bytes);
}

/** The rows of the partition, to be read in order. */
async function sortedRows(scope: AttemptScope, partition: number, types: ShuffleTypes, runs: SpillRuns): Promise<SortedRows> {
  const { job, order, thread } = scope;
  const { spec, definition } = job;
  const compareValues = valueOrder(spec.shuffle!, definition.sortValues, valueReader({ type: spec.shuffle!.value, kinds: types.kinds }));
  const arena = compareValues === undefined && hasKernels ? SortArena.within(thread.shuffleKernels.get(order.memory), order.memory, types.kinds, types.keyBytes) : undefined;
  const rows = new SortedRows({ kinds: types.kinds, budget: order.memory, runs, compareValues, arena, keyBytes: types.keyBytes });
  for await (const batch of partitionRows(scope, partition, types, rows.room)) rows.add(batch);
  return rows;
}

/** `values()`: whole columns where the output takes them. */
async function passValues(scope: AttemptScope, partition: number, types: ShuffleTypes, runs: SpillRuns, part: PartOutput): Promise<void> {
  const rows = await sortedRows(scope, partition, types, runs);
  const { key, value } = scope.job.spec.shuffle!;
  if (part.columnType === value.kind && !value.nullable) {
    for (const { rows: count, column } of types.keysOnly ? rows.keys() : rows.values(0)) {
      part.writeColumn!(column, count);
      scope.monitor.step();
    }
    return;
  }
  const readKeys = keyReader(key);
  const readValues = batchReader({ type: value, kinds: types.kinds });
  for (const batch of rows.batches()) {
    const valueAt = types.keysOnly ? readKeys(batch.keys, batch.rows) : readValues(batch.values, batch.rows);
    for (let row = 0; row < batch.rows; row++) part.write(valueAt(row));
    scope.monitor.step();
  }
}

async function reduceGroups(scope: AttemptScope, partition: number, types: ShuffleTypes, runs: SpillRuns, part: PartOutput, reduce: ReduceFunction): Promise<void> {
  const { job, monitor } = scope;
  const { key, value } = job.spec.shuffle!;
  const readers = { keys: keyReader(key), values: batchReader({ type: value, kinds: types.kinds }) };
  const rows = await sortedRows(scope, partition, types, runs);
  const context: unknown = Object.create(scope.context, { partition: { value: partition, enumerable: true } });
  const call = reduce as unknown as (key: unknown, values: Iterable<unknown>, emit: (row: unknown) => void, ctx: unknown) => void | Promise<void>;
  for (const group of groupsOf(rows.batches()[Symbol.iterator](), readers)) {
    atKey?.();
    try {
      const pending = call(group.key, group.values, part.write, context);
      if (pending !== undefined) await pending;
    } catch (error) {
      throw userFailure("reduce", error, { record: `key ${showKey(group.key)}` });
    }
    monitor.step();
  }
}

function showKey(key: unknown): string {
  return JSON.stringify(key, (_, member: unknown) => (typeof member === "bigint" ? `${member}` : member)) ?? String(key);
}
