/**
 * The values of one column of one record batch, decoded when asked for. Decoders choose at open how an
 * Arrow column becomes the type that is wanted (or fail, when it cannot), and then make the values of each
 * batch from its raw buffers.
 */
import { ArrowFormatError } from "../columnar/arrow-format-error.js";

export interface Values {
  /** Throws ValueError when the value is not of the wanted type, ArrowFormatError when the file is damaged. */
  get(row: number): unknown;
  /** Tells that rows [from, to) come next, so that their text can be decoded at once. */
  prepare?(from: number, to: number): void;
  /** How the values lie as a flat column when none is null; absent for those that have no flat form. */
  readonly flat?: "float64" | "int64" | "utf8";
  /** The values as they are stored, when that is how the wanted type lies in memory and none is null. */
  readonly stored?: Int32Array | Float64Array | BigInt64Array;
  /** Strings as they are stored, when none is null. */
  readonly text?: { readonly offsets: Int32Array; readonly bytes: Uint8Array };
  readonly hasNulls: boolean;
}

/** An array whose buffers are in memory, each at a multiple of 8. */
export interface LoadedArray {
  readonly rows: number;
  /** Undefined when no value is null. */
  readonly validity: Uint8Array | undefined;
  /** Without the validity. */
  readonly buffers: readonly Uint8Array[];
  readonly children: readonly LoadedArray[];
}

export interface DecodeContext {
  /** The parts of a dictionary so far: one, and one more for each delta. */
  dictionary(id: number): readonly LoadedArray[];
  /** Most bytes of one string or binary value. */
  readonly maxBytes: number;
}

export type Decoder = (array: LoadedArray, context: DecodeContext) => Values;

/** One value of a record is not what the schema says. */
export class ValueError extends Error {}

/** Why a column cannot be read as the type that is wanted. */
export class TypeMismatch extends Error {}

/** Completes values that are present with the answer for those that are not. */
export function withNulls(array: LoadedArray, nullable: boolean, present: Omit<Values, "hasNulls">): Values {
  const { validity } = array;
  if (validity === undefined) return { ...present, hasNulls: false };
  const { get, prepare } = present;
  return {
    get: (row) => ((validity[row >> 3]! >> (row & 7)) & 1 ? get(row) : absent(nullable)),
    ...(prepare === undefined ? {} : { prepare }),
    hasNulls: true,
  };
}

export function absent(nullable: boolean): null {
  if (!nullable) throw new ValueError("is null; make the type in the schema .nullable()");
  return null;
}

interface TypedArrayOf<A> {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
  readonly BYTES_PER_ELEMENT: number;
}

/** The first `count` elements of a buffer. */
export function typed<A>(type: TypedArrayOf<A>, bytes: Uint8Array | undefined, count: number): A {
  if (bytes === undefined || bytes.length < count * type.BYTES_PER_ELEMENT) {
    throw new ArrowFormatError(`a column has ${bytes?.length ?? 0} bytes for ${count} values of ${type.BYTES_PER_ELEMENT}`);
  }
  return new type(bytes.buffer, bytes.byteOffset, count);
}

/** Offsets of `rows` values, which must rise and end within `limit`. Those of 64 bits become plain numbers. */
export function offsetsOf(bytes: Uint8Array | undefined, rows: number, wide: boolean, limit: number): Int32Array | Float64Array {
  // A writer may leave out the single offset of a column without rows.
  if (rows === 0) return new Int32Array(1);
  const offsets = wide ? Float64Array.from(typed(BigInt64Array, bytes, rows + 1), Number) : typed(Int32Array, bytes, rows + 1);
  let before = 0;
  for (let i = 0; i <= rows; i++) {
    const offset = offsets[i]!;
    if (!(offset >= before)) throw new ArrowFormatError("a column has offsets that go backwards");
    before = offset;
  }
  if (before > limit) throw new ArrowFormatError(`a column has offsets up to ${before} into ${limit} values or bytes`);
  return offsets;
}
