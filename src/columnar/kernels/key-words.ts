/**
 * Keys four bytes at a time. A word is an int32, for V8 keeps those unboxed. Past the end of a key a word
 * is filled with zeros, so a word alone does not tell "a" from "a\0": callers compare lengths as well.
 * Reads of a key's last bytes go past its end where the buffer allows, which is cheaper than a byte loop.
 */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The bytes at[0..4) before `end`, little-endian. For hashing and equality. */
export function plainWord(view: DataView, at: number, end: number): number {
  const left = end - at;
  if (left >= 4) return view.getInt32(at, true);
  if (left <= 0) return 0;
  if (at + 4 <= view.byteLength) return view.getInt32(at, true) & ((1 << (left << 3)) - 1);
  let word = 0;
  for (let i = 0; i < left; i++) word |= view.getUint8(at + i) << (i << 3);
  return word;
}

/** The same bytes such that the signed order of words is the unsigned order of bytes. For sorting. */
export function orderedWord(view: DataView, at: number, end: number): number {
  const left = end - at;
  if (left >= 4) return view.getInt32(at) ^ 0x80000000;
  if (left <= 0) return -0x80000000;
  if (at + 4 <= view.byteLength) return (view.getInt32(at) & (-1 << (32 - (left << 3)))) ^ 0x80000000;
  let word = 0;
  for (let i = 0; i < left; i++) word |= view.getUint8(at + i) << (24 - (i << 3));
  return word ^ 0x80000000;
}
