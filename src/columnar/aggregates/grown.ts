type Numbers = Float64Array | BigInt64Array | Int32Array | Uint8Array;

/** The array itself when it holds `length` values, else a longer copy with room to spare. */
export function grown<A extends Numbers>(array: A, length: number): A {
  return array.length >= length ? array : longer(array, Math.max(length, 2 * array.length, 256));
}

/** A copy of this length. */
export function longer<A extends Numbers>(array: A, length: number): A {
  const copy = new (array.constructor as new (length: number) => A)(length);
  (copy as Float64Array).set(array as Float64Array);
  return copy;
}
