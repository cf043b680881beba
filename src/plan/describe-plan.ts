import type { InputSpec, JobSpec, OutputSpec, ShuffleSpec } from "../model/job-spec.js";
import { splitBytes, type Split } from "../model/split.js";
import { splitsOf } from "../model/task.js";
import { describeType, type FieldSpec } from "../model/type-spec.js";
import { combinerOf, describeAggregator } from "./describe-aggregator.js";
import { describeMap } from "./describe-map.js";
import type { Plan, Stage } from "./plan.js";

/** The plan as `millrace explain` prints it, one line each. `kernels` says whether they run here. */
export function describePlan(plan: Plan, spec: JobSpec, kernels: boolean): string[] {
  return [
    `Job ${plan.name} (${plan.job}), bundle ${plan.bundle.slice(0, 12)}, plan ${plan.planHash.slice(0, 12)}`,
    `Input: ${describeFormat(spec.input)}, ${describeSplits(plan)}`,
    ...Object.entries(spec.sides).map(([name, side]) => `Side input ${name}: ${describeFormat(side)}, read whole by every task that asks`),
    ...plan.stages.flatMap((stage) => describeStage(stage, plan, spec, kernels)),
    `Output: ${describeFormat(spec.output)}, ${count(partCount(plan), "part")}`,
    `Bad records: ${describeBadRecords(plan)}`,
  ];
}

function describeStage(stage: Stage, plan: Plan, spec: JobSpec, kernels: boolean): string[] {
  const after = stage.after.filter((kind) => kind !== "survey");
  const waits = stage.kind === "survey" ? ", on demand" : after.length === 0 ? "" : `, after ${after.join(" and ")}`;
  const head = `Stage ${stage.kind}: ${count(stage.tasks.length, "task")}${waits}`;
  switch (stage.kind) {
    case "survey":
      return [head, "  finds which cuts of CSV files lie inside quotes; runs only when a split turns out to hold a quote, until then splits are read at once"];
    case "sample":
      return [head, `  because partitions are ranges: maps ${bytes(lengthOf(splitsOfStage(stage)))} of the input to place their bounds`];
    case "map":
      return [head + describeRows(stage), ...describeMap(spec, kernels).map((line) => `  ${line}`)];
    case "reduce":
      return [head, ...(spec.shuffle === undefined ? [] : describeShuffle(spec.shuffle, plan))];
  }
}

/** Small files are read several to a task. */
function describeRows({ tasks }: Stage): string {
  const most = tasks.reduce((most, work) => Math.max(most, splitsOf(work).length), 0);
  return most > 1 ? `, each of up to ${most} small files` : "";
}

function describeShuffle(shuffle: ShuffleSpec, plan: Plan): string[] {
  const combiner = combinerOf(shuffle);
  return [
    `  ${count(plan.partitions, "partition")} by ${describePartition(shuffle, plan)}`,
    `  key ${describeType(shuffle.key)}, value ${describeType(shuffle.value)}`,
    `  reduce by ${describeReduce(shuffle.reduce)}`,
    combiner === undefined ? "  no combiner: the reduce function sees every value" : `  combiner ${describeAggregator(combiner)}: values of a key are merged before the shuffle`,
    ...(shuffle.sortValues === "none" ? [] : [`  values of a key sorted ${shuffle.sortValues === "comparator" ? "by a comparator" : shuffle.sortValues}`]),
  ];
}

function describeReduce(reduce: ShuffleSpec["reduce"]): string {
  switch (reduce.kind) {
    case "aggregate":
      return describeAggregator(reduce.aggregator);
    case "values":
      return "values(): each value is a row, sorted and copied in columns";
    case "function":
      return "function";
  }
}

function describePartition(shuffle: ShuffleSpec, plan: Plan): string {
  switch (shuffle.partition) {
    case "hash":
      return "hash of the key";
    case "function":
      return "the job's partition function";
    case "range":
      return plan.stages.some((stage) => stage.kind === "sample") ? "ranges of keys, bounds from a sample" : "ranges of keys, no sample needed";
  }
}

function describeFormat(dataset: InputSpec | OutputSpec): string {
  const schema = "schema" in dataset && dataset.schema !== undefined ? ` (${dataset.schema.map(describeField).join(", ")})` : "";
  const columns = "columns" in dataset && dataset.columns !== undefined ? `, columns ${dataset.columns.join(", ")}` : "";
  return (dataset.format === "records" ? `records of ${dataset.bytes} bytes` : dataset.format) + schema + columns;
}

function describeField(field: FieldSpec): string {
  return `${field.name}: ${describeType(field.type)}`;
}

function describeSplits(plan: Plan): string {
  const map = plan.stages.find((stage) => stage.kind === "map");
  const splits = splitsOfStage(map);
  const files = new Map(splits.map((split) => [split.file.path, split.file]));
  const size = [...files.values()].reduce((sum, file) => sum + file.size, 0);
  return `${count(files.size, "non-empty file")}, ${bytes(size)} in ${count(splits.length, "split")}`;
}

function describeBadRecords({ badRecords: { action, limit } }: Plan): string {
  if (action === "fail" || limit === undefined) return action;
  return `${action}, at most ${"count" in limit ? limit.count : `${+(limit.share * 100).toPrecision(12)}% of all records`}`;
}

function partCount(plan: Plan): number {
  return plan.partitions > 0 ? plan.partitions : (plan.stages.find((stage) => stage.kind === "map")?.tasks.length ?? 0);
}

function splitsOfStage(stage: Stage | undefined): Split[] {
  return (stage?.tasks ?? []).flatMap(splitsOf);
}

function lengthOf(splits: readonly Split[]): number {
  return splits.reduce((sum, split) => sum + splitBytes(split), 0);
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

function bytes(n: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const unit = n < 1 ? 0 : Math.min(Math.floor(Math.log2(n) / 10), units.length - 1);
  return `${+(n / 2 ** (10 * unit)).toFixed(1)} ${units[unit]}`;
}
