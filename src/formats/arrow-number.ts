/** Numbers: integers of all widths, floats, decimals, booleans. */
import type { IntType } from "../columnar/ipc-schema.js";
import { typed, ValueError, withNulls, type Decoder, type LoadedArray } from "./arrow-values.js";

type Ints = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** Integers of up to 32 bits, as numbers. */
export function smallIntDecoder(nullable: boolean, type: IntType): Decoder {
  return (array) => {
    const values = smallInts(type, array);
    return withNulls(array, nullable, { get: (row) => values[row], flat: "float64", ...(values instanceof Int32Array ? { stored: values } : {}) });
  };
}

/** Integers of any width, as bigints (`checked`: within int64) or as numbers that hold them exactly. */
export function int64Decoder(nullable: boolean, type: IntType, as: "bigint" | "number", checked: boolean): Decoder {
  return (array) => {
    if (type.bits <= 32) {
      const small = smallInts(type, array);
      return as === "number"
        ? withNulls(array, nullable, { get: (row) => small[row], flat: "float64" })
        : withNulls(array, nullable, { get: (row) => BigInt(small[row]!), flat: "int64" });
    }
    const values = type.signed ? typed(BigInt64Array, array.buffers[0], array.rows) : typed(BigUint64Array, array.buffers[0], array.rows);
    if (as === "number") return withNulls(array, nullable, { get: (row) => safeNumber(values[row]!), flat: "float64" });
    if (values instanceof BigInt64Array) return withNulls(array, nullable, { get: (row) => values[row], flat: "int64", stored: values });
    return checked ? withNulls(array, nullable, { get: (row) => signed(values[row]!), flat: "int64" }) : withNulls(array, nullable, { get: (row) => values[row] });
  };
}

export function floatDecoder(nullable: boolean, bits: 16 | 32 | 64): Decoder {
  return (array) => {
    if (bits === 64) {
      const stored = typed(Float64Array, array.buffers[0], array.rows);
      return withNulls(array, nullable, { get: (row) => stored[row], flat: "float64", stored });
    }
    if (bits === 32) {
      const values = typed(Float32Array, array.buffers[0], array.rows);
      return withNulls(array, nullable, { get: (row) => values[row], flat: "float64" });
    }
    const halves = typed(Uint16Array, array.buffers[0], array.rows);
    return withNulls(array, nullable, { get: (row) => half(halves[row]!), flat: "float64" });
  };
}

export function boolDecoder(nullable: boolean): Decoder {
  return (array) => {
    const bits = typed(Uint8Array, array.buffers[0], Math.ceil(array.rows / 8));
    return withNulls(array, nullable, { get: (row) => ((bits[row >> 3]! >> (row & 7)) & 1) === 1 });
  };
}

/** Decimals as their digits, or as the nearest double. */
export function decimalDecoder(nullable: boolean, bits: number, scale: number, as: "text" | "number"): Decoder {
  return (array) => {
    const words = typed(Uint32Array, array.buffers[0], (array.rows * bits) / 32);
    const size = bits / 32;
    const get = (row: number): string => {
      let value = 0n;
      for (let i = size - 1; i >= 0; i--) value = (value << 32n) | BigInt(words[row * size + i]!);
      return decimalText(BigInt.asIntN(bits, value), scale);
    };
    return as === "text" ? withNulls(array, nullable, { get, flat: "utf8" }) : withNulls(array, nullable, { get: (row) => Number(get(row)), flat: "float64" });
  };
}

function smallInts({ bits, signed }: IntType, array: LoadedArray): Ints {
  const [bytes] = array.buffers;
  if (bits === 8) return signed ? typed(Int8Array, bytes, array.rows) : typed(Uint8Array, bytes, array.rows);
  if (bits === 16) return signed ? typed(Int16Array, bytes, array.rows) : typed(Uint16Array, bytes, array.rows);
  return signed ? typed(Int32Array, bytes, array.rows) : typed(Uint32Array, bytes, array.rows);
}

function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new ValueError(`is ${value}, which a number cannot hold exactly; use t.int64() without { as: "number" }`);
  return number;
}

function signed(value: bigint): bigint {
  if (value > 0x7fff_ffff_ffff_ffffn) throw new ValueError(`is ${value}, which int64 cannot hold`);
  return value;
}

/** IEEE 754 half precision: 1 sign, 5 exponent and 10 fraction bits. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function decimalText(value: bigint, scale: number): string {
  if (scale <= 0) return String(value * 10n ** BigInt(-scale));
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
