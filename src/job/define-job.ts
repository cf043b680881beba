/**
 * `defineJob` is how a module says what its job is. It checks shapes that the compiler cannot and freezes
 * the definition; executors read it through job-definition.ts.
 */
import type { Aggregator, CustomAggregator } from "./aggregators.js";
import type { ColumnsOf, Derived, DeriveFunction, Predicate, WhereFunction } from "./column-expressions.js";
import type { DataType } from "./data-type.js";
import type { Input, Output } from "./dataset.js";
import type { MapContext, ReduceContext, SideInputs } from "./context.js";
import type { SideColumnsOf } from "./lookup.js";
import type { RecordColumns } from "./record-batch.js";
import type { Mapper } from "./operators.js";
import type { PassValues } from "./pass-values.js";
import type { Partition } from "./partition.js";
import { checkDefinition } from "./check-definition.js";

declare const jobBrand: unique symbol;

/** The default export of a job module. */
export interface Job {
  readonly definition: JobDefinition;
  readonly [jobBrand]?: true;
}

/** Takes part in the type checks of zod (or anything with its `safeParse`). */
export interface ParamsSchema<P> {
  safeParse(input: unknown): { readonly success: true; readonly data: P } | { readonly success: false; readonly error: { readonly issues: readonly ParamIssue[] } };
}
export interface ParamIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Emitted = void | Promise<void>;

interface Common<R, P, S> {
  /** Names the job in ids, logs and the manifest. */
  readonly name: string;
  readonly input: Input<R>;
  /** Schema of the values given by `--param name=value`; they are checked before anything runs. */
  readonly params?: ParamsSchema<P>;
  /** Inputs that every task may read whole, by `ctx.side(name)`; `derive` may look values up in them. */
  readonly side?: S;
  /** Records in flight at most when `map` is async. Default 16. */
  readonly concurrency?: number;
  /** What to do with a record that cannot be read or that `map` throws on. Default `fail`. */
  readonly onBadRecord?: "fail" | "skip" | "quarantine";
  /** Most bad records that may be skipped: a count, or a share such as `"0.1%"`. Default: no limit. */
  readonly maxBadRecords?: number | `${number}%`;
}

type MapStep<R, Emit, P, S> =
  | { map(record: R, emit: Emit, ctx: MapContext<P, S>): Emitted; readonly mapBatch?: never }
  | { mapBatch(batch: RecordColumns<R>, emit: Emit, ctx: MapContext<P, S>): Emitted; readonly map?: never };

/** A job with a reduce step. */
export type ReduceJob<R, K, V, W, A, P, S> = Common<R, P, S> & {
  readonly groupBy?: never;
  readonly derive?: never;
  readonly where?: never;
  readonly key: DataType<K>;
  readonly value: DataType<V>;
  /** Number of part files. Default: from the size of the data and the slots. */
  readonly partitions?: number;
  /** Which part a key goes to. Default `hash()`. */
  readonly partition?: Partition<K>;
  /** Folds values on the map side before a function `reduce` sees them. */
  readonly combine?: Aggregator<V, unknown>;
  /** Order of the values that a function `reduce` sees and `values()` writes: by their type, or by a comparator. Default: the order of the input. */
  readonly sortValues?: boolean | "asc" | "desc" | ((left: V, right: V) => number);
  readonly output: Output<W>;
  readonly reduce:
    | Aggregator<V, unknown>
    | CustomAggregator<V, A, unknown>
    | ([V] extends [W] ? PassValues : never)
    | ((key: K, values: Iterable<V>, emit: (row: W) => void, ctx: ReduceContext<P, S>) => Emitted);
} & (MapStep<R, (key: K, value: V) => void, P, S> | { readonly map: Mapper<R, K, V>; readonly mapBatch?: never });

/** A column of the records of an input, by name. */
export type ColumnName<R> = R extends string | Uint8Array | readonly unknown[] ? never : keyof R & string;

/** What a group-by says of columns `C`: those of its input and those that it derives. */
type Grouping<R, C, W, P, S> = Common<R, P, S> & {
  /** Records that count: a condition, or several that must all hold. The others are read and passed over. */
  readonly where?: (columns: ColumnsOf<C>) => Predicate | readonly Predicate[];
  /** The column whose values are the keys, or several: then a key is a struct of them, and each is a column of the output. */
  readonly groupBy: ColumnName<C> | readonly [ColumnName<C>, ...ColumnName<C>[]];
  /** Aggregators of the columns: `sum("bytes")`, or several by `aggregate({ n: count(), total: sum("bytes") })`. */
  readonly reduce: Aggregator<C, unknown>;
  readonly partitions?: number;
  /** Which part a key goes to. Default `hash()`. */
  readonly partition?: Partition<never>;
  readonly output: Output<W>;
  readonly map?: never;
  readonly mapBatch?: never;
  readonly key?: never;
  readonly value?: never;
  readonly combine?: never;
  readonly sortValues?: never;
};

/**
 * A job that groups records by columns and aggregates others: `groupBy: "id3", reduce: sum("v1")`. No function
 * sees a record, so Millrace reads only the columns that are named, and works on them as a whole.
 */
export type GroupByJob<R, W, P, S> = Grouping<R, R, W, P, S> & { readonly derive?: never };

/** A group-by over columns that are made from those of the input. `derive` stands before `where`, so that the compiler knows them there. */
export type DerivingJob<R, D, W, P, S> = Grouping<R, NoInfer<R & D>, W, P, S> & {
  /**
   * Columns by name, each made of one of the input's: by a pure function, `({ at }) => ({ day: at.lift(t.utf8(), (at) => at.slice(0, 10)) })`, or by a
   * look-up in a side input, `({ city }, { cities }) => ({ country: city.lookup(cities.id, cities.country) })`.
   */
  readonly derive: (columns: ColumnsOf<R>, sides: SideColumnsOf<S>) => { readonly [Name in keyof D]: Derived<D[Name]> };
};

/** A job whose map writes the output rows itself. */
export type MapOnlyJob<R, W, P, S> = Common<R, P, S> & {
  readonly groupBy?: never;
  readonly derive?: never;
  readonly where?: never;
  readonly key?: never;
  readonly value?: never;
  readonly reduce?: never;
  readonly output: Output<W>;
} & MapStep<R, (row: W) => void, P, S>;

export function defineJob<R, K, V, W, A = unknown, P = NoParams, const S extends SideInputs = NoSides>(job: ReduceJob<R, K, V, W, A, P, S>): Job;
// `D` has a default that takes every column, for `groupBy` and `reduce` are first looked at when `derive` is not known yet.
export function defineJob<R, W, D = Unknown, P = NoParams, const S extends SideInputs = NoSides>(job: DerivingJob<R, D, W, P, S>): Job;
export function defineJob<R, W, P = NoParams, const S extends SideInputs = NoSides>(job: GroupByJob<R, W, P, S>): Job;
export function defineJob<R, W, P = NoParams, const S extends SideInputs = NoSides>(job: MapOnlyJob<R, W, P, S>): Job;
export function defineJob(job: unknown): Job {
  checkDefinition(job);
  return { definition: job };
}

type Unknown = ReturnType<typeof JSON.parse>;
export type NoParams = Readonly<Record<never, never>>;
export type NoSides = Readonly<Record<never, never>>;

/** A job definition with its types erased: what the engine works with. */
export interface JobDefinition extends Common<never, unknown, SideInputs> {
  readonly key?: DataType<unknown> | undefined;
  readonly value?: DataType<unknown> | undefined;
  readonly partitions?: number;
  readonly partition?: Partition<never>;
  readonly combine?: Aggregator<never, unknown>;
  readonly sortValues?: boolean | "asc" | "desc" | ((left: never, right: never) => number);
  readonly output: Output<never>;
  readonly reduce?: Aggregator<never, unknown> | CustomAggregator<never, never, unknown> | PassValues | ReduceFunction | undefined;
  readonly map?: MapFunction | Mapper<never, never, never> | undefined;
  readonly mapBatch?: MapFunction | undefined;
  readonly groupBy?: string | readonly string[] | undefined;
  readonly derive?: DeriveFunction | undefined;
  readonly where?: WhereFunction | undefined;
}

export type MapFunction = (record: never, emit: (...out: never[]) => void, ctx: never) => Emitted;
export type ReduceFunction = (key: never, values: never, emit: (row: never) => void, ctx: never) => Emitted;
