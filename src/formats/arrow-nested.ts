/** Lists, structs and dictionary-encoded columns. */
import { ArrowFormatError } from "../columnar/arrow-format-error.js";
import { defineMember } from "../columnar/codec.js";
import type { IntType } from "../columnar/ipc-schema.js";
import { offsetsOf, typed, withNulls, type Decoder, type LoadedArray, type Values } from "./arrow-values.js";

export function listDecoder(nullable: boolean, wide: boolean, item: Decoder): Decoder {
  return (array, context) => {
    const child = childOf(array, 0);
    const offsets = offsetsOf(array.buffers[0], array.rows, wide, child.rows);
    const items = item(child, context);
    return withNulls(array, nullable, { get: (row) => slice(items, offsets[row]!, offsets[row + 1]!) });
  };
}

export function fixedListDecoder(nullable: boolean, size: number, item: Decoder): Decoder {
  return (array, context) => {
    const child = childOf(array, 0);
    if (child.rows < array.rows * size) throw new ArrowFormatError(`a column has ${child.rows} values for ${array.rows} lists of ${size}`);
    const items = item(child, context);
    return withNulls(array, nullable, { get: (row) => slice(items, row * size, (row + 1) * size) });
  };
}

export interface MemberDecoder {
  readonly name: string;
  /** Which child of the struct it is. */
  readonly child: number;
  readonly decoder: Decoder;
}

export function structDecoder(nullable: boolean, members: readonly MemberDecoder[]): Decoder {
  return (array, context) => {
    const values = members.map(({ name, child, decoder }) => {
      const loaded = childOf(array, child);
      if (loaded.rows < array.rows) throw new ArrowFormatError(`a struct column has ${array.rows} values but its member "${name}" ${loaded.rows}`);
      return { name, get: decoder(loaded, context).get };
    });
    const get = (row: number): unknown => {
      const struct: Record<string, unknown> = {};
      for (const { name, get } of values) defineMember(struct, name, get(row));
      return struct;
    };
    return withNulls(array, nullable, { get });
  };
}

/** Indexes into values that stand once for all batches. Those that are no objects are decoded once each. */
export function dictionaryDecoder(nullable: boolean, id: number, { bits, signed }: IntType, value: Decoder): Decoder {
  let seen: readonly LoadedArray[] | undefined;
  let lookUp: (index: number) => unknown = () => undefined;
  let flat: Pick<Values, "flat"> = {};
  return (array, context) => {
    const parts = context.dictionary(id);
    if (parts !== seen) {
      seen = parts;
      const values = parts.map((part) => ({ rows: part.rows, values: value(part, context) }));
      lookUp = memo(values);
      const form = values.every((part) => !part.values.hasNulls) ? values[0]?.values.flat : undefined;
      flat = form === undefined ? {} : { flat: form };
    }
    const find = lookUp;
    const indexes = indexesOf(array, bits, signed);
    return withNulls(array, nullable, { get: (row) => find(Number(indexes[row])), ...flat });
  };
}

function memo(parts: readonly { readonly rows: number; readonly values: Values }[]): (index: number) => unknown {
  const known = new Map<number, unknown>();
  const decode = (index: number): unknown => {
    let rest = index;
    for (const { rows, values } of parts) {
      if (rest >= 0 && rest < rows) return values.get(rest);
      rest -= rows;
    }
    throw new ArrowFormatError(`a column points to value ${index} of its dictionary, which is not there`);
  };
  return (index) => {
    const found = known.get(index);
    if (found !== undefined) return found;
    const value = decode(index);
    if (typeof value !== "object") known.set(index, value);
    return value;
  };
}

function indexesOf(array: LoadedArray, bits: number, signed: boolean): ArrayLike<number | bigint> {
  const [bytes] = array.buffers;
  switch (bits) {
    case 8:
      return signed ? typed(Int8Array, bytes, array.rows) : typed(Uint8Array, bytes, array.rows);
    case 16:
      return signed ? typed(Int16Array, bytes, array.rows) : typed(Uint16Array, bytes, array.rows);
    case 32:
      return signed ? typed(Int32Array, bytes, array.rows) : typed(Uint32Array, bytes, array.rows);
    default:
      return typed(BigInt64Array, bytes, array.rows);
  }
}

function childOf(array: LoadedArray, index: number): LoadedArray {
  const child = array.children[index];
  if (child === undefined) throw new ArrowFormatError("a nested column lacks a member");
  return child;
}

function slice(items: Values, start: number, end: number): unknown[] {
  const values: unknown[] = [];
  for (let i = start; i < end; i++) values.push(items.get(i));
  return values;
}
