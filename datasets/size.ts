const UNITS: Readonly<Record<string, number>> = {
  "": 1, b: 1,
  kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12,
  kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40,
};

/**
 * Bytes of a size as people write it: `1000`, `500MB`, `1.5 GB` (powers of 1000), `64MiB` (powers of 1024).
 * @throws RangeError for anything else, for less than one byte and for more than 2^53.
 */
export function parseSize(size: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(size.trim()) ?? [];
  const scale = unit === undefined ? undefined : UNITS[unit.toLowerCase()];
  const bytes = Math.round(Number(amount) * (scale ?? Number.NaN));
  if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new RangeError(`"${size}" is no size: give a number of bytes, or one with a unit, such as 500MB, 1.5GB or 64MiB`);
}

/** `1.25 GB`, `312 MB`, `17 B`. */
export function showSize(bytes: number): string {
  for (const unit of ["TB", "GB", "MB", "kB"]) {
    const amount = bytes / UNITS[unit.toLowerCase()]!;
    if (amount >= 1) return `${amount < 10 ? amount.toFixed(2) : amount.toFixed(0)} ${unit}`;
  }
  return `${bytes} B`;
}
