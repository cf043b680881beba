/** Positions of the newlines in bytes [from, to), at most as many as `found` holds; returns how many. The plain twin of the kernel. */
export function indexNewlines(bytes: Uint8Array, from: number, to: number, found: Int32Array): number {
  let count = 0;
  for (let at = from; at < to && count < found.length; at++) if (bytes[at] === 10) found[count++] = at;
  return count;
}
