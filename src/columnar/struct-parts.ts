/** How kernels are told where the members of structs lie in columns: numbers for each of them, as kernels/assembly/struct-keys.ts reads them. */
import type { TypeSpec } from "../model/type-spec.js";

/** A kind, the address of values (of a text, of offsets) and that of a text's bytes. */
export const PART = 3;
const TEXT = 0;
const INT32 = 1;
const INT64 = 2;
const SAFE_INTEGER = 3;
const BOOL = 4;
const FLOAT64 = 5;

/** Undefined where kernels do not know the type. */
export function partKind(type: TypeSpec): number | undefined {
  if (type.nullable) return undefined;
  switch (type.kind) {
    case "utf8":
      return TEXT;
    case "int32":
      return INT32;
    case "int64":
      return type.as === "number" ? SAFE_INTEGER : INT64;
    case "bool":
      return BOOL;
    case "float64":
    case "timestamp":
    case "date":
      return FLOAT64;
    default:
      return undefined;
  }
}
