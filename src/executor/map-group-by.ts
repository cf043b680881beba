/** The map of a group-by: by columns, or its plain twin by records. */
import { openReader, type ReaderOptions } from "../formats/open-reader.js";
import type { JobDefinition } from "../job/define-job.js";
import type { RecordColumns } from "../job/record-batch.js";
import type { GroupBySpec } from "../model/job-spec.js";
import type { Split } from "../model/split.js";
import { columnDeriver, recordDeriver, type SideRows } from "./derive-columns.js";
import type { AttemptScope } from "./attempt-scope.js";
import { columnGrouper, groupRecords } from "./group-columns.js";
import type { ColumnSink } from "../shuffle/map-output.js";
import type { MapRun } from "./run-map.js";
import { LiftError, userFailure } from "./user-failure.js";

type Row = Record<string, unknown>;

/** Hands the records of chunks to a sink. It remembers by codes what it has called functions for, as long as these hold. */
export function chunkGrouper(groupBy: GroupBySpec, definition: JobDefinition, sides: SideRows, sink: ColumnSink): (columns: RecordColumns<Row>) => void {
  const derive = columnDeriver(groupBy, definition, sides);
  const group = columnGrouper(groupBy, sink);
  return (columns) => group(derive(columns));
}

export async function groupBatches({ scope, reader, faults }: MapRun, group: ReturnType<typeof chunkGrouper>): Promise<void> {
  while (await reader.advance()) {
    scope.monitor.readTo(reader.bytesRead);
    const columns = faults.readLoaded(() => reader.columns()) as RecordColumns<Row>;
    group(columns);
    scope.monitor.records += columns.length;
  }
}

export function groupedRecords(groupBy: GroupBySpec, definition: JobDefinition, sides: SideRows): MapRun["call"] {
  const group = groupRecords(groupBy) as (row: unknown, emit: unknown) => void;
  const derive = recordDeriver(groupBy, definition, sides);
  return (record, emit) => {
    const row = derive(record as Row);
    if (row !== undefined) group(row, emit);
  };
}

/** The failure of a lifted function, with the record that it threw on. Columns do not know where their rows stand, so the split is read again. */
export async function placed(error: LiftError, { job: { spec, definition }, sides }: AttemptScope, split: Split, options: ReaderOptions): Promise<unknown> {
  const file = split.file.path;
  const derive = recordDeriver(spec.map.groupBy!, definition, sides);
  const reader = await openReader(spec.input, split, options);
  try {
    while (await reader.advance()) while (reader.next()) derive(reader.record as Row);
  } catch (again) {
    if (again instanceof LiftError) return userFailure("map", again, { file, offset: reader.offset, record: reader.raw() });
  } finally {
    reader.close();
  }
  return userFailure("map", error, { file });
}
