/** Columns of numbers for tests of aggregators. */
import { valueLayout, type ValueLayout } from "../columnar/value-layout.js";
import type { AggregatorSpec } from "../model/job-spec.js";
import type { TypeSpec } from "../model/type-spec.js";

export const FLOAT: TypeSpec = { kind: "float64", nullable: false };
export const INTEGERS: Readonly<Record<string, TypeSpec>> = {
  n: { kind: "int32", nullable: false },
  big: { kind: "int64", as: "bigint", nullable: false },
  safe: { kind: "int64", as: "number", nullable: false },
};

export const MAYBE: Readonly<Record<string, TypeSpec>> = Object.fromEntries(Object.entries({ a: FLOAT, ...INTEGERS }).map(([name, type]) => [`maybe_${name}`, { ...type, nullable: true }]));

/** How values of a struct of these types lie in columns. */
export function structLayout(types: Readonly<Record<string, TypeSpec>>): ValueLayout {
  return valueLayout({ kind: "struct", nullable: false, fields: Object.entries(types).map(([name, type]) => ({ name, type })) }, true);
}

export function member(name: string, aggregator: AggregatorSpec): { readonly name: string; readonly aggregator: AggregatorSpec } {
  return { name, aggregator };
}
