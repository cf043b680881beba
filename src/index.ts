export { defineJob, type Job, type ParamsSchema } from "./job/define-job.js";
export { t, type DataType, type Infer, type Schema, type RowOf } from "./job/data-type.js";
export { text, files, records, csv, tsv, jsonl, arrow, type Input, type Output, type Dataset, type WholeFile } from "./job/dataset.js";
export * from "./job/aggregators.js";
export { hash, range } from "./job/partition.js";
export { words } from "./job/operators.js";
export type { MapContext, ReduceContext, TaskContext, Counter } from "./job/context.js";
export type { RecordColumns, Utf8Column, ValueColumn } from "./job/record-batch.js";
