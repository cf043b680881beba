import { InvalidJobError, UsageError } from "../errors.js";
import type { JobRequest } from "../model/job-request.js";
import type { AggregatorSpec, BadRecordPolicy, GroupBySpec, InputSpec, JobSpec, MapSpec, ShuffleSpec } from "../model/job-spec.js";
import type { Aggregator } from "./aggregators.js";
import { isCustomAggregator } from "./check-definition.js";
import { isPassValues } from "./pass-values.js";
import { expressionsOf } from "./column-expressions.js";
import type { JobDefinition } from "./define-job.js";
import { groupBySpec, groupByTypes } from "./group-by.js";

/** The job spec of a definition as one run asks for it. Depends on nothing else, so every process derives the same. */
export function deriveSpec(definition: JobDefinition, request: JobRequest, params: unknown): JobSpec {
  const { name, input, output, side = {}, groupBy, reduce } = definition;
  const sides = Object.fromEntries(Object.entries(side).map(([sideName, dataset]) => [sideName, sideInput(sideName, dataset.input)]));
  const grouping = groupBy === undefined ? undefined : groupBySpec(input.input, sides, groupBy, aggregatorOf(reduce), expressionsOf(definition));
  const partitions = request.partitions ?? definition.partitions;
  return {
    name,
    input: withPaths(input.input, request.inputs),
    sides,
    map: mapSpec(definition, grouping),
    ...(definition.reduce === undefined ? {} : { shuffle: shuffleSpec(definition, grouping) }),
    output: output.output,
    ...(partitions === undefined ? {} : { partitions: checkedPartitions(partitions, definition) }),
    badRecords: badRecordPolicy(definition, request),
    params,
  };
}

function mapSpec({ map, concurrency = 16 }: JobDefinition, grouping: GroupBySpec | undefined): MapSpec {
  if (grouping !== undefined) return { style: "group-by", groupBy: grouping, concurrency };
  return typeof map === "object" ? { style: "operator", operator: map.operator, concurrency } : { style: map ? "record" : "batch", concurrency };
}

function withPaths(input: InputSpec, paths: readonly string[] | undefined): InputSpec {
  const chosen = paths ?? input.paths;
  if (chosen.length === 0) throw new UsageError("No input: give --input <path>, or name paths in the job's `input`");
  return { ...input, paths: chosen };
}

function sideInput(name: string, input: InputSpec): InputSpec {
  if (input.paths.length === 0) throw new InvalidJobError(`side.${name}: a side input needs its paths in the job, such as csv({ paths: "lookup.csv" })`);
  return input;
}

function checkedPartitions(partitions: number, definition: JobDefinition): number {
  if (definition.reduce === undefined) throw new UsageError("--partitions: this job has no reduce step; each map task writes one part");
  return partitions;
}

function aggregatorOf(reduce: JobDefinition["reduce"]): AggregatorSpec {
  return isCustomAggregator(reduce) ? { kind: "custom" } : (reduce as Aggregator<never, unknown>).aggregator;
}

function shuffleSpec(definition: JobDefinition, grouping: GroupBySpec | undefined): ShuffleSpec {
  const { key, value, reduce, combine, partition, sortValues = false } = definition;
  return {
    ...(grouping === undefined ? { key: key!.type, value: value!.type } : groupByTypes(grouping)),
    reduce: typeof reduce === "function" ? { kind: "function" } : isPassValues(reduce) ? { kind: "values" } : { kind: "aggregate", aggregator: aggregatorOf(reduce) },
    ...(combine === undefined ? {} : { combine: combine.aggregator }),
    partition: typeof partition === "function" ? "function" : (partition?.partition ?? "hash"),
    sortValues: typeof sortValues === "function" ? "comparator" : sortValues === "desc" ? "descending" : sortValues ? "ascending" : "none",
  };
}

function badRecordPolicy(definition: JobDefinition, request: JobRequest): BadRecordPolicy {
  const given = request.maxBadRecords ?? definition.maxBadRecords;
  return { action: request.onBadRecord ?? definition.onBadRecord ?? "fail", ...(given === undefined ? {} : { limit: recordLimit(String(given)) }) };
}

function recordLimit(text: string): NonNullable<BadRecordPolicy["limit"]> {
  const [, number = "", percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  if (percent === "%" && Number(number) <= 100) return { share: Number(number) / 100 };
  if (percent === "" && /^\d+$/.test(number)) return { count: Number(number) };
  throw new UsageError(`The limit of bad records must be a whole number or a percentage such as 0.1%, not ${JSON.stringify(text)}`);
}
