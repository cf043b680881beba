/** Half-open. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The one range of a `Range: bytes=from-to` header within a file of `size` bytes; the whole file without
 * one. Undefined for what is malformed, asks for several ranges, or lies outside the file even in part:
 * who reads blocks knows where they end.
 */
export function byteRange(header: string | undefined, size: number): ByteRange | undefined {
  if (header === undefined) return { start: 0, end: size };
  const [, from, to] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header) ?? [];
  if (from === undefined || to === undefined) return undefined;
  const start = Number(from);
  const end = Number(to) + 1;
  return start < end && end <= size ? { start, end } : undefined;
}
