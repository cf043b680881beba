/**
 * CSV chunks are the records of one split, about 120 KiB at a time: each chunk begins and ends where a record
 * does, wherever quotes hold newlines. A record belongs to the split in which its first byte lies. So the
 * reader of [start, end) begins in the state that the survey found for `start`, passes over the rest of a
 * record that began before, and reads past `end` only to finish its last record.
 *
 * A record of more than `maxRecordBytes` (without its newline) is passed over in bounded memory and stands as
 * a chunk of its own with `overlong` set. So does what follows a quote that is never closed. Chunks share one
 * buffer: each is valid until the next is loaded.
 *
 * A reader that is to presume how its split begins gives no chunk with a quote: it ends with `needs-survey`. Where all splits of
 * a file are read to their ends in this way, all began as presumed, for only behind a quote can a split begin in another state.
 */
import { constants } from "node:buffer";
import type { Kernels } from "../columnar/kernels/wasm.js";
import type { BadRecordError } from "../errors.js";
import type { Split } from "../model/split.js";
import type { CsvStart } from "../model/task.js";
import { badRecord, needsSurvey } from "./bad-input.js";
import type { RecordChunks } from "./cell-reader.js";
import { findScanStart, NEWLINE, type ScanStart } from "./csv-machine.js";
import { RecordEnds } from "./csv-record-ends.js";
import { BYTE_ORDER_MARK, DEFAULT_CHUNK_BYTES, type ChunkOptions } from "./line-chunks.js";
import { openBytes } from "./open-bytes.js";
import type { FileSource } from "./plain-source.js";

/** First step of reading behind the end of the split, for its last record; further ones double. */
const OVERRUN = 64 * 1024;

export interface CsvChunkOptions extends ChunkOptions {
  /** State of the scan at the split's start. Default `plain`: right wherever no quoted field holds a newline. */
  readonly csvState?: CsvStart | undefined;
  /** Whose memory `allocate` gives. */
  readonly chunkKernels?: Kernels | undefined;
}

export class CsvChunks implements RecordChunks {
  buffer: Buffer;
  start = 0;
  end = 0;
  offset: number;
  overlong: BadRecordError | undefined;

  private readonly source: FileSource;
  private readonly split: Split;
  private readonly maxRecordBytes: number;
  private readonly chunkBytes: number;
  private readonly allocate: (size: number) => Buffer;
  private readonly ends: RecordEnds;
  private readonly presumes: boolean;
  /** First content offset that belongs to the next split. */
  private stop: number;
  /** Loaded bytes are buffer[..filled); those behind `end` begin the next chunk. */
  private filled = 0;
  /** `new` at the start of a file, where a mark may stand; `inside-record` until the first record of the split is found. */
  private state: "new" | "inside-record" | "reading" | "source-ended" | "done";

  static async open(split: Split, delimiter: string, options: CsvChunkOptions): Promise<CsvChunks> {
    return new CsvChunks(split, delimiter, options, split.start === 0 ? undefined : await findScanStart(split.file, split.start));
  }

  private constructor(split: Split, delimiter: string, options: CsvChunkOptions, begins: ScanStart | undefined) {
    this.split = split;
    this.maxRecordBytes = Math.max(2, Math.min(options.maxRecordBytes, constants.MAX_STRING_LENGTH - 1));
    // A record that is too long, with its newline, must not fit into a chunk: so nobody else has to measure records.
    this.chunkBytes = Math.max(1, Math.min(options.chunkBytes ?? DEFAULT_CHUNK_BYTES, this.maxRecordBytes + 1));
    this.stop = split.file.compression === "none" ? split.end : Infinity;
    this.ends = new RecordEnds(delimiter.charCodeAt(0), options.chunkKernels);
    const { csvState = "plain" } = options;
    this.presumes = csvState === "presumed-plain";
    this.offset = begins?.at ?? 0;
    this.state = begins === undefined ? "new" : "reading";
    const state = csvState === "presumed-plain" ? "plain" : csvState;
    if (begins !== undefined && (state !== "plain" || begins.before !== NEWLINE)) {
      this.state = "inside-record";
      this.ends.begin(state, begins.before);
    }
    this.source = openBytes(split.file, this.offset, options.keptFile);
    this.allocate = options.allocate ?? Buffer.allocUnsafeSlow;
    this.buffer = this.allocate(this.chunkBytes);
  }

  get bytesRead(): number {
    const { start, end } = this.split;
    const position = this.stop === Infinity ? this.source.storedPosition : this.offset + this.end - this.start;
    return this.state === "done" ? end - start : Math.min(Math.max(position, start), end) - start;
  }

  async load(): Promise<boolean> {
    if (this.state === "new") await this.passMark();
    if (this.state === "inside-record") {
      this.state = "reading";
      if (this.offset < this.stop) await this.passRecord();
    }
    this.overlong = undefined;
    this.dropLoaded();
    const loaded = this.state !== "done" && this.offset < this.stop && (await this.fillToRecordEnd());
    if (this.presumes && this.ends.metQuote) throw needsSurvey(this.split.file.path, `the split from byte ${this.split.start} on holds a quote`);
    if (!loaded) this.finish();
    return loaded;
  }

  close(): void {
    this.state = "done";
    this.source.close();
  }

  private finish(): void {
    if (this.state === "done") return;
    this.state = "done";
    this.source.verifyUnchanged();
  }

  private async passMark(): Promise<void> {
    this.state = "reading";
    const { length } = BYTE_ORDER_MARK;
    while (this.filled < length && (await this.fill(Math.max(length, this.wanted(this.chunkBytes)))));
    if (this.filled < length || BYTE_ORDER_MARK.compare(this.buffer, 0, length) !== 0) return;
    this.start = this.end = this.offset = length;
  }

  /** Moves the beginning of the next chunk to the front of the buffer. */
  private dropLoaded(): void {
    this.offset += this.end - this.start;
    const rest = this.filled - this.end;
    if (this.buffer.length > this.chunkBytes && rest < this.chunkBytes) {
      // The room that one long record took is given back.
      const { buffer } = this;
      this.buffer = this.allocate(this.chunkBytes);
      buffer.copy(this.buffer, 0, this.end, this.filled);
    } else if (rest > 0 && this.end > 0) {
      this.buffer.copyWithin(0, this.end, this.filled);
    }
    this.filled = rest;
    this.start = this.end = 0;
  }

  /** Reads until the buffer holds whole records, and sets `end` behind the last of them that this split owns. */
  private async fillToRecordEnd(): Promise<boolean> {
    let limit = this.chunkBytes;
    this.ends.begin("plain", NEWLINE);
    for (;;) {
      while (this.filled < this.wanted(limit) && (await this.fill(this.wanted(limit))));
      this.end = this.recordEnd();
      if (this.end > 0) return true;
      if (this.state === "source-ended" && this.filled <= this.maxRecordBytes) {
        this.end = this.filled;
        return this.end > 0;
      }
      if (this.filled > this.maxRecordBytes) return this.passOverlong();
      if (this.filled >= limit) limit = Math.min(limit * 2, this.maxRecordBytes + 1);
      else await this.fill(Math.min(this.filled + Math.max(this.filled, OVERRUN), limit));
    }
  }

  /** How far to fill: up to the limit, but not past the end of the split, where another begins. */
  private wanted(limit: number): number {
    return this.state === "source-ended" ? 0 : Math.min(limit, Math.max(this.stop - this.offset, 1));
  }

  /** Behind the last owned record in the buffer; 0 when there is no whole record. */
  private recordEnd(): number {
    const last = this.stop - 1 - this.offset;
    const before = this.ends.last(this.buffer.subarray(0, Math.min(last, this.filled)));
    if (last >= this.filled) return Math.max(before, 0);
    const found = this.ends.first(this.buffer.subarray(0, this.filled));
    if (found < 0) return Math.max(before, 0);
    this.stop = this.offset + found;
    return found;
  }

  private async fill(upTo: number): Promise<boolean> {
    if (this.buffer.length < upTo) {
      const grown = Buffer.allocUnsafeSlow(Math.max(upTo, Math.min(this.buffer.length * 2, this.maxRecordBytes + 1)));
      this.buffer.copy(grown, 0, 0, this.filled);
      this.buffer = grown;
    }
    const reading = this.source.read(this.buffer.subarray(this.filled, upTo));
    const count = typeof reading === "number" ? reading : await reading;
    this.filled += count;
    if (count === 0) this.state = "source-ended";
    return count > 0;
  }

  /** Stands at the start of a record that is too long: keeps the start of it for the error, and goes on behind it. */
  private async passOverlong(): Promise<boolean> {
    const problem = `the record is longer than ${this.maxRecordBytes} bytes (--max-record-size). Allow longer ones, close a quote that was left open, or skip or quarantine bad records`;
    this.overlong = badRecord(this.split.file.path, this.offset, problem, this.buffer.toString("utf8", 0, Math.min(this.filled, 1000)));
    await this.passRecord();
    return true;
  }

  /** Drops what is loaded up to the end of the record, which may be far; a record that begins behind the split is not looked for. */
  private async passRecord(): Promise<void> {
    for (;;) {
      const found = this.ends.first(this.buffer.subarray(0, this.filled));
      if (found >= 0) {
        this.start = this.end = found;
        this.offset += found;
        return;
      }
      if (this.filled > 0) this.ends.restart(this.buffer[this.filled - 1]!);
      this.offset += this.filled;
      this.filled = 0;
      if (this.offset >= this.stop || !(await this.fill(this.wanted(this.chunkBytes)))) return;
    }
  }
}
