/**
 * Gives what JSON.parse returned the types of a schema: checks each member and converts it. Members that the
 * schema does not name are left out.
 *
 *     int64       an integer, or a string of digits        binary      a base64 string
 *     timestamp   an ISO 8601 string, or milliseconds      date        "YYYY-MM-DD", or milliseconds
 *
 * JSON.parse rounds integers beyond 2^53. For an int64 the value is then read again from its twin, the same
 * JSON with its long integers quoted (see long-integers.ts).
 */
import { assertNever } from "../model/assert-never.js";
import { showValue } from "../model/show-value.js";
import { describeType, type FieldSpec, type TypeSpec } from "../model/type-spec.js";
import { defineMember, startOfDay } from "../columnar/codec.js";
import { parseIsoDay, parseIsoTime } from "./iso-time.js";

/** Thrown by a conversion without a twin that needs one. */
export class TwinNeeded extends Error {}

/** `path` names the value in messages: `a.b[3]`. */
type Convert = (value: unknown, twin: unknown, path: string) => unknown;

export type ConvertRecord = (value: unknown, twin?: unknown) => Record<string, unknown>;

/** Converts one parsed line. Throws a TypeError that names the member, the type and the value when they do not fit. */
export function recordConverter(fields: readonly FieldSpec[]): ConvertRecord {
  const convert = structConverter(fields);
  return (value, twin) => {
    if (!isObject(value)) throw new TypeError(`expected an object with the members of the schema, got ${showValue(value)}`);
    return convert(value, twin, "");
  };
}

function structConverter(fields: readonly FieldSpec[]): (value: object, twin: unknown, path: string) => Record<string, unknown> {
  const members = fields.map(({ name, type }) => ({ name, type, convert: converter(type) }));
  return (value, twin, path) => {
    const struct: Record<string, unknown> = {};
    for (const { name, type, convert } of members) {
      const inner = path === "" ? name : `${path}.${name}`;
      if (Object.hasOwn(value, name)) defineMember(struct, name, convert(memberOf(value, name), memberOf(twin, name), inner));
      else if (type.nullable) defineMember(struct, name, null);
      else throw new TypeError(`member "${inner}" is missing; expected ${describeType(type)}`);
    }
    return struct;
  };
}

function converter(type: TypeSpec): Convert {
  const convert = plainConverter(type);
  return type.nullable ? (value, twin, path) => (value === null ? null : convert(value, twin, path)) : convert;
}

function plainConverter(type: TypeSpec): Convert {
  const misfit = (value: unknown, path: string, hint = ""): never => {
    throw new TypeError(`member "${path}": expected ${describeType(type)}${hint}, got ${showValue(value)}`);
  };
  switch (type.kind) {
    case "utf8":
      return (value, _, path) => (typeof value === "string" ? value : misfit(value, path));
    case "bool":
      return (value, _, path) => (typeof value === "boolean" ? value : misfit(value, path));
    case "int32":
      return (value, _, path) => (typeof value === "number" && value === (value | 0) ? value | 0 : misfit(value, path));
    case "float64":
      return (value, _, path) => (Number.isFinite(value) ? value : misfit(value, path, " (a number within its range)"));
    case "int64":
      return int64Converter(type.as, misfit);
    case "timestamp":
      return (value, _, path) => {
        const time = typeof value === "string" ? parseIsoTime(value) : epochMillis(value);
        return time === undefined ? misfit(value, path, " as an ISO 8601 string or milliseconds since 1970") : new Date(time);
      };
    case "date":
      return (value, _, path) => {
        const time = typeof value === "string" ? parseIsoDay(value) : epochMillis(value);
        return time === undefined ? misfit(value, path, ' as "YYYY-MM-DD" or milliseconds since 1970') : new Date(startOfDay(time));
      };
    case "binary":
      return (value, _, path) => (isBase64(value) ? Buffer.from(value, "base64") : misfit(value, path, " as base64"));
    case "json":
      return (value) => value;
    case "list": {
      const item = converter(type.item);
      return (value, twin, path) => {
        if (!Array.isArray(value)) return misfit(value, path);
        return value.map((each: unknown, i) => item(each, Array.isArray(twin) ? (twin as unknown[])[i] : undefined, `${path}[${i}]`));
      };
    }
    case "struct": {
      const convert = structConverter(type.fields);
      return (value, twin, path) => (isObject(value) ? convert(value, twin, path) : misfit(value, path));
    }
    default:
      return assertNever(type);
  }
}

function int64Converter(as: "bigint" | "number", misfit: (value: unknown, path: string, hint?: string) => never): Convert {
  return (value, twin, path) => {
    if (Number.isSafeInteger(value)) return as === "number" ? (value as number) + 0 : BigInt(value as number);
    const digits = typeof value === "string" ? value : exactDigits(value, twin);
    if (digits === undefined || !/^-?\d{1,40}$/.test(digits)) {
      return misfit(value, path, Number.isInteger(value) ? " (write it as digits: beyond 2^53 a number in this form is not exact)" : "");
    }
    const exact = BigInt(digits);
    if (BigInt.asIntN(64, exact) !== exact) return misfit(digits, path, " (within 64 bits)");
    if (as === "bigint") return exact;
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : misfit(digits, path, " as a number up to 2^53 (t.int64() reads larger ones as bigint)");
  };
}

/** The digits of an integer that JSON.parse rounded. */
function exactDigits(value: unknown, twin: unknown): string | undefined {
  if (!Number.isInteger(value)) return undefined;
  if (twin === undefined) throw new TwinNeeded();
  return typeof twin === "string" ? twin : undefined;
}

function epochMillis(value: unknown): number | undefined {
  return typeof value === "number" && Math.abs(value) <= 8.64e15 ? Math.trunc(value) : undefined;
}

function isBase64(value: unknown): value is string {
  return typeof value === "string" && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
