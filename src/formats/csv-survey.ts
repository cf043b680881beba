/**
 * A survey finds how a CSV split ends for each state in which it may begin, so that all splits can be
 * surveyed at once and read exactly afterwards. One pass serves all states: behind the first byte that is no
 * quote a scan is either outside quotes or inside, and only runs of an odd number of quotes tell the two
 * apart. Without quotes the cost is that of a search for one byte, more than 5 GB/s; where each field of
 * a few bytes is quoted, about 0.6 GB/s.
 */
import type { Split } from "../model/split.js";
import type { CsvState, CsvTransitions } from "../model/task.js";
import type { ByteSource } from "./byte-source.js";
import { afterQuotes, findScanStart, NEWLINE, nextQuote, QUOTE } from "./csv-machine.js";

const CHUNK = 256 * 1024;

/** `source` stands at the split's start. The caller closes it. */
export async function surveyCsv(source: ByteSource, split: Split, delimiter: string): Promise<CsvTransitions> {
  const { at, before } = await findScanStart(split.file, split.start);
  const scan = new QuoteRuns(delimiter.charCodeAt(0), before);
  const buffer = Buffer.allocUnsafeSlow(CHUNK);
  // Of a compressed file the size of the content is not known.
  let left = split.file.compression === "none" ? split.end - split.start : Infinity;
  let markBytes = at - split.start;
  while (left > 0) {
    const reading = source.read(left < CHUNK ? buffer.subarray(0, left) : buffer);
    const count = typeof reading === "number" ? reading : await reading;
    if (count === 0) break;
    left -= count;
    const passed = Math.min(markBytes, count);
    markBytes -= passed;
    scan.take(buffer.subarray(passed, count));
  }
  return { plain: scan.endFrom("plain"), quoted: scan.endFrom("quoted"), "quote-in-quoted": scan.endFrom("quote-in-quoted") };
}

/** The state at the start of each split; `fileStarts` are the indices of splits that start a file. */
export function csvStartStates(transitions: readonly CsvTransitions[], fileStarts: readonly number[]): CsvState[] {
  const starts = new Set(fileStarts);
  let state: CsvState = "plain";
  return transitions.map((transition, i) => {
    if (starts.has(i)) state = "plain";
    const atStart = state;
    state = transition[state];
    return atStart;
  });
}

class QuoteRuns {
  private readonly delimiter: number;
  private readonly beforeAll: number;
  /** Quotes at the very start. */
  private leading = 0;
  /** Whether a byte other than a quote was met. */
  private settled = false;
  /** Whether a scan that was outside (or inside) quotes behind the leading ones is inside now. */
  private insideFromOutside = false;
  private insideFromInside = true;
  /** Quotes met since the last other byte, and that byte. */
  private run = 0;
  private before: number;

  constructor(delimiter: number, before: number) {
    this.delimiter = delimiter;
    this.beforeAll = this.before = before;
  }

  take(bytes: Buffer): void {
    const { delimiter } = this;
    const size = bytes.length;
    let { run, before, insideFromOutside, insideFromInside } = this;
    let at = 0;
    if (!this.settled) {
      while (at < size && bytes[at] === QUOTE) at++;
      this.leading += at;
      this.settled = at < size;
    }
    while (at < size) {
      if (bytes[at] === QUOTE) {
        run++;
        at++;
        continue;
      }
      if (run % 2 === 1) {
        const atFieldStart = before === delimiter || before === NEWLINE;
        insideFromOutside = !insideFromOutside && atFieldStart;
        insideFromInside = !insideFromInside && atFieldStart;
      }
      run = 0;
      at = nextQuote(bytes, at + 1);
      before = bytes[at - 1]!;
    }
    this.run = run;
    this.before = before;
    this.insideFromOutside = insideFromOutside;
    this.insideFromInside = insideFromInside;
  }

  endFrom(start: CsvState): CsvState {
    const first = this.leading === 0 ? start : afterQuotes(start, this.startsField(this.beforeAll), this.leading);
    if (!this.settled) return first;
    const inside = first === "quoted" ? this.insideFromInside : this.insideFromOutside;
    const last = inside ? "quoted" : "plain";
    return this.run === 0 ? last : afterQuotes(last, this.startsField(this.before), this.run);
  }

  private startsField(before: number): boolean {
    return before === this.delimiter || before === NEWLINE;
  }
}
