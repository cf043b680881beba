import { CellFields, ESCAPED, PLAIN } from "./cell-fields.js";
import { Separators } from "./cell-separators.js";

export const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
export const BACKSLASH = 92;

/** What follows a backslash, and what the two stand for. Another pair is data as it stands, and so is a backslash at the end. */
const ESCAPES: ReadonlyMap<number, number> = new Map([
  ["t", "\t"],
  ["n", "\n"],
  ["r", "\r"],
  ["\\", "\\"],
].map(([letter, byte]) => [letter!.charCodeAt(0), byte!.charCodeAt(0)]));

/** Finds the fields of TSV lines: tabs part them. A backslash begins an escape, so lines with one take the closer look. */
export class TsvFields extends CellFields {
  private scratch = Buffer.alloc(0);

  constructor(most: number) {
    super(new Separators(TAB, BACKSLASH), most);
  }

  unescape(chunk: Buffer, start: number, end: number): Buffer {
    if (this.scratch.length < end - start) this.scratch = Buffer.allocUnsafeSlow((end - start) * 2);
    const { scratch } = this;
    let to = 0;
    for (let from = start; from < end; from++) {
      const byte = chunk[from]!;
      const stands = byte === BACKSLASH && from + 1 < end ? ESCAPES.get(chunk[from + 1]!) : undefined;
      scratch[to++] = stands ?? byte;
      if (stands !== undefined) from++;
    }
    return scratch.subarray(0, to);
  }

  protected indexAny(chunk: Buffer, at: number): number {
    const size = chunk.length;
    let field = 0;
    let start = at;
    let mark = PLAIN;
    let i = at;
    for (; i < size; i++) {
      const byte = chunk[i]!;
      if (byte === TAB) {
        this.put(field++, start, i, mark);
        start = i + 1;
        mark = PLAIN;
      } else if (byte === NEWLINE) break;
      else if (byte === BACKSLASH) mark = ESCAPED;
    }
    const end = i < size && i > start && chunk[i - 1] === RETURN ? i - 1 : i;
    this.put(field, start, end, mark);
    this.count = field + 1;
    return i < size ? i + 1 : size;
  }
}
