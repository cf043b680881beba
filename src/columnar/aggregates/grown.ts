/** The array itself when it holds `length` values, else a longer copy with room to spare. */
export function grown<A extends Float64Array | BigInt64Array>(array: A, length: number): A {
  if (array.length >= length) return array;
  const longer = new (array.constructor as new (length: number) => A)(Math.max(length, 2 * array.length, 256));
  (longer as Float64Array).set(array as Float64Array);
  return longer;
}
