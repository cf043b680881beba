/**
 * What CSV is, as a scan over bytes that has exactly one answer for every file, however it is split:
 *
 *     state             byte                        next
 *     plain             a quote at a field's start  quoted            (elsewhere a quote is data)
 *                       the delimiter               plain; a field ends
 *                       \n                          plain; field and record end
 *     quoted            a quote                     quote-in-quoted   (else all is data, line breaks too)
 *     quote-in-quoted   a quote                     quoted; the two are one quote of data
 *                       anything else               plain, where the byte counts as above
 *
 * A field starts behind a delimiter or a \n met in `plain`, and where the content starts: so state and byte
 * before are all that a scan needs to begin anywhere. A \r directly before the \n belongs to the ending; a
 * \r elsewhere is data. A byte order mark at the start of the file is no content. Records that are read in
 * spite of an error (text behind a closing quote) end where this scan says.
 */
import type { InputFile } from "../model/split.js";
import type { ByteSource } from "./byte-source.js";
import { openBytes } from "./open-bytes.js";

export const QUOTE = 34;
export const NEWLINE = 10;
export const RETURN = 13;

const MARK = [0xef, 0xbb, 0xbf];

/** Index of the next quote in bytes[from..bytes.length), or bytes.length. Quotes are near each other or rare, and either is quick. */
export function nextQuote(bytes: Buffer, from: number): number {
  const near = Math.min(bytes.length, from + 48);
  for (let at = from; at < near; at++) if (bytes[at] === QUOTE) return at;
  const found = near < bytes.length ? bytes.indexOf(QUOTE, near) : -1;
  return found < 0 ? bytes.length : found;
}

/** Where a scan that is to begin at byte `start` of a file's content begins, and the byte before: \n where the content starts. */
export interface ScanStart {
  readonly at: number;
  readonly before: number;
}

export async function findScanStart(file: InputFile, start: number): Promise<ScanStart> {
  const from = start <= MARK.length ? 0 : start - 1;
  const source = openBytes(file, from);
  try {
    const bytes = await readUpTo(source, Math.max(start - from, from === 0 ? MARK.length : 1));
    const marked = from === 0 && MARK.every((byte, i) => bytes[i] === byte);
    if (start === 0 || (marked && start <= MARK.length)) return { at: marked ? MARK.length : 0, before: NEWLINE };
    return { at: start, before: bytes[start - 1 - from] ?? NEWLINE };
  } finally {
    source.close();
  }
}

async function readUpTo(source: ByteSource, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  let filled = 0;
  while (filled < count) {
    const read = await source.read(bytes.subarray(filled));
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
