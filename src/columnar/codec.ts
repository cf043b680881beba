/**
 * The order-preserving encoding of values: comparing two encodings byte by byte (unsigned, the shorter first)
 * orders the values as Millrace does, and equal values have equal bytes. So one hash table, one sort and one
 * merge serve every key type. Strings stand as their raw UTF-8 at the top level; inside lists and structs
 * they end with 00 01 and a NUL of theirs is written 00 FF. The idea is that of the tuple layer of
 * FoundationDB and of MyRocks' memcomparable keys.
 *
 *     null        00                      (nullable types only; a value that is there begins with 01)
 *     bool        00 | 01
 *     int32       4 bytes, big-endian, sign bit flipped
 *     int64       8 bytes, likewise
 *     float64     8 bytes, big-endian; sign bit flipped if positive, all bits if negative; one NaN, last; -0 is 0
 *     timestamp, date   milliseconds since the epoch, as float64
 *     list        01 item 01 item ... 00
 *     struct      members in order
 */
import type { TypeSpec } from "../model/type-spec.js";
import { assertNever } from "../model/assert-never.js";
import { showValue } from "../model/show-value.js";
import { ByteSink } from "./byte-sink.js";

export type Encode = (value: unknown, out: ByteSink) => void;
export type Decode = (bytes: Uint8Array, start: number, end: number) => unknown;

/** Encodes values of one type. Throws a TypeError that names the type and shows the value when they do not fit. */
export function encoderFor(type: TypeSpec): Encode {
  return withNull(type, plainEncoder(type, false));
}

/** The same for a member of a struct. */
export function memberEncoderFor(type: TypeSpec): Encode {
  return withNull(type, plainEncoder(type, true));
}

/** Decodes what `encoderFor` the same type wrote: bytes[start..end) hold one whole value. */
export function decoderFor(type: TypeSpec): Decode {
  const plain = rawDecoder(type);
  if (plain !== undefined) {
    return type.nullable ? (bytes, start, end) => (bytes[start] === 0 ? null : plain(bytes, start + 1, end)) : plain;
  }
  const decode = nestedDecoder(type);
  return (bytes, start, end) => decode(new Cursor(bytes, start, end));
}

/** Throws a TypeError when values of this type cannot be keys. */
export function mustBeKeyType(type: TypeSpec, path = "key"): void {
  if (type.kind === "json") throw new TypeError(`${path}: json has no order, so it cannot be a key; name its members with t.struct or use t.utf8`);
  if (type.kind === "list") mustBeKeyType(type.item, `${path}[]`);
  if (type.kind === "struct") for (const field of type.fields) mustBeKeyType(field.type, `${path}.${field.name}`);
}

function withNull(type: TypeSpec, encode: Encode): Encode {
  if (!type.nullable) return encode;
  return (value, out) => {
    if (value === null || value === undefined) return out.byte(0);
    out.byte(1);
    encode(value, out);
  };
}

function plainEncoder(type: TypeSpec, nested: boolean): Encode {
  const mismatch = (value: unknown): never => {
    throw new TypeError(`expected ${type.kind}, got ${showValue(value)}`);
  };
  switch (type.kind) {
    case "utf8":
      return (value, out) => {
        if (typeof value !== "string") mismatch(value);
        const start = out.length;
        out.utf8(value as string);
        if (nested) terminate(out, start);
      };
    case "binary":
      return (value, out) => {
        if (!(value instanceof Uint8Array)) return mismatch(value);
        const start = out.length;
        out.append(value);
        if (nested) terminate(out, start);
      };
    case "json":
      return (value, out) => {
        const start = out.length;
        out.utf8(jsonText(value));
        if (nested) terminate(out, start);
      };
    case "bool":
      return (value, out) => {
        if (typeof value !== "boolean") mismatch(value);
        out.byte(value ? 1 : 0);
      };
    case "int32":
      return (value, out) => {
        if (typeof value !== "number" || value !== (value | 0)) mismatch(value);
        writeUint32(out, ((value as number) ^ 0x80000000) >>> 0);
      };
    case "int64":
      return (value, out) => writeInt64(out, toInt64(value, type.as) ?? mismatch(value));
    case "float64":
      return (value, out) => {
        if (typeof value !== "number") mismatch(value);
        writeFloat64(out, value as number);
      };
    case "timestamp":
    case "date":
      return (value, out) => {
        if (!(value instanceof Date) || Number.isNaN(value.getTime())) return mismatch(value);
        writeFloat64(out, type.kind === "date" ? startOfDay(value.getTime()) : value.getTime());
      };
    case "list": {
      const item = withNull(type.item, plainEncoder(type.item, true));
      return (value, out) => {
        if (!Array.isArray(value)) return mismatch(value);
        for (const each of value as unknown[]) {
          out.byte(1);
          item(each, out);
        }
        out.byte(0);
      };
    }
    case "struct": {
      const members = type.fields.map((field) => ({ name: field.name, encode: memberEncoderFor(field.type) }));
      return (value, out) => {
        if (typeof value !== "object" || value === null) return mismatch(value);
        for (const member of members) {
          try {
            member.encode((value as Record<string, unknown>)[member.name], out);
          } catch (error) {
            throw error instanceof TypeError ? new TypeError(`member "${member.name}": ${error.message}`) : error;
          }
        }
      };
    }
    default:
      return assertNever(type);
  }
}

/** An int64 from a user's value, or undefined when it is none. */
export function toInt64(value: unknown, as: "bigint" | "number"): bigint | undefined {
  if (as === "number") return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
  return typeof value === "bigint" && BigInt.asIntN(64, value) === value ? value : undefined;
}

const DAY = 86_400_000;
export function startOfDay(time: number): number {
  return Math.floor(time / DAY) * DAY;
}

export function jsonText(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new TypeError(`expected a JSON value, got ${showValue(value)}: ${(error as Error).message.split("\n")[0]}`);
  }
  if (text === undefined) throw new TypeError(`expected a JSON value, got ${showValue(value)}`);
  return text;
}

/** Doubles NULs since `start` into 00 FF and ends with 00 01. */
function terminate(out: ByteSink, start: number): void {
  let nuls = 0;
  for (let i = start; i < out.length; i++) if (out.bytes[i] === 0) nuls++;
  out.reserve(nuls + 2);
  const { bytes } = out;
  if (nuls > 0) {
    for (let from = out.length - 1, to = from + nuls; from >= start; from--) {
      if (bytes[from] === 0) bytes[to--] = 0xff;
      bytes[to--] = bytes[from]!;
    }
  }
  bytes[out.length + nuls] = 0;
  bytes[out.length + nuls + 1] = 1;
  out.length += nuls + 2;
}

const scratch = new DataView(new ArrayBuffer(8));

function writeUint32(out: ByteSink, value: number): void {
  out.reserve(4);
  const { bytes, length } = out;
  bytes[length] = value >>> 24;
  bytes[length + 1] = value >>> 16;
  bytes[length + 2] = value >>> 8;
  bytes[length + 3] = value;
  out.length = length + 4;
}

function writeInt64(out: ByteSink, value: bigint): void {
  scratch.setBigInt64(0, value);
  writeUint32(out, (scratch.getUint32(0) ^ 0x80000000) >>> 0);
  writeUint32(out, scratch.getUint32(4));
}

function writeFloat64(out: ByteSink, value: number): void {
  // Adding 0 turns -0 into 0; NaN is written with one bit pattern.
  scratch.setFloat64(0, Number.isNaN(value) ? NaN : value + 0);
  const high = scratch.getUint32(0);
  const low = scratch.getUint32(4);
  const negative = high >>> 31 === 1;
  writeUint32(out, negative ? ~high >>> 0 : (high | 0x80000000) >>> 0);
  writeUint32(out, negative ? ~low >>> 0 : low);
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Short ASCII is built from char codes, which costs less than a call of TextDecoder. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= 24) {
    let text = "";
    let i = start;
    for (; i < end; i++) {
      const code = bytes[i]!;
      if (code >= 0x80) break;
      text += String.fromCharCode(code);
    }
    if (i === end) return text;
  }
  return utf8.decode(bytes.subarray(start, end));
}

function rawDecoder(type: TypeSpec): Decode | undefined {
  switch (type.kind) {
    case "utf8":
      return decodeUtf8;
    case "binary":
      return (bytes, start, end) => bytes.slice(start, end);
    case "json":
      return (bytes, start, end) => JSON.parse(decodeUtf8(bytes, start, end)) as unknown;
    default:
      return undefined;
  }
}

/** A place in an encoded value. */
export class Cursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }
  byte(): number {
    if (this.at >= this.end) throw new RangeError("An encoded value ends too early");
    return this.bytes[this.at++]!;
  }
  uint32(): number {
    return ((this.byte() << 24) | (this.byte() << 16) | (this.byte() << 8) | this.byte()) >>> 0;
  }
  /** Moves behind the text here and appends it, as it was before its NULs were doubled. */
  text(out: ByteSink): void {
    const { bytes, end } = this;
    for (let at = this.at; ; ) {
      while (at < end && bytes[at] !== 0) at++;
      if (at + 1 >= end) throw new RangeError("An encoded string ends too early");
      out.copy(bytes, this.at, at);
      this.at = at += 2;
      if (bytes[at - 1] === 1) return;
      out.byte(0);
    }
  }
}

/** Of a value inside another. */
export function nestedDecoder(type: TypeSpec): (cursor: Cursor) => unknown {
  const decode = shapeDecoder(type);
  return type.nullable ? (cursor) => (cursor.byte() === 0 ? null : decode(cursor)) : decode;
}

function shapeDecoder(type: TypeSpec): (cursor: Cursor) => unknown {
  switch (type.kind) {
    case "utf8":
    case "binary":
    case "json": {
      const raw = rawDecoder(type)!;
      const text = new ByteSink(64);
      return (cursor) => {
        text.clear();
        cursor.text(text);
        return raw(text.bytes, 0, text.length);
      };
    }
    case "bool":
      return (cursor) => cursor.byte() === 1;
    case "int32":
      return (cursor) => (cursor.uint32() ^ 0x80000000) | 0;
    case "int64":
      return (cursor) => {
        scratch.setUint32(0, (cursor.uint32() ^ 0x80000000) >>> 0);
        scratch.setUint32(4, cursor.uint32());
        const value = scratch.getBigInt64(0);
        return type.as === "number" ? Number(value) : value;
      };
    case "float64":
      return readFloat64;
    case "timestamp":
    case "date":
      return (cursor) => new Date(readFloat64(cursor));
    case "list": {
      const item = nestedDecoder(type.item);
      return (cursor) => {
        const items: unknown[] = [];
        while (cursor.byte() === 1) items.push(item(cursor));
        return items;
      };
    }
    case "struct": {
      const members = type.fields.map((field) => ({ name: field.name, decode: nestedDecoder(field.type) }));
      return (cursor) => {
        const struct: Record<string, unknown> = {};
        for (const member of members) defineMember(struct, member.name, member.decode(cursor));
        return struct;
      };
    }
    default:
      return assertNever(type);
  }
}

/** Plain assignment, but for the one name that would set the prototype. */
export function defineMember(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}

function readFloat64(cursor: Cursor): number {
  const high = cursor.uint32();
  const low = cursor.uint32();
  const negative = high >>> 31 === 0;
  scratch.setUint32(0, negative ? ~high >>> 0 : (high & 0x7fffffff) >>> 0);
  scratch.setUint32(4, negative ? ~low >>> 0 : low);
  return scratch.getFloat64(0);
}
