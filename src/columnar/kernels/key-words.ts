/**
 * Keys four bytes at a time: the head is a key's first four bytes, the tail its next four. A word is an int32,
 * for V8 keeps those unboxed. Past the end of a key a word is filled with zeros, so words alone do not tell
 * "a" from "a\0": callers compare lengths as well.
 *
 * Lengths of keys are hard to predict, so words are read whole, past the end of the key, and masked; only at
 * the end of the buffer are they put together byte by byte.
 */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Masks by bytes left, 0 to 8: which bits of a little-endian or big-endian word belong to the key. */
const PLAIN_HEAD = masks((left) => littleEndian(left));
const PLAIN_TAIL = masks((left) => littleEndian(left - 4));
const ORDERED_HEAD = masks((left) => bigEndian(left));
const ORDERED_TAIL = masks((left) => bigEndian(left - 4));

/** The last place from which a whole head and tail can be read; what the functions below take as `safe`. */
export function lastWholeRead(view: DataView): number {
  return view.byteLength - 8;
}

/** Bytes at..at + 3, little-endian. For hashing and equality. */
export function plainHead(view: DataView, safe: number, at: number, end: number): number {
  return at <= safe ? view.getInt32(at, true) & PLAIN_HEAD[atMost8(end - at)]! : assemble(view, at, end, true);
}

/** Bytes at + 4..at + 7, little-endian. */
export function plainTail(view: DataView, safe: number, at: number, end: number): number {
  return at <= safe ? view.getInt32(at + 4, true) & PLAIN_TAIL[atMost8(end - at)]! : assemble(view, at + 4, end, true);
}

/** Bytes at..at + 3 such that the signed order of words is the unsigned order of bytes. For sorting. */
export function orderedHead(view: DataView, safe: number, at: number, end: number): number {
  return (at <= safe ? view.getInt32(at) & ORDERED_HEAD[atMost8(end - at)]! : assemble(view, at, end, false)) ^ 0x80000000;
}

/** Bytes at + 4..at + 7, likewise. */
export function orderedTail(view: DataView, safe: number, at: number, end: number): number {
  return (at <= safe ? view.getInt32(at + 4) & ORDERED_TAIL[atMost8(end - at)]! : assemble(view, at + 4, end, false)) ^ 0x80000000;
}

/** Math.min(left, 8) without its branch. */
function atMost8(left: number): number {
  return 8 + ((left - 8) & ((left - 8) >> 31));
}

function assemble(view: DataView, at: number, end: number, little: boolean): number {
  let word = 0;
  for (let i = 0; i < 4 && at + i < end; i++) word |= view.getUint8(at + i) << (little ? i << 3 : 24 - (i << 3));
  return word;
}

function masks(of: (left: number) => number): Int32Array {
  return Int32Array.from({ length: 9 }, (_, left) => of(left));
}

function littleEndian(bytes: number): number {
  return bytes <= 0 ? 0 : bytes >= 4 ? -1 : (1 << (bytes * 8)) - 1;
}

function bigEndian(bytes: number): number {
  return bytes <= 0 ? 0 : bytes >= 4 ? -1 : -1 << (32 - bytes * 8);
}
