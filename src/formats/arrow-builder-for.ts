/** Which column builder writes which type: the mapping from Millrace's types to Arrow's. */
import { jsonText, startOfDay, toInt64 } from "../columnar/codec.js";
import { assertNever } from "../model/assert-never.js";
import { describeType, type TypeSpec } from "../model/type-spec.js";
import { BoolBuilder, BytesBuilder, FixedBuilder, type ColumnBuilder } from "./arrow-column-builder.js";
import { LateBuilder, ListBuilder, StructBuilder } from "./arrow-nested-builder.js";
import { mismatch, type Meter } from "./arrow-validity.js";

const DAY = 86_400_000;

export function builderFor(type: TypeSpec, meter: Meter): ColumnBuilder {
  const { nullable } = type;
  const wanted = describeType(type);
  switch (type.kind) {
    case "utf8":
      return new BytesBuilder({ kind: "utf8" }, nullable, wanted, (value, out) => {
        if (typeof value !== "string") throw mismatch(wanted, value);
        out.utf8(value);
      }, meter);
    case "json":
      return new BytesBuilder({ kind: "utf8" }, nullable, wanted, (value, out) => out.utf8(jsonText(value)), meter);
    case "binary":
      return new BytesBuilder({ kind: "binary" }, nullable, wanted, (value, out) => {
        if (!(value instanceof Uint8Array)) throw mismatch(wanted, value);
        out.append(value);
      }, meter);
    case "bool":
      return new BoolBuilder(nullable, wanted, meter);
    case "int32":
      return new FixedBuilder(new Int32Array(1024), { kind: "int", bits: 32, signed: true }, nullable, wanted, (value) => (typeof value === "number" && value === (value | 0) ? value : undefined), meter);
    case "int64":
      return new FixedBuilder(new BigInt64Array(1024), { kind: "int", bits: 64, signed: true }, nullable, wanted, (value) => toInt64(value, type.as), meter);
    case "float64":
      return new FixedBuilder(new Float64Array(1024), { kind: "float", bits: 64 }, nullable, wanted, (value) => (typeof value === "number" ? value : undefined), meter);
    case "timestamp":
      return new FixedBuilder(new BigInt64Array(1024), { kind: "timestamp", unit: "ms", timezone: "UTC" }, nullable, wanted, (value) => (isTime(value) ? BigInt(value.getTime()) : undefined), meter);
    case "date":
      return new FixedBuilder(new Int32Array(1024), { kind: "date", unit: "day" }, nullable, wanted, (value) => (isTime(value) ? startOfDay(value.getTime()) / DAY : undefined), meter);
    case "list":
      return new ListBuilder(builderFor(type.item, meter), nullable, wanted, meter);
    case "struct":
      return new StructBuilder(type.fields.map((field) => ({ name: field.name, builder: builderFor(field.type, meter) })), nullable, wanted, false);
    default:
      return assertNever(type);
  }
}

/** A column of an output without a schema: typed by its first value, nullable throughout. */
export function inferringBuilder(meter: Meter): ColumnBuilder {
  return new LateBuilder((value) => {
    if (Array.isArray(value)) return new ListBuilder(inferringBuilder(meter), true, "list?", meter);
    const kind = kindOf(value);
    if (kind !== undefined) return builderFor({ kind, nullable: true }, meter);
    if (typeof value === "bigint") return builderFor({ kind: "int64", as: "bigint", nullable: true }, meter);
    if (typeof value !== "object" || value === null) throw mismatch("a value that Arrow can store", value);
    return new StructBuilder(Object.keys(value).map((name) => ({ name, builder: inferringBuilder(meter) })), true, "struct?", true);
  });
}

function kindOf(value: unknown): "utf8" | "float64" | "bool" | "timestamp" | "binary" | undefined {
  if (typeof value === "string") return "utf8";
  if (typeof value === "number") return "float64";
  if (typeof value === "boolean") return "bool";
  if (value instanceof Date) return "timestamp";
  return value instanceof Uint8Array ? "binary" : undefined;
}

function isTime(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}
