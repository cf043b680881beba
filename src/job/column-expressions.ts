/**
 * Column expressions: what a group-by job says of columns without seeing a record. A lifted function makes a column from
 * another, and so does a look-up in a side input; a condition says which records count. `derive` and `where` get the columns by name and give expressions.
 */
import { InvalidJobError } from "../errors.js";
import { showValue } from "../model/show-value.js";
import { describeType, type TypeSpec } from "../model/type-spec.js";
import type { DataType } from "./data-type.js";
import { isSideColumn, sideColumns, type Lookup, type SideColumn } from "./lookup.js";

declare const liftedType: unique symbol;

/** A pure function over a column. */
export interface Lifted<T> {
  readonly column: string;
  readonly type: TypeSpec;
  readonly make: (value: never) => unknown;
  readonly [liftedType]?: T;
}

export type Comparison = "eq" | "ne" | "lt" | "le" | "gt" | "ge";
export type Constant = string | number | bigint | boolean | Date;

/** A column compared with a constant. */
export interface Condition {
  readonly column: string;
  readonly comparison: Comparison | "isNull" | "isNotNull";
  readonly constant?: Constant;
}

/** What may be compared: all else has no order. */
type Comparable<T> = NonNullable<T> & Constant;

/** A column of the input, or a derived one. Comparisons go by the order of keys: texts by their UTF-8 bytes. Null fulfils only `isNull`. */
export interface ColumnExpression<T> {
  /**
   * The column of `make(value)`. `make` is called about once for each distinct value of a chunk of records, not for each record, so it must be
   * pure: its result depends on the value alone, and it changes nothing. In `where`, `type` is `t.bool()`.
   */
  lift<U>(type: DataType<U>, make: (value: T) => U): Lifted<U>;
  /**
   * For `derive`: the value of `give` in the row of a side input whose `among` equals this column's value; null where there is none. Values are equal
   * as keys are; null equals nothing. Those of `among` must be there once each, or the job fails.
   */
  lookup<U>(among: SideColumn<T | null>, give: SideColumn<U>): Lookup<U | null>;
  eq(constant: Comparable<T>): Condition;
  ne(constant: Comparable<T>): Condition;
  lt(constant: Comparable<T>): Condition;
  le(constant: Comparable<T>): Condition;
  gt(constant: Comparable<T>): Condition;
  ge(constant: Comparable<T>): Condition;
  isNull(): Condition;
  isNotNull(): Condition;
}

/** The columns of records of type `R`, by name. */
export type ColumnsOf<R> = { readonly [Name in keyof R & string]-?: ColumnExpression<R[Name]> };

export type Predicate = Condition | Lifted<boolean>;

/** A column that is made of another. */
export type Derived<T> = Lifted<T> | Lookup<T>;

/** The expressions of a job, without their types. */
export interface Expressions {
  readonly derive: Readonly<Record<string, Derived<unknown>>>;
  /** All of them must hold. */
  readonly where: readonly Predicate[];
}

export type DeriveFunction = (columns: never, sides: never) => Readonly<Record<string, Derived<unknown>>>;
export type WhereFunction = (columns: never) => Predicate | readonly Predicate[];

export function isLifted(expression: Predicate | Derived<unknown>): expression is Lifted<unknown> {
  return "make" in expression;
}

export function isLookup(expression: Predicate | Derived<unknown>): expression is Lookup<unknown> {
  return "among" in expression;
}

/** Calls `derive` and `where`. Throws InvalidJobError when they give something else than expressions. */
export function expressionsOf({ derive, where }: { readonly derive?: DeriveFunction | undefined; readonly where?: WhereFunction | undefined }): Expressions {
  const derived = derive === undefined ? {} : derive(columnsNoting(() => {}) as never, sideColumns() as never);
  if (typeof derived !== "object" || derived === null) throw new InvalidJobError(`derive: must give an object of columns, such as { day: at.lift(t.utf8(), dayOf) }, not ${showValue(derived)}`);
  for (const [name, expression] of Object.entries(derived)) {
    if (!isExpression(expression) || !(isLifted(expression) || isLookup(expression))) throw new InvalidJobError(`derive.${name}: must be a lifted function such as column.lift(t.utf8(), f), or a lookup, not ${showValue(expression)}`);
  }
  const made: Predicate[] = [];
  const conditions = where === undefined ? [] : [where(columnsNoting((expression) => made.push(expression)) as never)].flat();
  for (const condition of conditions) {
    if (!isExpression(condition) || isLookup(condition)) throw new InvalidJobError(`where: must give conditions such as column.gt(5) or column.lift(t.bool(), f), not ${showValue(condition)}`);
    if (isLifted(condition) && (condition.type.kind !== "bool" || condition.type.nullable)) throw new InvalidJobError(`where: a lifted function that decides gives t.bool(), not ${describeType(condition.type)}`);
  }
  const lost = made.find((condition) => !conditions.includes(condition));
  if (lost !== undefined) throw new InvalidJobError(`where: a condition on column ${JSON.stringify(lost.column)} is made and not given back. Conditions are no booleans, so && drops the first: give all that must hold in an array, [a, b], and decide either-or in a lifted function`);
  return { derive: derived, where: conditions };
}

function isExpression(value: unknown): value is Predicate | Derived<unknown> {
  return typeof value === "object" && value !== null && "column" in value && ("comparison" in value || "make" in value || "among" in value);
}

/** Any name is a column here; the plan knows which ones there are. `note` hears of each expression that is made. */
function columnsNoting(note: (expression: Predicate) => void): object {
  return new Proxy({}, { get: (_, name) => columnExpression(String(name), note) });
}

function columnExpression(column: string, note: (expression: Predicate) => void): ColumnExpression<Constant> {
  const noted = <E extends Predicate>(expression: E): E => {
    note(expression);
    return expression;
  };
  const compared = (comparison: Comparison) => (constant: Constant) => noted({ column, comparison, constant });
  return {
    lift(type, make) {
      if (type?.type === undefined || typeof make !== "function") throw new InvalidJobError(`lift of column ${JSON.stringify(column)}: takes a type and a function, such as lift(t.utf8(), (value) => value.trim())`);
      return noted({ column, type: type.type, make } as Lifted<never>);
    },
    lookup(among, give) {
      if (!isSideColumn(among) || !isSideColumn(give) || among.side !== give.side) throw new InvalidJobError(`lookup of column ${JSON.stringify(column)}: takes two columns of one side input, such as lookup(cities.id, cities.country)`);
      return { column, among, give };
    },
    eq: compared("eq"),
    ne: compared("ne"),
    lt: compared("lt"),
    le: compared("le"),
    gt: compared("gt"),
    ge: compared("ge"),
    isNull: () => noted({ column, comparison: "isNull" }),
    isNotNull: () => noted({ column, comparison: "isNotNull" }),
  };
}
