/**
 * A type spec is the plain-JSON description of one column type. `t` in job/data-type.ts builds them for
 * users; codecs, formats and Arrow schemas are derived from them.
 */
export type TypeSpec = {
  /** True when the value may be null. Null sorts first. */
  readonly nullable: boolean;
} & TypeShape;

type TypeShape =
  | { readonly kind: "utf8" | "binary" | "bool" | "int32" | "float64" | "json" }
  /** A point in time, milliseconds since the epoch; a JavaScript `Date`. */
  | { readonly kind: "timestamp" }
  /** A calendar day; a JavaScript `Date` at midnight UTC. */
  | { readonly kind: "date" }
  | { readonly kind: "int64"; readonly as: "bigint" | "number" }
  | { readonly kind: "list"; readonly item: TypeSpec }
  | { readonly kind: "struct"; readonly fields: readonly FieldSpec[] };

export type TypeKind = TypeSpec["kind"];

/** A named column of a schema or a named member of a struct. */
export interface FieldSpec {
  readonly name: string;
  readonly type: TypeSpec;
}

/** A short text such as `struct<id: int64, tags: list<utf8>>?`, for plans and error messages. */
export function describeType(type: TypeSpec): string {
  return describeShape(type) + (type.nullable ? "?" : "");
}

function describeShape(type: TypeSpec): string {
  switch (type.kind) {
    case "list":
      return `list<${describeType(type.item)}>`;
    case "struct":
      return `struct<${type.fields.map((field) => `${field.name}: ${describeType(field.type)}`).join(", ")}>`;
    default:
      return type.kind;
  }
}
