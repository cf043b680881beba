/**
 * Which way the cells of a column are read when a chunk is taken as columns: by kernels, or one by one. Known
 * from the schema alone, so that `explain` and the reader say the same.
 */
import { describeType, type FieldSpec, type TypeSpec } from "../model/type-spec.js";

/** Why cells of this type are read one by one; undefined when kernels read them. */
export function whyNoKernel(type: TypeSpec): string | undefined {
  if (type.nullable) return `${describeType(type)} may be null`;
  switch (type.kind) {
    case "utf8":
    case "float64":
    case "int32":
    case "int64":
      return undefined;
    default:
      return `${type.kind} has no kernel`;
  }
}

/** Why a chunk with these columns is read cell by cell; undefined when kernels read all of it. */
export function whyCellByCell(columns: readonly FieldSpec[]): string | undefined {
  for (const { name, type } of columns) {
    const why = whyNoKernel(type);
    if (why !== undefined) return `column ${name}: ${why}`;
  }
  return undefined;
}
