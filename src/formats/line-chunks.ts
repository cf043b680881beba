/**
 * Line chunks are the lines of one split, about 120 KiB at a time: each chunk begins and ends where a line
 * does. A line belongs to the split in which its first byte lies, so the reader of [start, end) begins at
 * start - 1 and passes over the first newline at or behind it, and reads past `end` only to finish its last
 * line. Only `\n` ends a line. A byte order mark at the start of the file is dropped.
 *
 * A line of more than `maxRecordBytes` (without its newline) is passed over in bounded memory and stands as
 * a chunk of its own with `overlong` set. Chunks share one buffer: each is valid until the next is loaded.
 */
import { constants } from "node:buffer";
import { badRecord } from "./bad-input.js";
import type { BadRecordError } from "../errors.js";
import type { Split } from "../model/split.js";
import { LONGEST_SMALL_TEXT } from "../columnar/utf8-text.js";
import type { KeptFile } from "./kept-file.js";
import { openBytes } from "./open-bytes.js";
import type { FileSource } from "./plain-source.js";

export interface ChunkOptions {
  /** Longest record, in bytes; a longer one is a bad record. */
  readonly maxRecordBytes: number;
  /** Bytes to load at once. Default 120 KiB. */
  readonly chunkBytes?: number;
  /** Gives the memory of chunks that are no larger than `chunkBytes`. Default: fresh memory. */
  readonly allocate?: ((size: number) => Buffer) | undefined;
  /** What the reader before has left open, and takes this one's file. */
  readonly keptFile?: KeptFile | undefined;
}

/** A chunk becomes one string. */
export const DEFAULT_CHUNK_BYTES = LONGEST_SMALL_TEXT;

/** First step of reading behind the end of the split, for its last line; further ones double. */
const OVERRUN = 1024;
const NEWLINE = 10;
export const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export class LineChunks {
  readonly path: string;
  /** The chunk is buffer[start..end), and byte `start` stands at `offset` of the content. */
  buffer: Buffer;
  start = 0;
  end = 0;
  offset: number;
  /** Set in place of a chunk that would be one line of more than `maxRecordBytes`. */
  overlong: BadRecordError | undefined;

  private readonly source: FileSource;
  private readonly split: Split;
  private readonly maxRecordBytes: number;
  private readonly chunkBytes: number;
  private readonly allocate: (size: number) => Buffer;
  /** First content offset that belongs to the next split. */
  private stop: number;
  /** Loaded bytes are buffer[..filled); those behind `end` begin the next chunk. */
  private filled = 0;
  private state: "new" | "reading" | "source-ended" | "done" = "new";

  constructor(split: Split, options: ChunkOptions) {
    this.split = split;
    this.path = split.file.path;
    // Not more, because a chunk becomes one string; not less, because the byte order mark is looked for in 3 bytes.
    this.maxRecordBytes = Math.max(2, Math.min(options.maxRecordBytes, constants.MAX_STRING_LENGTH - 1));
    // A line that is too long, with its newline, must not fit into a chunk: so nobody else has to measure lines.
    this.chunkBytes = Math.max(1, Math.min(options.chunkBytes ?? DEFAULT_CHUNK_BYTES, this.maxRecordBytes + 1));
    this.stop = split.file.compression === "none" ? split.end : Infinity;
    this.offset = Math.max(0, split.start - 1);
    this.source = openBytes(split.file, this.offset, options.keptFile);
    this.allocate = options.allocate ?? Buffer.allocUnsafe;
    // Memory of Node's grows when it must, so a small split does not pay for a large buffer.
    this.buffer = this.allocate(options.allocate === undefined ? Math.min(this.chunkBytes, this.stop - this.offset + OVERRUN) : this.chunkBytes);
  }

  /** Bytes of the split that lie behind the loaded chunk's end. */
  get bytesRead(): number {
    const { start, end } = this.split;
    const position = this.stop === Infinity ? this.source.storedPosition : this.offset + this.end - this.start;
    return this.state === "done" ? end - start : Math.min(Math.max(position, start), end) - start;
  }

  /** Loads the next chunk; false behind the last one. */
  async load(): Promise<boolean> {
    if (this.state === "new") await this.begin();
    this.overlong = undefined;
    this.dropLoaded();
    if (this.state !== "done" && this.offset < this.stop && (await this.fillToLineEnd())) return true;
    this.finish();
    return false;
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

  private async begin(): Promise<void> {
    this.state = "reading";
    if (this.split.start > 0) return this.passLine();
    while (this.filled < BYTE_ORDER_MARK.length && (await this.fill(BYTE_ORDER_MARK.length)));
    if (this.filled < 3 || BYTE_ORDER_MARK.compare(this.buffer, 0, 3) !== 0) return;
    this.start = this.end = 3;
    this.offset = 3;
    // The first line begins with the mark: a split that ends inside the mark owns it.
    if (this.stop > 0) this.stop = Math.max(this.stop, 4);
  }

  /** Moves the beginning of the next chunk to the front of the buffer. */
  private dropLoaded(): void {
    this.offset += this.end - this.start;
    const rest = this.filled - this.end;
    if (this.buffer.length > this.chunkBytes && rest < this.chunkBytes) {
      // The room that one long line took is given back.
      const { buffer } = this;
      this.buffer = this.allocate(this.chunkBytes);
      buffer.copy(this.buffer, 0, this.end, this.filled);
    } else if (rest > 0 && this.end > 0) {
      this.buffer.copyWithin(0, this.end, this.filled);
    }
    this.filled = rest;
    this.start = this.end = 0;
  }

  /** Reads until the buffer holds whole lines, and sets `end` behind the last of them that this split owns. */
  private async fillToLineEnd(): Promise<boolean> {
    let limit = this.chunkBytes;
    for (;;) {
      while (this.filled < this.wanted(limit) && (await this.fill(this.wanted(limit))));
      this.end = this.lineEnd();
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

  /** Behind the last owned line in the buffer; 0 when there is no whole line. */
  private lineEnd(): number {
    const last = this.stop - 1 - this.offset;
    if (last < this.filled) {
      const found = this.newlineFrom(Math.max(last, 0));
      if (found >= 0) {
        this.stop = this.offset + found + 1;
        return found + 1;
      }
    }
    return this.filled === 0 ? 0 : this.buffer.lastIndexOf(NEWLINE, this.filled - 1) + 1;
  }

  private newlineFrom(at: number): number {
    const found = this.buffer.indexOf(NEWLINE, at);
    return found < this.filled ? found : -1;
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

  /** Stands at the start of a line that is too long: keeps the start of it for the error, and goes on behind it. */
  private async passOverlong(): Promise<boolean> {
    const problem = `the record is longer than ${this.maxRecordBytes} bytes (--max-record-size). Allow longer ones, or skip or quarantine bad records`;
    this.overlong = badRecord(this.path, this.offset, problem, this.buffer.toString("utf8", 0, Math.min(this.filled, 1000)));
    await this.passLine();
    return true;
  }

  /** Drops what is loaded up to the next newline, which may be far; a line that begins behind the split is not looked for. */
  private async passLine(): Promise<void> {
    for (;;) {
      const found = this.newlineFrom(0);
      if (found >= 0) {
        this.start = this.end = found + 1;
        this.offset += found + 1;
        return;
      }
      this.offset += this.filled;
      this.filled = 0;
      if (this.offset >= this.stop || !(await this.fill(this.wanted(this.chunkBytes)))) return;
    }
  }
}
