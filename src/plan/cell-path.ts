/**
 * Which way the cells of a column, or the members of JSON lines, are read when a chunk is taken as columns: by kernels, or one
 * by one. Known from the schema alone, so that `explain` and the reader say the same.
 */
import type { FieldSpec, TypeSpec } from "../model/type-spec.js";

/** Why cells of this type are read one by one; undefined when kernels read them. */
function whyNoKernel(type: TypeSpec): string | undefined {
  switch (type.kind) {
    case "utf8":
    case "float64":
    case "int32":
    case "int64":
    case "bool":
    case "timestamp":
    case "date":
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

/** Why JSON lines are parsed one by one for these members; undefined when kernels find and read them. */
export function whyLineByLine(members: readonly FieldSpec[]): string | undefined {
  const ambiguous = members.find(({ name }) => AMBIGUOUS.test(name));
  return ambiguous === undefined ? whyCellByCell(members) : `UTF-8 does not tell the name of column ${JSON.stringify(ambiguous.name)} from others`;
}

/** A lone surrogate becomes U+FFFD in UTF-8. */
const AMBIGUOUS = /[\ud800-\udfff\ufffd]/u;
