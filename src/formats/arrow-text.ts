/** Strings and bytes: Arrow's utf8 and binary, their large and view forms, and fixed-size binary. */
import { isAscii } from "node:buffer";
import { ArrowFormatError } from "../columnar/arrow-format-error.js";
import { decodeUtf8 } from "../columnar/codec.js";
import { offsetsOf, typed, ValueError, withNulls, type Decoder, type LoadedArray, type Values } from "./arrow-values.js";

type FromBytes = (bytes: Uint8Array, start: number, end: number) => unknown;

export function binaryDecoder(nullable: boolean, wide: boolean): Decoder {
  return (array, { maxBytes }) => withNulls(array, nullable, runs(array, wide, maxBytes, copy));
}

/** `convert` makes the wanted value of a string; without it the string is the value. */
export function textDecoder(nullable: boolean, wide: boolean, convert?: (text: string) => unknown): Decoder {
  if (convert !== undefined) {
    const fromBytes: FromBytes = (bytes, start, end) => convert(decodeUtf8(bytes, start, end));
    return (array, { maxBytes }) => withNulls(array, nullable, runs(array, wide, maxBytes, fromBytes));
  }
  return (array, { maxBytes }) => withNulls(array, nullable, strings(array, wide, maxBytes));
}

/** `text` says that the values are strings as they are stored. */
export function viewDecoder(nullable: boolean, fromBytes: FromBytes, text: boolean): Decoder {
  return (array, { maxBytes }) => {
    const [views, ...data] = array.buffers;
    const words = typed(Int32Array, views, array.rows * 4);
    const inline = views ?? new Uint8Array(0);
    const get = (row: number): unknown => {
      const length = words[row * 4]!;
      mustNotExceed(length, maxBytes);
      if (length >= 0 && length <= 12) return fromBytes(inline, row * 16 + 4, row * 16 + 4 + length);
      const bytes = data[words[row * 4 + 2]!];
      const start = words[row * 4 + 3]!;
      if (bytes === undefined || length < 0 || start < 0 || start + length > bytes.length) throw new ArrowFormatError("a string view points outside its column");
      return fromBytes(bytes, start, start + length);
    };
    return withNulls(array, nullable, { get, ...(text ? { flat: "utf8" } : {}) });
  };
}

export function fixedBinaryDecoder(nullable: boolean, width: number): Decoder {
  return (array) => {
    const bytes = typed(Uint8Array, array.buffers[0], array.rows * width);
    return withNulls(array, nullable, { get: (row) => bytes.slice(row * width, (row + 1) * width) });
  };
}

export function copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return bytes.slice(start, end);
}

function mustNotExceed(length: number, maxBytes: number): void {
  if (length > maxBytes) throw new ValueError(`has ${length} bytes, more than the ${maxBytes} that a record may have`);
}

function runs(array: LoadedArray, wide: boolean, maxBytes: number, fromBytes: FromBytes): Omit<Values, "hasNulls"> {
  const bytes = array.buffers[1] ?? new Uint8Array(0);
  const offsets = offsetsOf(array.buffers[0], array.rows, wide, bytes.length);
  return {
    get: (row) => {
      const start = offsets[row]!;
      const end = offsets[row + 1]!;
      if (end - start > maxBytes) mustNotExceed(end - start, maxBytes);
      return fromBytes(bytes, start, end);
    },
  };
}

/** Strings above this size are not decoded together: parts of one string keep all of it in memory. */
const MOST_AT_ONCE = 4 << 20;

/** Where an announced run of rows is ASCII, its bytes become one string, of which each value is a part: that costs a tenth of decoding each. */
function strings(array: LoadedArray, wide: boolean, maxBytes: number): Omit<Values, "hasNulls"> {
  const bytes = array.buffers[1] ?? new Uint8Array(0);
  const offsets = offsetsOf(array.buffers[0], array.rows, wide, bytes.length);
  let decoded = "";
  let base = 0;
  let first = 0;
  let beyond = 0;
  let announced: readonly [from: number, to: number] | undefined;
  const decodeRun = ([from, to]: readonly [from: number, to: number]): void => {
    announced = undefined;
    const start = offsets[from]!;
    const run = Buffer.from(bytes.buffer, bytes.byteOffset + start, offsets[to]! - start);
    if (run.length > MOST_AT_ONCE || !isAscii(run)) return;
    decoded = run.toString("latin1");
    base = start;
    first = from;
    beyond = to;
  };
  return {
    prepare: (from, to) => {
      beyond = first = 0;
      announced = [from, to];
    },
    get: (row) => {
      const start = offsets[row]!;
      const end = offsets[row + 1]!;
      if (end - start > maxBytes) mustNotExceed(end - start, maxBytes);
      if (announced !== undefined) decodeRun(announced);
      return row >= first && row < beyond ? decoded.substring(start - base, end - base) : decodeUtf8(bytes, start, end);
    },
    flat: "utf8",
    ...(offsets instanceof Int32Array ? { text: { offsets, bytes } } : {}),
  };
}
