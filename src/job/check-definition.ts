import { expressionsOf } from "./column-expressions.js";
import type { JobDefinition } from "./define-job.js";
import { isPassValues } from "./pass-values.js";
import { InvalidJobError } from "../errors.js";
import { MOST_PARTITIONS } from "../model/job-request.js";
import { showValue } from "../model/show-value.js";

const OPTIONS = [
  "name", "input", "params", "side", "concurrency", "onBadRecord", "maxBadRecords", "key", "value", "partitions", "partition",
  "combine", "sortValues", "output", "reduce", "map", "mapBatch", "groupBy",
  "derive", "where",
];

/** Rejects a definition that the compiler could not see or did not stop, naming the option at fault and what to do. */
export function checkDefinition(given: unknown): asserts given is JobDefinition {
  if (typeof given !== "object" || given === null) fail(`expects an object, got ${showValue(given)}`);
  for (const name of Object.keys(given)) if (!OPTIONS.includes(name)) fail(`there is no option \`${name}\`; the options are ${OPTIONS.join(", ")}`);
  const job = given as Partial<JobDefinition>;
  if (typeof job.name !== "string" || job.name.trim() === "") fail("`name` must be a non-empty string");
  if (job.input?.input === undefined) fail("`input` must be a dataset such as text() or csv()");
  if (job.output?.output === undefined) fail("`output` must be a dataset such as tsv() or jsonl()");
  if ([job.map, job.mapBatch, job.groupBy].filter((way) => way !== undefined).length !== 1) fail("needs exactly one of `map`, `mapBatch` and `groupBy`");
  if (job.map !== undefined && typeof job.map !== "function" && job.map.operator === undefined) fail("`map` must be a function or an operator such as words()");
  if (job.mapBatch !== undefined && typeof job.mapBatch !== "function") fail("`mapBatch` must be a function");
  if (job.params !== undefined && typeof job.params.safeParse !== "function") fail("`params` must be a schema with safeParse, such as z.object({...}) of zod");
  if (job.concurrency !== undefined && !(Number.isInteger(job.concurrency) && job.concurrency >= 1)) fail("`concurrency` must be a whole number, at least 1");
  for (const [name, input] of Object.entries(job.side ?? {})) if (input?.input === undefined) fail(`\`side.${name}\` must be a dataset such as csv()`);
  for (const option of ["derive", "where"] as const) {
    if (job[option] !== undefined && job.groupBy === undefined) fail(`\`${option}\` is for jobs with \`groupBy\`; here \`map\` can do that`);
    if (job[option] !== undefined && typeof job[option] !== "function") fail(`\`${option}\` must be a function of the columns, such as ({ bytes }) => ${option === "where" ? "bytes.gt(0)" : "({ kib: bytes.lift(t.float64(), toKib) })"}`);
  }
  if (job.groupBy !== undefined) checkGroupBy(job);
  else if (job.reduce === undefined) checkMapOnly(job);
  else checkReduce(job);
}

function checkMapOnly(job: Partial<JobDefinition>): void {
  for (const option of ["key", "value", "partitions", "partition", "combine", "sortValues"] as const) {
    if (job[option] !== undefined) fail(`\`${option}\` needs a \`reduce\`; without one \`map\` emits output rows`);
  }
  if (typeof job.map === "object") fail(`the operator ${job.map.operator.name}() emits pairs, so the job needs \`key\`, \`value\` and \`reduce\``);
}

function checkGroupBy(job: Partial<JobDefinition>): void {
  const names = typeof job.groupBy === "string" ? [job.groupBy] : job.groupBy;
  if (!Array.isArray(names) || names.length === 0 || names.some((name) => typeof name !== "string")) fail("`groupBy` must be the name of a column, or an array of names");
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) fail(`\`groupBy\` names the column ${JSON.stringify(twice)} twice`);
  for (const option of ["key", "value", "combine", "sortValues"] as const) {
    if (job[option] !== undefined) fail(`\`${option}\` is for jobs with a \`map\`; \`groupBy\` takes keys and values from the columns`);
  }
  if (!isAggregator(job.reduce)) fail("`groupBy` needs a `reduce` that is an aggregator, such as sum(\"bytes\") or count()");
  checkPartitions(job);
  expressionsOf(job);
}

function checkReduce(job: Partial<JobDefinition>): void {
  const { reduce, sortValues } = job;
  for (const option of ["key", "value"] as const) if (job[option]?.type === undefined) fail(`\`${option}\` must be a type such as t.utf8(), for the job has a \`reduce\``);
  if (typeof reduce !== "function" && !isAggregator(reduce) && !isCustomAggregator(reduce) && !isPassValues(reduce)) {
    fail("`reduce` must be an aggregator such as sum(), a function, values(), or { zero, add, merge }");
  }
  checkPartitions(job);
  if (sortValues !== undefined && !["boolean", "function"].includes(typeof sortValues) && sortValues !== "asc" && sortValues !== "desc") fail('`sortValues` must be true, "asc", "desc" or a comparator');
  if (job.combine !== undefined && !isAggregator(job.combine)) fail("`combine` must be an aggregator such as sum()");
  if (typeof reduce !== "function" && !isPassValues(reduce)) {
    if (job.combine !== undefined) fail("`combine` is for a function `reduce`; an aggregator is its own combiner");
    if (sortValues !== undefined && sortValues !== false) fail("`sortValues` is for a function `reduce`; an aggregator sees values in no order of its own");
  }
}

function checkPartitions({ partitions, partition }: Partial<JobDefinition>): void {
  if (partitions !== undefined && !(Number.isInteger(partitions) && partitions >= 1 && partitions <= MOST_PARTITIONS)) fail(`\`partitions\` must be a whole number from 1 to ${MOST_PARTITIONS.toLocaleString("en")}`);
  if (partition !== undefined && typeof partition !== "function" && partition.partition === undefined) fail("`partition` must be hash(), range() or a function");
}

function isAggregator(value: unknown): boolean {
  return typeof value === "object" && value !== null && "aggregator" in value;
}

export function isCustomAggregator(value: unknown): boolean {
  const { add, merge } = (value ?? {}) as Record<string, unknown>;
  return typeof value === "object" && value !== null && "zero" in value && typeof add === "function" && typeof merge === "function";
}

function fail(problem: string): never {
  throw new InvalidJobError(`defineJob: ${problem}`);
}
