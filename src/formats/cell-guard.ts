/**
 * Guards let a cell's text through where it may stand as it is, and rewrite it in place where not: CSV puts
 * quotes around it, TSV writes escapes. They work on the bytes that the cell was written to.
 */
import type { ByteSink } from "../columnar/byte-sink.js";
import { NEWLINE, QUOTE, RETURN } from "./csv-machine.js";

/** The cell is out.bytes[start..out.length). `emptyCounts` says that an empty cell must not look like nothing. */
export type GuardCell = (out: ByteSink, start: number, emptyCounts: boolean) => void;

const TAB = 9;
const BACKSLASH = 92;
/** What TSV escapes. */
export const TSV_SPECIAL: readonly number[] = [TAB, NEWLINE, RETURN, BACKSLASH];
const MARK = [0xef, 0xbb, 0xbf];

export function csvGuard(delimiter: string): GuardCell {
  const special = new Uint8Array(256);
  for (const byte of [delimiter.charCodeAt(0), QUOTE, NEWLINE, RETURN]) special[byte] = 1;
  return (out, start, emptyCounts) => {
    const { bytes, length } = out;
    let at = start;
    while (at < length && special[bytes[at]!] === 0) at++;
    if (at < length || (start === length && emptyCounts) || beginsWithMark(out, start)) putQuotes(out, start);
  };
}

export function tsvGuard(out: ByteSink, start: number, emptyCounts: boolean): void {
  if (start === out.length && emptyCounts) {
    throw new TypeError("TSV cannot tell an empty string from null: use csv() or jsonl(), or write another text for one of the two");
  }
  let escapes = 0;
  for (let at = start; at < out.length; at++) if (letterOf(out.bytes[at]!) !== 0) escapes++;
  if (escapes > 0) putEscapes(out, start, escapes);
}

export function beginsWithMark({ bytes, length }: ByteSink, start: number): boolean {
  return bytes[start] === MARK[0] && length - start >= 3 && bytes[start + 1] === MARK[1] && bytes[start + 2] === MARK[2];
}

function putQuotes(out: ByteSink, start: number): void {
  let quotes = 0;
  for (let at = start; at < out.length; at++) if (out.bytes[at] === QUOTE) quotes++;
  out.reserve(quotes + 2);
  const { bytes } = out;
  let to = out.length + quotes + 1;
  bytes[to] = QUOTE;
  for (let from = out.length - 1; from >= start; from--) {
    const byte = bytes[from]!;
    bytes[--to] = byte;
    if (byte === QUOTE) bytes[--to] = QUOTE;
  }
  bytes[start] = QUOTE;
  out.length += quotes + 2;
}

function putEscapes(out: ByteSink, start: number, escapes: number): void {
  out.reserve(escapes);
  const { bytes } = out;
  let to = out.length + escapes;
  for (let from = out.length - 1; from >= start; from--) {
    const letter = letterOf(bytes[from]!);
    bytes[--to] = letter === 0 ? bytes[from]! : letter;
    if (letter !== 0) bytes[--to] = BACKSLASH;
  }
  out.length += escapes;
}

/** What follows the backslash for a byte that is escaped; 0 for all others. */
function letterOf(byte: number): number {
  switch (byte) {
    case TAB:
      return 116;
    case NEWLINE:
      return 110;
    case RETURN:
      return 114;
    case BACKSLASH:
      return BACKSLASH;
    default:
      return 0;
  }
}
