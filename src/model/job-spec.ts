import type { FieldSpec, TypeSpec } from "./type-spec.js";

/**
 * A job spec is all that Millrace knows of a job without its functions: plain JSON, derived from the
 * job module inside an executor. Planner, scheduler and CLI work from it; its hash is the plan hash that
 * every executor must reproduce from the bundle.
 */
export interface JobSpec {
  readonly name: string;
  readonly input: InputSpec;
  /** Broadcast inputs by name, read whole by every task that asks. */
  readonly sides: Readonly<Record<string, InputSpec>>;
  readonly map: MapSpec;
  /** Absent for a map-only job. */
  readonly shuffle?: ShuffleSpec;
  readonly output: OutputSpec;
  readonly partitions?: number;
  readonly badRecords: BadRecordPolicy;
  /** Values after the job's schema parsed them: JSON where possible. */
  readonly params: unknown;
}

export interface MapSpec {
  /** `operator` is a built-in mapper such as words(); `group-by` takes keys and values from columns. */
  readonly style: "record" | "batch" | "operator" | "group-by";
  readonly groupBy?: GroupBySpec;
  /** Name and options of the operator. */
  readonly operator?: { readonly name: string; readonly options: unknown; readonly lifted?: true };
  /** Records in flight at most, for an async map. */
  readonly concurrency: number;
}

/** Which columns of the input are keys and values of a shuffle. */
export interface GroupBySpec {
  /** The key: one column, or the members of a struct. */
  readonly keys: readonly FieldSpec[];
  /** The members of the value; none when the aggregator reads no values. */
  readonly values: readonly FieldSpec[];
  /** The columns of these that are not the input's; their functions stay in the bundle. */
  readonly derive: readonly DerivedSpec[];
  /** What a record must fulfil; all of it. */
  readonly where: readonly ConditionSpec[];
}

export interface DerivedSpec extends FieldSpec {
  readonly from: FieldSpec;
  /** Absent where a function makes it. */
  readonly lookup?: LookupSpec;
}

/** The value of column `give` in the one row of a side input whose column `among` has a given value. */
export interface LookupSpec {
  readonly side: string;
  readonly among: FieldSpec;
  readonly give: FieldSpec;
}

export interface ConditionSpec {
  readonly column: FieldSpec;
  /** Of a lifted function only that it is one: `lifted`; else such as `> 5`. */
  readonly test: string;
}

export interface ShuffleSpec {
  readonly key: TypeSpec;
  readonly value: TypeSpec;
  readonly reduce: { readonly kind: "aggregate"; readonly aggregator: AggregatorSpec } | { readonly kind: "function" } | { readonly kind: "values" };
  readonly combine?: AggregatorSpec;
  readonly partition: "hash" | "range" | "function";
  readonly sortValues: "none" | "ascending" | "descending" | "comparator";
}

/** Plain description of an aggregator; functions of a custom one stay in the bundle. */
export type AggregatorSpec =
  | { readonly kind: "sum" | "min" | "max" | "mean" | "collect" | "countDistinct" | "approxDistinct" | "first" | "last"; readonly field?: string }
  | { readonly kind: "count" }
  | { readonly kind: "topK"; readonly k: number; readonly by?: string }
  | { readonly kind: "quantile"; readonly q: number; readonly field?: string }
  | { readonly kind: "struct"; readonly fields: readonly { readonly name: string; readonly aggregator: AggregatorSpec }[] }
  | { readonly kind: "custom" };

export type InputSpec = { readonly paths: readonly string[] } & (
  | { readonly format: "text" }
  | { readonly format: "files" }
  | { readonly format: "csv" | "tsv"; readonly delimiter: string; readonly header: boolean; readonly schema?: readonly FieldSpec[] }
  | { readonly format: "jsonl"; readonly schema?: readonly FieldSpec[] }
  | { readonly format: "arrow"; readonly columns?: readonly string[]; readonly schema?: readonly FieldSpec[] }
  | { readonly format: "records"; readonly bytes: number }
);

export type OutputSpec =
  | { readonly format: "text" }
  | { readonly format: "csv" | "tsv"; readonly delimiter: string; readonly header: boolean; readonly schema?: readonly FieldSpec[] }
  | { readonly format: "jsonl"; readonly schema?: readonly FieldSpec[] }
  | { readonly format: "arrow"; readonly schema?: readonly FieldSpec[] }
  | { readonly format: "records"; readonly bytes: number };

export interface BadRecordPolicy {
  readonly action: "fail" | "skip" | "quarantine";
  /** Most bad records that a job may skip, as a count or as a share (0-1) of all records read. No limit when absent. */
  readonly limit?: { readonly count: number } | { readonly share: number };
}
