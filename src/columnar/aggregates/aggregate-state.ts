import type { Column, ColumnKind, ResultColumn } from "../columns.js";

/**
 * An aggregate state holds the accumulators of many groups, one column (or more) for each part of an
 * accumulator. Groups are numbered 0..n-1 by a KeyTable. Maps `add` emitted values and `export` partial
 * results; reduces `merge` those in the order of the map tasks and `finish` them.
 */
export interface AggregateState {
  /** Where accumulators are no more than these of numbers that lie in columns of the values: `export` gives their columns in this order. */
  readonly summary?: readonly SummaryPart[] | undefined;
  /** Columns that `export` writes and `merge` reads. */
  readonly kinds: readonly ColumnKind[];
  /** Makes room for groups 0..groups-1; new ones start at zero. */
  grow(groups: number): void;
  /** Folds value rows 0..rows-1 in: row i belongs to group codes[i]. */
  add(codes: Int32Array, values: readonly Column[], rows: number): void;
  /**
   * Folds the value 1 in times[g] times for each group g below `groups`. Only where that costs no more than once,
   * and never for anything but whole numbers below 2^53.
   */
  readonly addOnes?: (times: Float64Array, groups: number) => void;
  /** How often the value 1 was folded into each of these partial results, where that and no other value may have made all of them. */
  readonly timesOf?: (partials: readonly Column[], rows: number) => Float64Array | undefined;
  /** The opposite: partial results, and results as `finishColumns` gives them, of groups into which the value 1 was folded so many times. */
  readonly ofTimes?: (times: Float64Array) => { readonly partials: readonly Column[]; readonly results: ResultColumn[] };
  /** Partial results of value rows of which each is a group of its own; undefined where these need a closer look. They are valid as long as the values. */
  readonly partialsOf?: (values: readonly Column[], rows: number) => Column[] | undefined;
  /** Folds in partial results that another state of the same kind exported. */
  merge(codes: Int32Array, partials: readonly Column[], rows: number): void;
  /** The accumulators of groups[0..rows-1], in that order. The columns are the caller's to keep. */
  export(groups: Int32Array, rows: number): Column[];
  /** The result of one group, as the user sees it. */
  finish(group: number): unknown;
  /** The results of many groups, what `finish` gives for each; of a struct, a column for each member. Absent where they are made one by one. */
  readonly finishColumns?: (groups: Int32Array) => ResultColumn[];
  /** The same of partial results, each of which is all there is of its group; undefined where these need a closer look. */
  readonly finishPartials?: (partials: readonly Column[], rows: number) => ResultColumn[] | undefined;
  /** Rough memory in use; what spilling is decided by. */
  readonly bytes: number;
  /** Back to no groups. Memory may be kept. */
  clear(): void;
}

/**
 * Of a column of this kind, or of one of bytes with a source of this kind, whose nulls are left out, where it is `nullable`; such a count
 * is of the rows that are not null. A sum of doubles is three columns, of int64 two, all else is one.
 */
export type SummaryPart = { readonly kind: "count" } | PartOfColumn;
export interface PartOfColumn {
  readonly kind: "count" | "sum" | "min" | "max";
  readonly column: number;
  readonly of: "float64" | "int64";
  readonly nullable?: boolean;
}
