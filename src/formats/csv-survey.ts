/**
 * A survey finds how a CSV split ends for each state in which it may begin, so that all splits can be
 * surveyed at once and read exactly afterwards. Scans run from all states until they meet, as a rule within a few
 * quotes: from then on they are one. Content without quotes costs no more than to read it.
 */
import { hasKernels, newKernels, type Kernels } from "../columnar/kernels/wasm.js";
import type { Split } from "../model/split.js";
import type { CsvState, CsvTransitions } from "../model/task.js";
import type { ByteSource } from "./byte-source.js";
import { findScanStart, QUOTE } from "./csv-machine.js";
import { RecordEnds } from "./csv-record-ends.js";

/** Stays in the second-level cache. */
const CHUNK = 256 * 1024;
/** Behind what kernels keep for themselves. */
const ADDRESS = 1 << 16;
/** Scans run side by side over so many bytes, twice as many the next time. */
const FIRST_PIECE = 1024;
const STATES: readonly CsvState[] = ["plain", "quoted", "quote-in-quoted"];

/** `source` stands at the split's start. The caller closes it. `kernels` gives an instance with so much memory. */
export async function surveyCsv(source: ByteSource, split: Split, delimiter: string, kernels: (bytes: number) => Kernels = newKernels): Promise<CsvTransitions> {
  const { at, before } = await findScanStart(split.file, split.start);
  const instance = hasKernels ? kernels(ADDRESS + CHUNK) : undefined;
  const scans = new ParallelScans(delimiter.charCodeAt(0), before, instance);
  const buffer = instance ? Buffer.from(instance.memory.buffer, ADDRESS, CHUNK) : Buffer.allocUnsafeSlow(CHUNK);
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
    scans.take(buffer.subarray(passed, count));
  }
  const [plain, quoted, quoteInQuoted] = scans.states;
  return { plain: plain!, quoted: quoted!, "quote-in-quoted": quoteInQuoted! };
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

/** The scans from all states, side by side. */
class ParallelScans {
  private scans: readonly RecordEnds[];
  private piece = FIRST_PIECE;

  constructor(delimiter: number, before: number, kernels: Kernels | undefined) {
    this.scans = STATES.map((state) => {
      const scan = new RecordEnds(delimiter, kernels);
      scan.begin(state, before);
      return scan;
    });
  }

  /** In the order of STATES. */
  get states(): CsvState[] {
    return this.scans.map(({ state }) => state);
  }

  take(bytes: Buffer): void {
    if (!bytes.includes(QUOTE)) return this.pass(bytes, (scan) => scan.passUnquoted());
    for (let at = 0; at < bytes.length; ) {
      const end = this.scans.every((scan) => scan === this.scans[0]) ? bytes.length : at + this.piece;
      this.pass(bytes.subarray(at, end), (scan, piece) => scan.last(piece));
      this.piece *= 2;
      at = end;
    }
  }

  private pass(bytes: Buffer, by: (scan: RecordEnds, bytes: Buffer) => void): void {
    if (bytes.length === 0) return;
    for (const scan of new Set(this.scans)) {
      by(scan, bytes);
      scan.restart(bytes.at(-1)!);
    }
    this.scans = this.scans.map(({ state }) => this.scans.find((other) => other.state === state)!);
  }
}
