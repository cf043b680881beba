/** The text of typed cells in CSV and TSV; cell-values.ts reads it back. */
import { assertNever } from "../model/assert-never.js";
import { showValue } from "../model/show-value.js";
import { describeType, type TypeSpec } from "../model/type-spec.js";
import { startOfDay, toInt64 } from "../columnar/codec.js";
import { printIsoDay } from "./iso-time.js";
import { jsonTextOf } from "./json-text.js";
import { typedJsonPrinter } from "./json-typed.js";

export type PrintCell = (value: unknown) => string;

/** Prints values of a type. Throws a TypeError that names it and shows a value which does not fit. */
export function cellPrinter(type: TypeSpec): PrintCell {
  const misfit = (value: unknown): never => {
    throw new TypeError(`expected ${describeType(type)}, got ${showValue(value)}`);
  };
  switch (type.kind) {
    case "utf8":
      return (value) => (typeof value === "string" ? value : misfit(value));
    case "float64":
      return (value) => (typeof value === "number" ? String(value) : misfit(value));
    case "int32":
      return (value) => (typeof value === "number" && value === (value | 0) ? String(value | 0) : misfit(value));
    case "int64":
      return (value) => String(toInt64(value, type.as) ?? misfit(value));
    case "bool":
      return (value) => (typeof value === "boolean" ? String(value) : misfit(value));
    case "timestamp":
      return (value) => (isDate(value) ? value.toISOString() : misfit(value));
    case "date":
      return (value) => (isDate(value) ? printIsoDay(startOfDay(value.getTime())) : misfit(value));
    case "binary":
      return (value) => (value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") : misfit(value));
    case "json":
      return (value) => (value === undefined ? misfit(value) : jsonTextOf(value));
    case "list":
    case "struct":
      return typedJsonPrinter({ ...type, nullable: false });
    default:
      return assertNever(type);
  }
}

/** Prints a value of no declared type: as the type that it shows. */
export function printAnyCell(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    default:
      if (value === null || value === undefined) return "";
      if (isDate(value)) return value.toISOString();
      if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
      return jsonTextOf(value);
  }
}

function isDate(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}
