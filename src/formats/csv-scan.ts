/**
 * What CSV means here, byte by byte. A field that begins with a quote is quoted: delimiters and newlines inside
 * belong to it, a doubled quote stands for one, and a quote that is not doubled ends it. In any other field a
 * quote is data. A record ends at a newline outside quotes; a `\r` right before it belongs to the ending.
 *
 *     plain --quote at the start of a field--> quoted <--quote--> quote-in-quoted --any other byte--> plain
 *
 * Whether a quote in `plain` stands at the start of a field is told by the byte before it (delimiter, newline,
 * or nothing), so the scan can begin anywhere, given its state and that byte. It jumps from quote to quote:
 * several GB/s where there are none.
 */
import type { CsvState } from "../model/task.js";

const QUOTE = 34;
const NEWLINE = 10;

export class CsvScan {
  state: CsvState;
  readonly #delimiter: number;
  /** The byte before the next one; a newline at the start of a file, where a record begins as after one. */
  #before: number;

  constructor(delimiter: string, state: CsvState, before: number | undefined) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.state = state;
    this.#before = before ?? NEWLINE;
  }

  /** Whether a record begins with the next byte. */
  get atRecordStart(): boolean {
    return this.state !== "quoted" && this.#before === NEWLINE;
  }

  /** Scans buffer[from..to); returns where the last record that ends there ends (behind its newline), or -1. */
  lastRecordEnd(buffer: Buffer, from: number, to: number): number {
    return this.#scan(buffer, from, to, false);
  }

  /** Scans until the first record end in buffer[from..to) and returns it; -1 when there is none, and all is scanned. */
  firstRecordEnd(buffer: Buffer, from: number, to: number): number {
    return this.#scan(buffer, from, to, true);
  }

  #scan(buffer: Buffer, from: number, to: number, stopAtFirst: boolean): number {
    const bytes = buffer.subarray(0, to);
    let recordEnd = -1;
    let at = from;
    while (at < to) {
      if (this.state === "quoted") {
        const quote = bytes.indexOf(QUOTE, at);
        at = quote < 0 ? to : quote + 1;
        if (quote >= 0) this.state = "quote-in-quoted";
        this.#before = bytes[at - 1]!;
        continue;
      }
      if (this.state === "quote-in-quoted") {
        const doubled = bytes[at] === QUOTE;
        this.state = doubled ? "quoted" : "plain";
        if (doubled) this.#before = bytes[at++]!;
        continue;
      }
      const quote = bytes.indexOf(QUOTE, at);
      const end = quote < 0 ? to : quote;
      if (end > at) {
        const newline = stopAtFirst ? bytes.subarray(0, end).indexOf(NEWLINE, at) : bytes.lastIndexOf(NEWLINE, end - 1);
        if (newline >= at) {
          recordEnd = newline + 1;
          if (stopAtFirst) {
            this.#before = NEWLINE;
            return recordEnd;
          }
        }
        this.#before = bytes[end - 1]!;
      }
      at = end;
      if (quote < 0) break;
      if (this.#before === NEWLINE || this.#before === this.#delimiter) this.state = "quoted";
      this.#before = QUOTE;
      at++;
    }
    return recordEnd;
  }
}
