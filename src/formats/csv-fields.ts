import { CellFields, ESCAPED, PLAIN, QUOTED } from "./cell-fields.js";
import { Separators } from "./cell-separators.js";
import { NEWLINE, nextQuote, QUOTE, RETURN } from "./csv-machine.js";

/** Finds the fields of CSV records; the scan is that of csv-machine.ts. Records with quotes take the closer look. */
export class CsvFields extends CellFields {
  private readonly delimiter: number;
  private scratch = Buffer.alloc(0);

  constructor(delimiter: string, most: number) {
    super(new Separators(delimiter.charCodeAt(0), QUOTE), most);
    this.delimiter = delimiter.charCodeAt(0);
  }

  unescape(chunk: Buffer, start: number, end: number): Buffer {
    if (this.scratch.length < end - start) this.scratch = Buffer.allocUnsafeSlow((end - start) * 2);
    const { scratch } = this;
    let to = 0;
    for (let from = start; from < end; from++) {
      const byte = chunk[from]!;
      scratch[to++] = byte;
      if (byte === QUOTE) from++;
    }
    return scratch.subarray(0, to);
  }

  protected indexAny(chunk: Buffer, at: number): number {
    const { delimiter } = this;
    const size = chunk.length;
    this.problem = undefined;
    let field = 0;
    for (let start = at; ; field++) {
      let end = start;
      if (start < size && chunk[start] === QUOTE) end = this.quotedField(chunk, start, field);
      else {
        for (; end < size; end++) if (chunk[end] === delimiter || chunk[end] === NEWLINE) break;
        const last = end < size && chunk[end] === NEWLINE;
        this.put(field, start, last && end > start && chunk[end - 1] === RETURN ? end - 1 : end, PLAIN);
      }
      if (end < size && chunk[end] === delimiter) start = end + 1;
      else {
        this.count = field + 1;
        return end < size ? end + 1 : size;
      }
    }
  }

  /** Returns where the delimiter or newline behind the field stands. */
  private quotedField(chunk: Buffer, open: number, field: number): number {
    const size = chunk.length;
    let mark = QUOTED;
    let close = nextQuote(chunk, open + 1);
    while (close + 1 < size && chunk[close + 1] === QUOTE) {
      mark = ESCAPED;
      close = nextQuote(chunk, close + 2);
    }
    this.put(field, open + 1, close, mark);
    if (close >= size) {
      this.problem ??= `the quote that opens field ${field + 1} is never closed`;
      return size;
    }
    let next = close + 1;
    if (next === size || chunk[next] === this.delimiter || chunk[next] === NEWLINE) return next;
    if (chunk[next] === RETURN && chunk[next + 1] === NEWLINE) return next + 1;
    this.problem ??= `text stands behind the closing quote of field ${field + 1}; a quote inside a quoted field must be doubled`;
    while (next < size && chunk[next] !== this.delimiter && chunk[next] !== NEWLINE) next++;
    return next;
  }
}
