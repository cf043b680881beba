/** Writes values as the text of CSV and TSV cells, as cell-values.ts reads them. */
import type { ByteSink } from "../columnar/byte-sink.js";
import { startOfDay, toInt64 } from "../columnar/codec.js";
import { assertNever } from "../model/assert-never.js";
import { showValue } from "../model/show-value.js";
import { describeType, type FieldSpec } from "../model/type-spec.js";
import { printIsoDay } from "./iso-time.js";
import { jsonTextOf } from "./json-text.js";
import { jsonPrinter } from "./json-typed.js";

/** Appends a value that is not null. Throws an Error that says what is wrong with one that does not fit. */
export type WriteCell = (value: unknown, out: ByteSink) => void;

export function cellWriter(field: FieldSpec): WriteCell {
  const { type } = field;
  const misfit = (value: unknown): never => {
    throw new TypeError(`expected ${describeType(type)}, got ${showValue(value)}`);
  };
  switch (type.kind) {
    case "utf8":
      return (value, out) => out.utf8(typeof value === "string" ? value : misfit(value));
    case "float64":
      return (value, out) => writeNumber(typeof value === "number" ? value : misfit(value), out);
    case "int32":
      return (value, out) => writeNumber(typeof value === "number" && value === (value | 0) ? value : misfit(value), out);
    case "int64":
      return (value, out) => out.utf8(String(toInt64(value, type.as) ?? misfit(value)));
    case "bool":
      return (value, out) => out.utf8(typeof value === "boolean" ? String(value) : misfit(value));
    case "timestamp":
      return (value, out) => out.utf8(isTime(value) ? value.toISOString() : misfit(value));
    case "date":
      return (value, out) => out.utf8(isTime(value) ? printIsoDay(startOfDay(value.getTime())) : misfit(value));
    case "binary":
      return (value, out) => out.utf8(value instanceof Uint8Array ? base64(value) : misfit(value));
    case "json":
      return (value, out) => out.utf8(value === undefined ? misfit(value) : jsonTextOf(value));
    case "list":
    case "struct": {
      // The printer takes a record of the one column, and its braces and name are cut off again.
      const print = jsonPrinter([field]);
      const lead = `{${JSON.stringify(field.name)}:`.length;
      return (value, out) => out.utf8(value === undefined || value === null ? misfit(value) : print(Object.fromEntries([[field.name, value]])).slice(lead, -1));
    }
    default:
      return assertNever(type);
  }
}

/** A cell of a row without a schema: by the value itself. */
export function writeAnyCell(value: unknown, out: ByteSink): void {
  if (typeof value === "string") out.utf8(value);
  else if (typeof value === "number") writeNumber(value, out);
  else if (typeof value === "bigint" || typeof value === "boolean") out.utf8(String(value));
  else if (isTime(value)) out.utf8(value.toISOString());
  else if (value instanceof Uint8Array) out.utf8(base64(value));
  else out.utf8(jsonTextOf(value));
}

const ZERO = 48;
const MINUS = 45;

/** The shortest text that reads back the same; integers without a point, and -0 as 0. Small integers make no string. */
function writeNumber(value: number, out: ByteSink): void {
  if (value !== (value | 0)) return out.utf8(String(value));
  out.reserve(11);
  const { bytes } = out;
  let rest = value | 0;
  let at = out.length;
  if (rest < 0) bytes[at++] = MINUS;
  else rest = -rest;
  // Negative, since that is the side on which all of them have room.
  let size = 1;
  for (let bound = -9; size < 10 && rest < bound; bound = bound * 10 - 9) size++;
  out.length = at + size;
  for (let i = out.length - 1; i >= at; i--) {
    const tens = (rest / 10) | 0;
    bytes[i] = ZERO + tens * 10 - rest;
    rest = tens;
  }
}

function isTime(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

function base64(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
}
