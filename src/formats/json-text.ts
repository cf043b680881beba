/**
 * Prints any value as JSON, or says why it has none: unlike JSON.stringify it loses nothing in silence. Bigints
 * print as digits, a Date as ISO 8601, a Uint8Array as base64; a member that is undefined is left out.
 */
import { showValue } from "../model/show-value.js";

/** A value has no JSON form; `path` leads to it: `.a[3]`. */
export class NoJsonError extends TypeError {
  readonly path: string;
  constructor(problem: string, path = "") {
    super(problem);
    this.path = path;
  }
}

/** Throws NoJsonError, and a RangeError for what is nested too deeply or holds itself. */
export function jsonTextOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
      return printNumber(value);
    case "boolean":
    case "bigint":
      return String(value);
    case "object":
      return value === null ? "null" : objectText(value);
    default:
      throw new NoJsonError(`${showValue(value)} has no JSON form`);
  }
}

/** The shortest text that reads back the same; integers without a point, and -0 as 0. */
export function printNumber(value: number): string {
  if (!Number.isFinite(value)) throw new NoJsonError(`${value} has no JSON form: write null or a string in its place`);
  return String(value);
}

/** What needs no escape is quoted as it stands, at about a third of the cost of JSON.stringify. */
export function quote(text: string): string {
  return /["\\\u0000-\u001f\ud800-\udfff]/.test(text) ? JSON.stringify(text) : `"${text}"`;
}

export function printTime(value: Date): string {
  if (Number.isNaN(value.getTime())) throw new NoJsonError("an invalid Date has no JSON form");
  return `"${value.toISOString()}"`;
}

export function printBinary(value: Uint8Array): string {
  return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")}"`;
}

/** What to throw when the part of a value at `step` (`.name` or `[index]`) failed: the same with that in front of its path. */
export function inside(step: string, error: unknown): unknown {
  return error instanceof NoJsonError ? new NoJsonError(error.message, step + error.path) : error;
}

function objectText(value: object): string {
  if (Array.isArray(value)) return arrayText(value as unknown[]);
  if (value instanceof Date) return printTime(value);
  if (value instanceof Uint8Array) return printBinary(value);
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === "function") return jsonTextOf(toJSON.call(value, ""));
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return jsonTextOf(value.valueOf());
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    throw new NoJsonError(`a ${value.constructor.name} has no JSON form: make it an array (Array.from) or an object (Object.fromEntries)`);
  }
  return membersText(value as Record<string, unknown>);
}

function arrayText(items: readonly unknown[]): string {
  let text = "[";
  let i = 0;
  try {
    for (; i < items.length; i++) {
      if (i > 0) text += ",";
      text += jsonTextOf(items[i]);
    }
  } catch (error) {
    throw inside(`[${i}]`, error);
  }
  return `${text}]`;
}

function membersText(value: Record<string, unknown>): string {
  let text = "{";
  let at = "";
  try {
    for (const name of Object.keys(value)) {
      at = name;
      const member = value[name];
      if (member === undefined) continue;
      if (text.length > 1) text += ",";
      text += `${quote(name)}:${jsonTextOf(member)}`;
    }
  } catch (error) {
    throw inside(`.${at}`, error);
  }
  return `${text}}`;
}
