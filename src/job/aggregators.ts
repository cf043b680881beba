/**
 * Aggregators as a job names them: a reduce step that is also its own combiner. The built-in ones are plain
 * descriptions that columnar/aggregates turns into column loops; a custom one brings its functions.
 */
import type { AggregatorSpec } from "../model/job-spec.js";
import { InvalidJobError } from "../errors.js";
import { showValue } from "../model/show-value.js";

declare const valueOf: unique symbol;
declare const resultOf: unique symbol;

/** Folds values of type `V` into one result of type `R`. */
export interface Aggregator<V, R> {
  readonly aggregator: AggregatorSpec;
  readonly [valueOf]?: (value: V) => void;
  readonly [resultOf]?: R;
}

/**
 * A user's own aggregator. `merge` must be associative and must treat `zero` as neutral, for partial
 * results are merged in the order of the input. `A` must survive a structured clone.
 */
export interface CustomAggregator<V, A, R> {
  readonly zero: A | (() => A);
  /** Returns the new accumulator, or changes the given object and returns nothing. */
  add(accumulator: A, value: V): A | void;
  merge(left: A, right: A): A | void;
  /** Default: the accumulator itself. */
  finish?(accumulator: A): R;
}

type Numeric = number | bigint;
type With<Field extends string, T> = { readonly [Name in Field]: T };

/** The sum; null is left out, so that nothing sums to 0. Of float64: the exact sum, rounded once, so the order of values never shows. Of int64: exact; beyond 64 bits the job fails. */
export function sum(): Aggregator<Numeric | null, Numeric>;
export function sum<Field extends string>(field: Field): Aggregator<With<Field, Numeric | null>, Numeric>;
export function sum(field?: string): Aggregator<never, Numeric> {
  return { aggregator: { kind: "sum", ...over(field) } };
}

/** How many values, null ones too. A whole number. */
export function count(): Aggregator<unknown, number> {
  return { aggregator: { kind: "count" } };
}

/** The smallest value in the order of its type; null is left out unless all are null. */
export function min<T>(): Aggregator<T, T>;
export function min<Field extends string>(field: Field): Aggregator<With<Field, unknown>, unknown>;
export function min(field?: string): Aggregator<never, unknown> {
  return { aggregator: { kind: "min", ...over(field) } };
}

/** The largest value in the order of its type; NaN is the largest number. */
export function max<T>(): Aggregator<T, T>;
export function max<Field extends string>(field: Field): Aggregator<With<Field, unknown>, unknown>;
export function max(field?: string): Aggregator<never, unknown> {
  return { aggregator: { kind: "max", ...over(field) } };
}

/** The exact sum divided by the count, rounded once each. Null is left out; the mean of nothing but nulls is null. */
export function mean(): Aggregator<Numeric | null, number | null>;
export function mean<Field extends string>(field: Field): Aggregator<With<Field, Numeric | null>, number | null>;
export function mean(field?: string): Aggregator<never, number | null> {
  return { aggregator: { kind: "mean", ...over(field) } };
}

/** All values as an array, in the order of the input. Needs memory for the values of a key. */
export function collect<T>(): Aggregator<T, T[]>;
export function collect<Field extends string>(field: Field): Aggregator<With<Field, unknown>, unknown[]>;
export function collect(field?: string): Aggregator<never, unknown[]> {
  return { aggregator: { kind: "collect", ...over(field) } };
}

/** How many different values, exactly. Needs memory for the distinct values of a key. */
export function countDistinct(): Aggregator<unknown, number>;
export function countDistinct<Field extends string>(field: Field): Aggregator<With<Field, unknown>, number>;
export function countDistinct(field?: string): Aggregator<never, number> {
  return { aggregator: { kind: "countDistinct", ...over(field) } };
}

/** How many different values, by HyperLogLog with 2^12 registers: standard error 1.6 %, 4 KiB a key. */
export function approxDistinct(): Aggregator<unknown, number>;
export function approxDistinct<Field extends string>(field: Field): Aggregator<With<Field, unknown>, number>;
export function approxDistinct(field?: string): Aggregator<never, number> {
  return { aggregator: { kind: "approxDistinct", ...over(field) } };
}

export interface TopKOptions {
  /** Member of a struct value to order by; ties fall to the order of the whole value. */
  readonly by?: string;
}

/** The `k` largest values, largest first, in the order of the value's type. */
export function topK<T>(k: number, options: TopKOptions = {}): Aggregator<T, T[]> {
  if (!Number.isInteger(k) || k < 1) throw new InvalidJobError(`topK(${k}): k must be a whole number, at least 1`);
  if (typeof options !== "object" || options === null) throw new InvalidJobError(`topK(${k}): expected options such as { by: "bytes" }, got ${showValue(options)}`);
  return { aggregator: { kind: "topK", k, ...(options.by === undefined ? {} : { by: options.by }) } };
}

/** The exact quantile `q` (0 to 1), linear between neighbours. Null is left out; that of nothing but nulls is null. Needs memory for the values of a key. */
export function quantile(q: number): Aggregator<Numeric | null, number | null>;
export function quantile<Field extends string>(q: number, field: Field): Aggregator<With<Field, Numeric | null>, number | null>;
export function quantile(q: number, field?: string): Aggregator<never, number | null> {
  if (!(q >= 0 && q <= 1)) throw new InvalidJobError(`quantile(${q}): q must lie between 0 and 1`);
  return { aggregator: { kind: "quantile", q, ...over(field) } };
}

/** The first value in the order of the input. */
export function first<T>(): Aggregator<T, T>;
export function first<Field extends string>(field: Field): Aggregator<With<Field, unknown>, unknown>;
export function first(field?: string): Aggregator<never, unknown> {
  return { aggregator: { kind: "first", ...over(field) } };
}

/** The last value in the order of the input. */
export function last<T>(): Aggregator<T, T>;
export function last<Field extends string>(field: Field): Aggregator<With<Field, unknown>, unknown>;
export function last(field?: string): Aggregator<never, unknown> {
  return { aggregator: { kind: "last", ...over(field) } };
}

type AnyAggregator = Aggregator<never, unknown>;
type ValueOf<A> = A extends Aggregator<infer V, unknown> ? (value: V) => void : never;
type Intersection<U> = (U extends unknown ? U : never) extends (value: infer V) => void ? V : never;
type ResultOf<A> = A extends Aggregator<never, infer R> ? R : never;

/** Several aggregators over a struct value at once: `aggregate({ n: count(), total: sum("bytes") })`. */
export function aggregate<F extends Readonly<Record<string, AnyAggregator>>>(
  fields: F,
): Aggregator<Intersection<ValueOf<F[keyof F]>>, { [Name in keyof F]: ResultOf<F[Name]> }> {
  const members = Object.entries(fields).map(([name, member]) => ({ name, aggregator: member.aggregator }));
  if (members.length === 0) throw new InvalidJobError("aggregate({}): name at least one aggregator");
  return { aggregator: { kind: "struct", fields: members } };
}

function over(field: string | undefined): { field?: string } {
  return field === undefined ? {} : { field };
}
