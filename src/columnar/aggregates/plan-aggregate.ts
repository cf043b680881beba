import { InvalidJobError } from "../../errors.js";
import { assertNever } from "../../model/assert-never.js";
import type { AggregatorSpec } from "../../model/job-spec.js";
import { describeType, type TypeSpec } from "../../model/type-spec.js";
import { mustBeKeyType } from "../codec.js";

export interface AggregatePlan {
  /** Type of the result. */
  readonly result: TypeSpec;
  /** Whether members of a struct value are read, so that each needs a column of its own. */
  readonly flatten: boolean;
}

/** Checks that an aggregator fits the values of a job; throws InvalidJobError that says why it does not. */
export function planAggregate(spec: AggregatorSpec, value: TypeSpec): AggregatePlan {
  if (spec.kind === "struct") {
    const members = spec.fields.map(({ name, aggregator }) => ({ name, plan: planAggregate(aggregator, value) }));
    return {
      result: { kind: "struct", nullable: false, fields: members.map(({ name, plan }) => ({ name, type: plan.result })) },
      flatten: members.some(({ plan }) => plan.flatten),
    };
  }
  const field = "field" in spec ? spec.field : undefined;
  const type = field === undefined ? value : memberType(spec.kind, field, value);
  const by = spec.kind === "topK" ? spec.by : undefined;
  if (by !== undefined) memberType("topK by", by, value);
  return { result: resultType(spec, type), flatten: field !== undefined || by !== undefined };
}

type Simple = Exclude<AggregatorSpec, { kind: "struct" }>;

function resultType(spec: Simple, type: TypeSpec): TypeSpec {
  switch (spec.kind) {
    case "sum":
      mustBeNumeric("sum", type);
      return type.kind === "int64" ? { ...type, nullable: false } : FLOAT64;
    case "mean":
    case "quantile":
      mustBeNumeric(spec.kind, type);
      // Of values that are all null there is none.
      return { ...FLOAT64, nullable: type.nullable };
    case "count":
      return FLOAT64;
    case "countDistinct":
    case "approxDistinct":
    case "topK":
      mustBeOrdered(spec.kind, type);
      return spec.kind === "topK" ? { kind: "list", item: type, nullable: false } : FLOAT64;
    case "min":
    case "max":
      mustBeOrdered(spec.kind, type);
      return type;
    case "first":
    case "last":
      return type;
    case "collect":
      return { kind: "list", item: type, nullable: false };
    case "custom":
      return { kind: "json", nullable: false };
    default:
      return assertNever(spec);
  }
}

const FLOAT64: TypeSpec = { kind: "float64", nullable: false };

function memberType(kind: string, field: string, value: TypeSpec): TypeSpec {
  if (value.kind !== "struct" || value.nullable) {
    throw new InvalidJobError(`${kind}("${field}"): the value is ${describeType(value)}, which has no members; declare it as t.struct({ ${field}: ... })`);
  }
  const member = value.fields.find((candidate) => candidate.name === field);
  if (member === undefined) throw new InvalidJobError(`${kind}("${field}"): the value has no member "${field}"; it has ${value.fields.map(({ name }) => name).join(", ")}`);
  return member.type;
}

export function isNumeric({ kind }: TypeSpec): boolean {
  return kind === "int32" || kind === "int64" || kind === "float64";
}

function mustBeNumeric(kind: string, type: TypeSpec): void {
  if (!isNumeric(type)) throw new InvalidJobError(`${kind}: needs numbers, but the values are ${describeType(type)}`);
}

function mustBeOrdered(kind: string, type: TypeSpec): void {
  try {
    mustBeKeyType(type, kind);
  } catch (error) {
    throw new InvalidJobError((error as Error).message);
  }
}
