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

/** A value does not fit; `path` leads to it: `.a[3]`. */
class Misfit extends Error {
  readonly path: string;
  constructor(problem: string, path = "") {
    super(problem);
    this.path = path;
  }
}

type Convert = (value: unknown, twin: unknown) => unknown;

export type ConvertRecord = (value: unknown, twin?: unknown) => Record<string, unknown>;

/** Converts one parsed line. Throws a TypeError that names the member, the type and the value when they do not fit. */
export function recordConverter(fields: readonly FieldSpec[]): ConvertRecord {
  const convert = structConverter(fields);
  return (value, twin) => {
    if (!isObject(value)) throw new TypeError(`expected an object with the members of the schema, got ${showValue(value)}`);
    try {
      return convert(value, twin);
    } catch (error) {
      throw error instanceof Misfit ? new TypeError(`member "${error.path.slice(1)}"${error.message}`) : error;
    }
  };
}

function structConverter(fields: readonly FieldSpec[]): (value: object, twin: unknown) => Record<string, unknown> {
  const members = fields.map(({ name, type }) => ({ name, type, convert: converter(type) }));
  return (value, twin) => {
    const struct: Record<string, unknown> = {};
    let at = "";
    try {
      for (const { name, type, convert } of members) {
        at = name;
        const member = memberOf(value, name);
        if (member !== undefined) defineMember(struct, name, convert(member, twin === undefined ? undefined : memberOf(twin, name)));
        else if (type.nullable) defineMember(struct, name, null);
        else throw new Misfit(` is missing; expected ${describeType(type)}`);
      }
    } catch (error) {
      throw inside(`.${at}`, error);
    }
    return struct;
  };
}

function listConverter(item: Convert): (items: readonly unknown[], twin: unknown) => unknown[] {
  return (items, twin) => {
    const list: unknown[] = [];
    let i = 0;
    try {
      for (; i < items.length; i++) list.push(item(items[i], Array.isArray(twin) ? (twin as unknown[])[i] : undefined));
    } catch (error) {
      throw inside(`[${i}]`, error);
    }
    return list;
  };
}

function inside(step: string, error: unknown): unknown {
  return error instanceof Misfit ? new Misfit(error.message, step + error.path) : error;
}

function converter(type: TypeSpec): Convert {
  const convert = plainConverter(type);
  return type.nullable ? (value, twin) => (value === null ? null : convert(value, twin)) : convert;
}

function plainConverter(type: TypeSpec): Convert {
  const misfit = (value: unknown, hint = ""): never => {
    throw new Misfit(`: expected ${describeType(type)}${hint}, got ${showValue(value)}`);
  };
  switch (type.kind) {
    case "utf8":
      return (value) => (typeof value === "string" ? value : misfit(value));
    case "bool":
      return (value) => (typeof value === "boolean" ? value : misfit(value));
    case "int32":
      return (value) => (typeof value === "number" && value === (value | 0) ? value | 0 : misfit(value));
    case "float64":
      return (value) => (Number.isFinite(value) ? value : misfit(value, " (a number within its range)"));
    case "int64":
      return int64Converter(type.as, misfit);
    case "timestamp":
      return (value) => {
        const time = typeof value === "string" ? parseIsoTime(value) : epochMillis(value);
        return time === undefined ? misfit(value, " as an ISO 8601 string or milliseconds since 1970") : new Date(time);
      };
    case "date":
      return (value) => {
        const time = typeof value === "string" ? parseIsoDay(value) : epochMillis(value);
        return time === undefined ? misfit(value, ' as "YYYY-MM-DD" or milliseconds since 1970') : new Date(startOfDay(time));
      };
    case "binary":
      return (value) => (isBase64(value) ? new Uint8Array(Buffer.from(value, "base64")) : misfit(value, " as base64"));
    case "json":
      return (value) => value;
    case "list": {
      const convert = listConverter(converter(type.item));
      return (value, twin) => (Array.isArray(value) ? convert(value as unknown[], twin) : misfit(value));
    }
    case "struct": {
      const convert = structConverter(type.fields);
      return (value, twin) => (isObject(value) ? convert(value, twin) : misfit(value));
    }
    default:
      return assertNever(type);
  }
}

function int64Converter(as: "bigint" | "number", misfit: (value: unknown, hint?: string) => never): Convert {
  return (value, twin) => {
    if (Number.isSafeInteger(value)) return as === "number" ? (value as number) + 0 : BigInt(value as number);
    const digits = typeof value === "string" ? value : exactDigits(value, twin);
    if (digits === undefined || !/^-?\d{1,40}$/.test(digits)) {
      return misfit(value, Number.isInteger(value) ? " (write it as digits: beyond 2^53 a number in this form is not exact)" : "");
    }
    const exact = BigInt(digits);
    if (BigInt.asIntN(64, exact) !== exact) return misfit(digits, " (within 64 bits)");
    if (as === "bigint") return exact;
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : misfit(digits, " as a number up to 2^53 (t.int64() reads larger ones as bigint)");
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

/** An own member, or undefined, which no value of JSON.parse is. Only names that objects inherit need a closer look. */
function memberOf(value: unknown, name: string): unknown {
  if (!isObject(value)) return undefined;
  const member = (value as Record<string, unknown>)[name];
  return member === undefined || !(name in Object.prototype) || Object.hasOwn(value, name) ? member : undefined;
}
