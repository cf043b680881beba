/**
 * Finds where CSV records end in a buffer that fills step by step: runs the scan of csv-machine.ts from quote
 * to quote. Without quotes that costs one search for a quote and one for a newline. Where quotes are many, a kernel goes over
 * bytes that lie in its memory, at some 7 GB/s.
 */
import type { Kernels } from "../columnar/kernels/wasm.js";
import type { CsvState } from "../model/task.js";
import { NEWLINE, nextQuote, QUOTE } from "./csv-machine.js";

const SHORT = 64;
/** By the kernel's numbers; 1 is a `plain` state in which a field starts. */
const STATES: readonly CsvState[] = ["plain", "plain", "quoted", "quote-in-quoted"];

export class RecordEnds {
  state: CsvState = "plain";
  /** Whether a quote was met since this was made. */
  metQuote = false;
  private readonly delimiter: number;
  private readonly kernels: Kernels | undefined;
  /** All before this index is scanned. */
  private at = 0;
  /** Whether a field starts at index 0. */
  private startsField = true;

  constructor(delimiter: number, kernels?: Kernels) {
    this.delimiter = delimiter;
    this.kernels = kernels;
  }

  /** Starts anew at index 0. */
  begin(state: CsvState, before: number): void {
    this.state = state;
    this.restart(before);
  }

  /** Goes on at index 0 of a buffer whose scanned content, with `before` as its last byte, was dropped. */
  restart(before: number): void {
    this.at = 0;
    this.startsField = before === this.delimiter || before === NEWLINE;
  }

  /** Passes over content without quotes. */
  passUnquoted(): void {
    if (this.state === "quote-in-quoted") this.state = "plain";
  }

  /** Index behind the first record that ends at or behind where the scan stands; -1 when none does. */
  first(bytes: Buffer): number {
    return this.run(bytes, true);
  }

  /** Runs on to the end of `bytes`: index behind the last record that ends on the way; -1 when none does. */
  last(bytes: Buffer): number {
    const inKernel = this.kernels?.memory.buffer === bytes.buffer && bytes.indexOf(QUOTE, this.at) >= 0;
    return inKernel ? this.runKernel(this.kernels!, bytes) : this.run(bytes, false);
  }

  private runKernel({ call }: Kernels, bytes: Buffer): number {
    const { byteOffset, length } = bytes;
    this.metQuote = true;
    const from = this.state === "plain" && this.fieldStarts(bytes, this.at) ? 1 : STATES.indexOf(this.state);
    this.state = STATES[call.scanCsv(byteOffset + this.at, byteOffset + length, this.delimiter, QUOTE, from)]!;
    this.at = length;
    const end = call.lastRecordEnd();
    return end === 0 ? -1 : end - byteOffset;
  }

  private run(bytes: Buffer, untilFirst: boolean): number {
    const size = bytes.length;
    let found = -1;
    while (this.at < size) {
      if (this.state === "quoted") {
        const quote = nextQuote(bytes, this.at);
        this.at = Math.min(quote + 1, size);
        if (quote < size) this.state = "quote-in-quoted";
        continue;
      }
      if (this.state === "quote-in-quoted") {
        if (bytes[this.at] === QUOTE) {
          this.at++;
          this.state = "quoted";
          continue;
        }
        this.state = "plain";
      }
      const opening = this.openingQuote(bytes);
      const newline = untilFirst ? firstNewline(bytes, this.at, opening) : lastNewline(bytes, this.at, opening);
      if (newline >= 0) found = newline + 1;
      if (untilFirst && newline >= 0) {
        this.at = found;
        return found;
      }
      this.at = Math.min(opening + 1, size);
      if (opening < size) this.state = "quoted";
    }
    return found;
  }

  private openingQuote(bytes: Buffer): number {
    for (let quote = nextQuote(bytes, this.at); ; quote = nextQuote(bytes, quote + 1)) {
      if (quote === bytes.length) return quote;
      this.metQuote = true;
      if (this.fieldStarts(bytes, quote)) return quote;
    }
  }

  private fieldStarts(bytes: Buffer, at: number): boolean {
    if (at === 0) return this.startsField;
    const before = bytes[at - 1];
    return before === this.delimiter || before === NEWLINE;
  }
}

/** Searches stay inside bytes[from..to): a search that ran to the next newline, wherever that is, would make long records quadratic. */
function firstNewline(bytes: Buffer, from: number, to: number): number {
  if (to - from > SHORT) {
    const found = bytes.subarray(from, to).indexOf(NEWLINE);
    return found < 0 ? -1 : from + found;
  }
  for (let at = from; at < to; at++) if (bytes[at] === NEWLINE) return at;
  return -1;
}

function lastNewline(bytes: Buffer, from: number, to: number): number {
  if (to - from > SHORT) {
    const found = bytes.subarray(from, to).lastIndexOf(NEWLINE);
    return found < 0 ? -1 : from + found;
  }
  for (let at = to - 1; at >= from; at--) if (bytes[at] === NEWLINE) return at;
  return -1;
}
