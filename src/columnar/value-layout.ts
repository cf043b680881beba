import type { FieldSpec, TypeSpec } from "../model/type-spec.js";
import type { ColumnKind } from "./columns.js";

/**
 * How emitted values lie in columns. A struct that an aggregator will read is flattened, one column for
 * each member, so that `sum("bytes")` reads numbers; every other value is one column.
 */
export interface ValueLayout {
  readonly type: TypeSpec;
  /** Members of a flattened struct; absent when the value is one column. */
  readonly members?: readonly FieldSpec[];
  /** One for each column: member order, or the single column. */
  readonly kinds: readonly ColumnKind[];
}

export function valueLayout(type: TypeSpec, flatten: boolean): ValueLayout {
  if (flatten && type.kind === "struct" && !type.nullable) {
    return { type, members: type.fields, kinds: type.fields.map((field) => columnKind(field.type)) };
  }
  return { type, kinds: [columnKind(type)] };
}

/** Numbers, booleans and times lie unboxed; all else (and whatever may be null) is encoded bytes. */
export function columnKind(type: TypeSpec): ColumnKind {
  if (type.nullable) return "bytes";
  switch (type.kind) {
    case "float64":
    case "int32":
    case "bool":
    case "timestamp":
    case "date":
      return "float64";
    case "int64":
      return "int64";
    default:
      return "bytes";
  }
}
