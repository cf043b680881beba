import type { JobDefinition } from "./define-job.js";
import { InvalidJobError } from "../errors.js";

/** Rejects a definition that types could not, naming the option at fault. */
export function checkDefinition(given: unknown): asserts given is JobDefinition {
  if (typeof given !== "object" || given === null) fail("expects an object");
  const job = given as Partial<JobDefinition>;
  if (typeof job.name !== "string" || job.name.trim() === "") fail("`name` must be a non-empty string");
  if (job.input?.input === undefined) fail("`input` must be a dataset such as text() or csv()");
  if (job.output?.output === undefined) fail("`output` must be a dataset such as tsv() or jsonl()");
  if ((job.map === undefined) === (job.mapBatch === undefined)) fail("needs exactly one of `map` and `mapBatch`");
}

function fail(problem: string): never {
  throw new InvalidJobError(`defineJob: ${problem}`);
}
