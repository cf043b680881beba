import type { PartitionRule } from "../shuffle/partitioner.js";
import type { DescribedJob } from "./describe-job.js";

/** The rule by which this job's keys go to partitions; `splitters` are the bounds found by sampling, base64. */
export function decodePartitionRule({ spec, definition }: DescribedJob, splitters: readonly string[] | undefined): PartitionRule {
  const { partition, key } = spec.shuffle!;
  switch (partition) {
    case "hash":
      return { type: "hash" };
    case "range":
      return { type: "range", splitters: (splitters ?? []).map((text) => Buffer.from(text, "base64")) };
    case "function":
      return { type: "function", choose: definition.partition as (key: never, partitions: number) => unknown, key };
  }
}
