import type { FieldSpec, TypeSpec } from "../model/type-spec.js";

declare const valueOf: unique symbol;

/** A column type that carries its TypeScript type: `t.utf8()` is a `DataType<string>`. */
export interface DataType<T> {
  readonly type: TypeSpec;
  /** The same type with null allowed; null sorts first. In CSV an empty field without quotes is null, in TSV any empty field. */
  nullable(): DataType<T | null>;
  readonly [valueOf]?: T;
}

/** The TypeScript type of a data type or of a schema: `Infer<typeof schema>`. */
export type Infer<D> = D extends DataType<infer T> ? T : D extends Schema ? RowOf<D> : never;

/** Columns by name, in order. */
export type Schema = Readonly<Record<string, DataType<unknown>>>;
export type RowOf<S extends Schema> = { [Name in keyof S]: S[Name] extends DataType<infer T> ? T : never };

export interface Int64Options<As extends "bigint" | "number"> {
  /** `number` reads and takes plain numbers and fails on one that is not a safe integer. Default `bigint`. */
  readonly as?: As;
}

/** The column types. Each names both an Arrow type and a TypeScript type. */
export const t = {
  /** A string, compared by its UTF-8 bytes. Lone surrogates become U+FFFD. */
  utf8: () => make<string>({ kind: "utf8", nullable: false }),
  binary: () => make<Uint8Array>({ kind: "binary", nullable: false }),
  bool: () => make<boolean>({ kind: "bool", nullable: false }),
  /** An integer from -2^31 to 2^31 - 1. */
  int32: () => make<number>({ kind: "int32", nullable: false }),
  /** A 64-bit integer: `bigint`, or `number` with `{ as: "number" }`. */
  int64,
  /** A double. NaN sorts last and equals itself; -0 is 0. */
  float64: () => make<number>({ kind: "float64", nullable: false }),
  /** A `Date`, to the millisecond. */
  timestamp: () => make<Date>({ kind: "timestamp", nullable: false }),
  /** A `Date` at midnight UTC; written as `YYYY-MM-DD`. */
  date: () => make<Date>({ kind: "date", nullable: false }),
  list: <T>(item: DataType<T>) => make<T[]>({ kind: "list", item: item.type, nullable: false }),
  /** An object with these members, compared member by member. */
  struct: <S extends Schema>(fields: S) => make<RowOf<S>>({ kind: "struct", fields: fieldsOf(fields), nullable: false }),
  /** Any JSON value. It has no order, so it cannot be a key. */
  json: <T = unknown>() => make<T>({ kind: "json", nullable: false }),
};

function int64(): DataType<bigint>;
function int64<As extends "bigint" | "number">(options: Int64Options<As>): DataType<As extends "number" ? number : bigint>;
function int64(options: Int64Options<"bigint" | "number"> = {}): DataType<never> {
  return make({ kind: "int64", as: options.as ?? "bigint", nullable: false });
}

export function fieldsOf(schema: Schema): FieldSpec[] {
  return Object.entries(schema).map(([name, column]) => ({ name, type: column.type }));
}

function make<T>(type: TypeSpec): DataType<T> {
  return { type, nullable: () => make<T | null>({ ...type, nullable: true }) };
}
