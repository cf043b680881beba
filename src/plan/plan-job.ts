import type { JobId } from "../model/ids.js";
import type { AggregatorSpec, JobSpec, ShuffleSpec } from "../model/job-spec.js";
import type { InputFile, Split } from "../model/split.js";
import { defaultPackSize, defaultPartitions, defaultSplitSize } from "./default-sizes.js";
import type { Plan, Stage } from "./plan.js";
import { packFiles } from "./pack-files.js";
import { planSplits } from "./plan-splits.js";
import { samplePieces } from "./sample-pieces.js";

export interface PlanRequest {
  readonly job: JobId;
  readonly spec: JobSpec;
  readonly bundle: string;
  readonly planHash: string;
  /** In the order in which a sequential run would read them. */
  readonly files: readonly InputFile[];
  /** Bytes. Default: from the size of the data. */
  readonly splitSize?: number;
  /** Takes the place of the job's own number. Default: from the size of the data. */
  readonly partitions?: number;
}

/**
 * Cuts a job into stages. The same spec, files and sizes give the same plan on every machine: slots and
 * threads are not asked for, because the split plan fixes the bytes of the output.
 */
export function planJob(request: PlanRequest): Plan {
  const { job, spec, bundle, planHash, files } = request;
  const totalBytes = files.reduce((sum, file) => sum + file.size, 0);
  const splits = planSplits(spec.input, files, request.splitSize ?? defaultSplitSize(totalBytes));
  const packs = packFiles(spec.input, splits, request.splitSize ?? defaultPackSize(totalBytes));
  const partitions = partitionsOf(request, totalBytes);
  const surveyed = spec.input.format === "csv" ? splitsWithSuccessor(splits) : [];
  // One range has no bounds to place.
  const sampled = spec.shuffle?.partition === "range" && partitions > 1 ? samplePieces(spec.input, packs) : [];

  const stages: Stage[] = [];
  const before = () => stages.map((stage) => stage.kind);
  if (surveyed.length > 0) stages.push({ kind: "survey", after: [], tasks: surveyed.map((split) => ({ type: "survey", split })) });
  if (sampled.length > 0) stages.push({ kind: "sample", after: before(), tasks: sampled.map((pieces) => ({ type: "sample", splits: pieces })) });
  stages.push({ kind: "map", after: before(), tasks: packs.map((pack) => ({ type: "map", splits: pack })) });
  if (partitions > 0) {
    stages.push({ kind: "reduce", after: ["map"], tasks: Array.from({ length: partitions }, (_, partition) => ({ type: "reduce", partition })) });
  }
  return { job, name: spec.name, bundle, planHash, stages, partitions, badRecords: spec.badRecords };
}

function partitionsOf({ spec, partitions }: PlanRequest, totalBytes: number): number {
  if (spec.shuffle === undefined) return 0;
  const count = partitions ?? spec.partitions ?? defaultPartitions(totalBytes, spec.shuffle.partition, foldsIntoLittle(spec.shuffle));
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`Partitions must be a whole number from 1, not ${count}`);
  return count;
}

/** Whether the values of a key become one of their size before they travel. */
function foldsIntoLittle({ reduce }: ShuffleSpec): boolean {
  return reduce.kind === "aggregate" && isSmall(reduce.aggregator);
}

function isSmall(aggregator: AggregatorSpec): boolean {
  switch (aggregator.kind) {
    case "struct":
      return aggregator.fields.every((field) => isSmall(field.aggregator));
    case "sum":
    case "count":
    case "mean":
    case "min":
    case "max":
    case "first":
    case "last":
      return true;
    default:
      return false;
  }
}

/** How a split ends matters only to the next split of the same file. */
function splitsWithSuccessor(splits: readonly Split[]): Split[] {
  return splits.filter((_, index) => (splits[index + 1]?.start ?? 0) > 0);
}
