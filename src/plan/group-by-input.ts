import type { GroupBySpec } from "../model/job-spec.js";
import type { FieldSpec } from "../model/type-spec.js";

/** The group-by of the input's own columns that reads what this one needs. Keys come last, as it has them. */
export function inputColumns({ keys, values, derive, where }: GroupBySpec): GroupBySpec {
  const sourceOf = (field: FieldSpec): FieldSpec => derive.find(({ name }) => name === field.name)?.from ?? field;
  const distinct = (fields: readonly FieldSpec[]): FieldSpec[] => [...new Map(fields.map((field) => [field.name, field])).values()];
  return { keys: distinct(keys.map(sourceOf)), values: distinct([...where.map(({ column }) => column), ...values].map(sourceOf)), derive: [], where: [] };
}

/** Whether a function of the job's is called, which may throw. */
export function lifts({ derive, where }: GroupBySpec): boolean {
  return derive.some(({ lookup }) => lookup === undefined) || where.some(({ test }) => test === "lifted");
}
