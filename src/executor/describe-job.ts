import { createHash } from "node:crypto";
import { planAggregate } from "../columnar/aggregates/plan-aggregate.js";
import { mustBeKeyType } from "../columnar/codec.js";
import { InvalidJobError } from "../errors.js";
import type { JobDefinition } from "../job/define-job.js";
import { deriveSpec } from "../job/derive-spec.js";
import { parseParams } from "../job/parse-params.js";
import type { KeyBytesOptions } from "../job/operators.js";
import type { JobRequest } from "../model/job-request.js";
import type { JobSpec } from "../model/job-spec.js";
import { outputOfAggregate } from "./aggregate-rows.js";

/** A job as a process knows it after loading its bundle: functions, parameters, and the plain spec with its hash. */
export interface DescribedJob {
  readonly definition: JobDefinition;
  readonly params: unknown;
  readonly spec: JobSpec;
  readonly planHash: string;
}

/** Throws InvalidJobError or UsageError for what is wrong with the definition or the request. */
export function describeJob(definition: JobDefinition, request: JobRequest): DescribedJob {
  const params = parseParams(definition.params, request.params);
  const spec = checkedSpec(deriveSpec(definition, request, plainParams(params)));
  return { definition, params, spec, planHash: createHash("sha256").update(canonicalJson(spec)).digest("hex") };
}

function checkedSpec(spec: JobSpec): JobSpec {
  const { shuffle, output } = spec;
  if (spec.map.operator?.name === "keyBytes") checkKeyBytes(spec, spec.map.operator.options as KeyBytesOptions);
  else if (spec.map.style === "operator" && spec.input.format !== "text") throw new InvalidJobError(`map: ${spec.map.operator!.name}() reads lines, so the input must be text()`);
  if (spec.map.operator?.name === "keyLine") checkKeyLine(spec);
  if (shuffle === undefined) return spec;
  try {
    mustBeKeyType(shuffle.key);
    if (shuffle.sortValues === "ascending" || shuffle.sortValues === "descending") mustBeKeyType(shuffle.value, "sortValues: value");
  } catch (error) {
    throw new InvalidJobError((error as Error).message);
  }
  if (shuffle.combine !== undefined) planAggregate(shuffle.combine, shuffle.value);
  if (shuffle.reduce.kind !== "aggregate") return spec;
  return { ...spec, output: outputOfAggregate(output, shuffle.key, shuffle.reduce.aggregator, shuffle.value) };
}

function checkKeyBytes({ input, shuffle }: JobSpec, { from, to }: KeyBytesOptions): void {
  if (input.format !== "records") throw new InvalidJobError("map: keyBytes() takes bytes of fixed-size records, so the input must be records(n)");
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= input.bytes)) {
    throw new InvalidJobError(`map: keyBytes(${from}, ${to}) must name bytes of a record: 0 <= from < to <= ${input.bytes}`);
  }
  if (shuffle?.key.kind !== "binary" || shuffle.key.nullable || shuffle.value.kind !== "binary" || shuffle.value.nullable) {
    throw new InvalidJobError("map: keyBytes() emits bytes, so `key` and `value` must be t.binary()");
  }
}

function checkKeyLine({ shuffle }: JobSpec): void {
  if (shuffle?.key.kind !== "utf8" || shuffle.key.nullable || shuffle.value.kind !== "utf8" || shuffle.value.nullable) {
    throw new InvalidJobError("map: keyLine() emits lines, so `key` and `value` must be t.utf8()");
  }
}

/** Parameters as JSON can hold them; what it cannot (functions, cycles) does not belong to the plan. */
function plainParams(params: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(params, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)) ?? "null") as unknown;
  } catch {
    return null;
  }
}

/** Members in the order of their names, so that equal specs have equal text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
