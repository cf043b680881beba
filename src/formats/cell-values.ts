/**
 * Reads typed values from the bytes of one cell of a CSV or TSV record, without its quotes or escapes:
 *
 *     float64     decimal, perhaps with an exponent; NaN, inf, Infinity in any case
 *     int32, int64   digits with an optional sign           bool     true, True, TRUE, 1; false, False, FALSE, 0
 *     timestamp   ISO 8601; UTC where no zone is given      date     YYYY-MM-DD
 *     binary      base64                                    json, list, struct   JSON
 *
 * Spaces count as they stand, so " 1" is no number. Null is the caller's: an empty cell of a nullable column.
 */
import { assertNever } from "../model/assert-never.js";
import { describeType, type FieldSpec, type TypeSpec } from "../model/type-spec.js";
import { readFloat64, readInt64, readInteger } from "./cell-numbers.js";
import { parseIsoDay, parseIsoTime } from "./iso-time.js";
import { describeJsonFault } from "./json-fault.js";
import { recordConverter, TwinNeeded } from "./json-values.js";
import { quoteLongIntegers } from "./long-integers.js";

/** Throws a TypeError that names the type and shows the text when they do not fit. */
export type ReadCell = (bytes: Buffer, start: number, end: number) => unknown;

export function cellReader(field: FieldSpec): ReadCell {
  const { type } = field;
  if (type.kind === "list" || type.kind === "struct" || type.kind === "json") return jsonCellReader(field);
  const parse = cellParser(type);
  const hint = hintOf(type);
  return (bytes, start, end) => parse(bytes, start, end) ?? misfit(type, bytes, start, end, hint);
}

/** Undefined where the text does not fit the type. */
export type ParseCell = (bytes: Buffer, start: number, end: number) => unknown;

export function cellParser(type: TypeSpec): ParseCell {
  switch (type.kind) {
    case "utf8":
      return cellText;
    case "float64":
      return readFloat64;
    case "int32":
      return readInt32;
    case "int64":
      return type.as === "bigint" ? readInt64 : readInteger;
    case "bool":
      return readBool;
    case "timestamp":
      return (bytes, start, end) => readTime(parseIsoTime(cellText(bytes, start, end)));
    case "date":
      return (bytes, start, end) => readTime(parseIsoDay(cellText(bytes, start, end)));
    case "binary":
      return (bytes, start, end) => readBase64(cellText(bytes, start, end));
    case "json":
    case "list":
    case "struct":
      throw new Error(`${type.kind} is read as JSON`);
    default:
      return assertNever(type);
  }
}

function hintOf(type: TypeSpec): string {
  switch (type.kind) {
    case "int32":
      return " (from -2147483648 to 2147483647)";
    case "int64":
      return type.as === "bigint" ? " (within 64 bits)" : " as a number up to 2^53 (t.int64() reads larger ones as bigint)";
    case "bool":
      return " (true, false, 1 or 0)";
    case "timestamp":
      return " as ISO 8601, such as 2024-05-31T12:30:00Z";
    case "date":
      return " as YYYY-MM-DD";
    case "binary":
      return " as base64";
    default:
      return "";
  }
}

/** Whether an empty cell that was quoted is a value of its own, not null. */
export function emptyIsValue(type: TypeSpec): boolean {
  return type.kind === "utf8" || type.kind === "binary";
}

function cellText(bytes: Buffer, start: number, end: number): string {
  return bytes.toString("utf8", start, end);
}

function misfit(type: TypeSpec, bytes: Buffer, start: number, end: number, hint: string): never {
  if (start === end) throw new TypeError(`expected ${describeType(type)}, got an empty field. Make the column nullable to read that as null`);
  const text = cellText(bytes, start, Math.min(end, start + 200));
  throw new TypeError(`expected ${describeType(type)}${hint}, got ${JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text)}`);
}

function readInt32(bytes: Buffer, start: number, end: number): number | undefined {
  const value = readInteger(bytes, start, end);
  return value !== undefined && value === (value | 0) ? value : undefined;
}

function readBool(bytes: Buffer, start: number, end: number): boolean | undefined {
  switch (bytes.toString("latin1", start, Math.min(end, start + 6))) {
    case "true":
    case "True":
    case "TRUE":
    case "1":
      return true;
    case "false":
    case "False":
    case "FALSE":
    case "0":
      return false;
    default:
      return undefined;
  }
}

function readTime(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

function readBase64(text: string): Uint8Array | undefined {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? new Uint8Array(Buffer.from(text, "base64")) : undefined;
}

/** Lists and structs are checked and typed member by member. The wrapper gives error messages the column's name. */
function jsonCellReader(field: FieldSpec): ReadCell {
  const { name, type } = field;
  const convert = type.kind === "json" ? undefined : recordConverter([field]);
  const wrap = (value: unknown): object => Object.fromEntries([[name, value]]);
  return (bytes, start, end) => {
    if (start === end) return misfit(type, bytes, start, end, "");
    const text = cellText(bytes, start, end);
    const value = parseJson(text);
    if (convert === undefined) return value;
    try {
      return convert(wrap(value))[name];
    } catch (error) {
      if (!(error instanceof TwinNeeded)) throw error;
      return convert(wrap(value), wrap(JSON.parse(quoteLongIntegers(text))))[name];
    }
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new TypeError(`expected JSON, but ${describeJsonFault(text, error)}`);
  }
}
