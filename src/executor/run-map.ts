/**
 * A map attempt: reads the records of its splits one after another, calls the job's map on each, and writes what it emits. The
 * loop over records awaits nothing unless the map turns out to be async.
 */
import type { Kernels } from "../columnar/kernels/wasm.js";
import { TaskFailure } from "../errors.js";
import { faultPoint } from "../faults.js";
import { openReader, type ReaderOptions } from "../formats/open-reader.js";
import { TextReader } from "../formats/text-reader.js";
import type { RecordReader } from "../formats/record-reader.js";
import type { AnyMapper, KeyBytesOptions } from "../job/operators.js";
import { inputColumns, lifts } from "../plan/group-by-input.js";
import type { JobSpec } from "../model/job-spec.js";
import type { Split } from "../model/split.js";
import type { AttemptStats, TaskResult } from "../model/task.js";
import type { AttemptScope } from "./attempt-scope.js";
import { codedKeys, columnsOfGroupBy } from "./group-columns.js";
import { chunkGrouper, groupBatches, groupedRecords, placed } from "./map-group-by.js";
import { BadRecords, type BadRecordSink } from "./bad-records.js";
import { mapAsync } from "./map-async.js";
import { moveRecords, plainKeyBytes } from "./map-key-bytes.js";
import { mapLines, plainKeyLine } from "./map-key-line.js";
import { mapContext } from "./map-context.js";
import { MapFaults } from "./map-faults.js";
import { keyBytesOf } from "../shuffle/shuffle-types.js";
import { openMapSink, type MapSink } from "./map-sink.js";
import { isWords, plainWords } from "./plain-words.js";
import { LiftError, userFailure } from "./user-failure.js";

export interface Finished {
  readonly result: TaskResult;
  readonly stats: Omit<AttemptStats, "millis" | "counters">;
}

/** What the loops over records work with. */
export interface MapRun {
  readonly scope: AttemptScope;
  readonly reader: RecordReader<unknown>;
  readonly sink: MapSink;
  readonly faults: MapFaults;
  readonly call: (record: unknown, emit: unknown, ctx: unknown) => void | Promise<void>;
}

export async function runMap(scope: AttemptScope, splits: readonly Split[]): Promise<Finished> {
  const { job, order, monitor } = scope;
  const moved = keyBytesOf(job.spec) === undefined ? undefined : await moveRecords(scope, splits);
  if (moved !== undefined) {
    return { result: { type: "map", output: moved }, stats: { records: monitor.records, bytesRead: monitor.bytes, badRecords: 0, spills: 0 } };
  }
  const bad = new BadRecords(job.spec.badRecords, order.header.staging, order.attempt, order.csvState === "presumed-plain");
  const opened = openMapSink(scope, bad.tolerated);
  const sink = opened instanceof Promise ? await opened : opened;
  try {
    await mapInto(scope, splits, sink, bad);
    const output = sink.finish();
    const quarantine = bad.finish();
    return {
      result: { type: "map", output },
      stats: { records: monitor.records, bytesRead: monitor.bytes, badRecords: bad.count, spills: sink.spills, ...(quarantine === undefined ? {} : { quarantine }) },
    };
  } catch (error) {
    sink.abandon();
    bad.abandon();
    throw error instanceof TaskFailure ? error : userFailure("map", error, {});
  }
}

/** Maps the records of splits into a sink. */
export async function mapInto(scope: AttemptScope, splits: readonly Split[], sink: MapSink, bad: BadRecordSink): Promise<void> {
  const { job, order, monitor } = scope;
  const { csvState } = order;
  const { groupBy } = job.spec.map;
  const options = { maxRecordBytes: order.header.maxRecordBytes, keptFile: scope.thread.keptFile, ...(csvState === undefined ? {} : { csvState }), ...readAs(job.spec, sink) };
  const kernels = (bytes: number): Kernels => {
    sink.columns?.leaveMemory?.();
    return scope.thread.kernels.get(bytes);
  };
  const call = mapFunction(scope);
  // A record that a function throws on may be set aside: then each has its own call.
  const group = groupBy && sink.columns && !(bad.tolerated && lifts(groupBy)) ? chunkGrouper(groupBy, job.definition, scope.sides, sink.columns) : undefined;
  let previous: RecordReader<unknown> | undefined;
  for (const split of splits) {
    const opened = openReader(job.spec.input, split, { kernels, previous, ...options });
    const reader = opened instanceof Promise ? await opened : opened;
    previous = reader;
    try {
      await mapSplit({ scope, reader, sink, faults: new MapFaults(split.file.path, reader, sink, bad, monitor), call }, group);
      monitor.endSplit(reader.bytesRead);
    } catch (error) {
      throw error instanceof LiftError ? await placed(error, scope, split, options) : error;
    } finally {
      reader.close();
    }
    if (sink.broken !== undefined) throw sink.broken;
  }
}

function mapSplit(run: MapRun, group: ReturnType<typeof chunkGrouper> | undefined): Promise<void> {
  const { reader, sink } = run;
  if (group) return groupBatches(run, group);
  if (sink.lines && reader instanceof TextReader) return mapLines(run, reader, sink.lines);
  if (sink.words && reader instanceof TextReader) return mapText(run, reader, sink.words);
  return run.scope.job.spec.map.style === "batch" ? mapBatches(run) : mapRecords(run);
}

/** What the reader may make ready: chunks as columns, the key as codes. */
function readAs({ input, map: { style, groupBy } }: JobSpec, sink: MapSink): Pick<ReaderOptions, "columns" | "coded"> {
  const cells = input.format === "csv" || input.format === "tsv";
  if (groupBy === undefined) return style === "batch" || cells ? { columns: "all" } : {};
  const read = inputColumns(groupBy);
  const names = sink.columns && codedKeys(groupBy, sink.columns);
  return { columns: columnsOfGroupBy(read), ...(names === undefined ? {} : { coded: { names, recordBytes: sink.columns!.recordBytes } }) };
}

const atRecord = faultPoint("map.record");

function mapFunction(scope: AttemptScope): MapRun["call"] {
  const call = userMap(scope);
  if (atRecord === undefined) return call;
  return (record, emit, ctx) => {
    atRecord();
    return call(record, emit, ctx);
  };
}

function userMap({ job, sides }: AttemptScope): MapRun["call"] {
  const { map, mapBatch } = job.definition;
  if (job.spec.map.groupBy !== undefined) return groupedRecords(job.spec.map.groupBy, job.definition, sides);
  if (map !== undefined && typeof map !== "function") return operatorFunction(map);
  return (map ?? mapBatch) as unknown as MapRun["call"];
}

function operatorFunction(map: AnyMapper): MapRun["call"] {
  if (isWords(map)) return plainWords(map) as MapRun["call"];
  return (map.operator.name === "keyLine" ? plainKeyLine : plainKeyBytes(map.operator.options as KeyBytesOptions)) as MapRun["call"];
}

async function mapRecords(run: MapRun): Promise<void> {
  const { scope, reader } = run;
  const context = mapContext(scope.context, reader, run.faults.file);
  let isAsync = false;
  while (await reader.advance()) {
    scope.monitor.readTo(reader.bytesRead);
    if (!isAsync) {
      const pending = mapChunk(run, context);
      if (pending === undefined) continue;
      isAsync = true;
      await run.faults.guard(() => pending);
    }
    await mapAsync(run);
  }
}

/** Maps the records of the loaded chunk; stops at the first call that returns a promise and gives that. */
function mapChunk({ scope: { monitor }, reader, sink, faults, call }: MapRun, context: unknown): Promise<void> | undefined {
  const { emit } = sink;
  for (;;) {
    try {
      while (reader.next()) {
        monitor.records++;
        faults.mapping = true;
        const pending = call(reader.record, emit, context);
        if (pending !== undefined) return pending;
        sink.settle();
        faults.mapping = false;
      }
      return undefined;
    } catch (error) {
      faults.take(error);
    }
  }
}

/** Gives whole chunks of text to a sink that counts their words. */
async function mapText({ scope: { monitor }, faults }: MapRun, reader: TextReader, words: NonNullable<MapSink["words"]>): Promise<void> {
  while (await reader.advance()) {
    monitor.readTo(reader.bytesRead);
    monitor.records += words.add(faults.readLoaded(() => reader.chunk()));
  }
}

async function mapBatches({ scope, reader, sink, faults, call }: MapRun): Promise<void> {
  const context = mapContext(scope.context, reader, faults.file);
  while (await reader.advance()) {
    scope.monitor.readTo(reader.bytesRead);
    const columns = faults.readLoaded(() => reader.columns());
    if (columns.length === 0) continue;
    try {
      const pending = call(columns, sink.emit, context);
      if (pending !== undefined) await pending;
      sink.settle();
    } catch (error) {
      throw sink.broken ?? userFailure("mapBatch", error, { file: faults.file });
    }
    scope.monitor.records += columns.length;
  }
}
