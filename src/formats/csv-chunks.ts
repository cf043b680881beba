/**
 * CSV chunks are the records of one split, about 1 MiB at a time: each chunk begins and ends where a record
 * does. A record belongs to the split in which its first byte lies. Where a split begins inside a record (in
 * the state that the survey found) the rest of that record is passed over; past its end a split is read only
 * to finish its last record. A record of more than `maxRecordBytes` is passed over in bounded memory.
 */
import { constants } from "node:buffer";
import { badRecord } from "./bad-input.js";
import type { BadRecordError } from "../errors.js";
import type { Split } from "../model/split.js";
import type { CsvState } from "../model/task.js";
import { CsvScan } from "./csv-scan.js";
import { DEFAULT_CHUNK_BYTES, type ChunkOptions } from "./line-chunks.js";
import { openBytes } from "./open-bytes.js";
import type { FileSource } from "./plain-source.js";

export interface CsvChunkOptions extends ChunkOptions {
  readonly csvState?: CsvState;
}

const OVERRUN = 64 * 1024;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export class CsvChunks {
  readonly path: string;
  /** The chunk is buffer[start..end), and byte `start` stands at `offset` of the content. */
  buffer: Buffer;
  start = 0;
  end = 0;
  offset: number;
  /** Set in place of a chunk that would be one record of more than `maxRecordBytes`. */
  overlong: BadRecordError | undefined;

  readonly #source: FileSource;
  readonly #split: Split;
  readonly #maxRecordBytes: number;
  readonly #chunkBytes: number;
  readonly #delimiter: string;
  readonly #csvState: CsvState;
  /** First content offset that belongs to the next split. */
  #stop: number;
  #scan: CsvScan;
  /** Loaded bytes are buffer[..filled), of which buffer[..scanned) went through the scan. */
  #filled = 0;
  #scanned = 0;
  #state: "new" | "reading" | "source-ended" | "done" = "new";

  constructor(split: Split, delimiter: string, options: CsvChunkOptions) {
    this.#split = split;
    this.path = split.file.path;
    this.#delimiter = delimiter;
    this.#csvState = options.csvState ?? "plain";
    this.#maxRecordBytes = Math.max(2, Math.min(options.maxRecordBytes, constants.MAX_STRING_LENGTH - 1));
    this.#chunkBytes = Math.max(3, Math.min(options.chunkBytes ?? DEFAULT_CHUNK_BYTES, this.#maxRecordBytes + 1));
    this.#stop = split.file.compression === "none" ? split.end : Infinity;
    this.offset = Math.max(0, split.start - 1);
    this.#scan = new CsvScan(delimiter, "plain", undefined);
    this.#source = openBytes(split.file, this.offset);
    this.buffer = Buffer.allocUnsafeSlow(this.#chunkBytes);
  }

  /** Bytes of the split that lie behind the loaded chunk's end. */
  get bytesRead(): number {
    const { start, end } = this.#split;
    const position = this.#stop === Infinity ? this.#source.storedPosition : this.offset + this.end - this.start;
    return this.#state === "done" ? end - start : Math.min(Math.max(position, start), end) - start;
  }

  /** Loads the next chunk; false behind the last one. */
  async load(): Promise<boolean> {
    if (this.#state === "new") await this.#begin();
    this.overlong = undefined;
    this.#dropLoaded();
    if (this.#state !== "done" && this.offset < this.#stop && (await this.#fillToRecordEnd())) return true;
    if (this.#state !== "done") {
      this.#state = "done";
      this.#source.verifyUnchanged();
    }
    return false;
  }

  close(): void {
    this.#state = "done";
    this.#source.close();
  }

  async #begin(): Promise<void> {
    this.#state = "reading";
    while (this.#filled < BYTE_ORDER_MARK.length && (await this.#fill(BYTE_ORDER_MARK.length)));
    if (this.#split.start > 0) {
      if (this.#filled === 0) return;
      this.#scan = new CsvScan(this.#delimiter, this.#csvState, this.buffer[0]);
      this.#skip(1);
      this.#scanned = this.end;
      if (!this.#scan.atRecordStart) await this.#passRecord();
    } else if (this.#filled >= 3 && BYTE_ORDER_MARK.compare(this.buffer, 0, 3) === 0) {
      this.#skip(3);
      this.#scanned = this.end;
      // The first record begins with the mark: a split that ends inside the mark owns it.
      if (this.#stop > 0) this.#stop = Math.max(this.#stop, 4);
    }
  }

  /** Leaves out the first bytes that are loaded. */
  #skip(count: number): void {
    this.start = this.end = count;
    this.offset += count;
  }

  /** Moves the beginning of the next chunk to the front of the buffer. */
  #dropLoaded(): void {
    this.offset += this.end - this.start;
    const rest = this.#filled - this.end;
    if (this.buffer.length > this.#chunkBytes && rest < this.#chunkBytes) {
      const { buffer } = this;
      this.buffer = Buffer.allocUnsafeSlow(this.#chunkBytes);
      buffer.copy(this.buffer, 0, this.end, this.#filled);
    } else if (rest > 0 && this.end > 0) {
      this.buffer.copyWithin(0, this.end, this.#filled);
    }
    this.#scanned = Math.max(0, this.#scanned - this.end);
    this.#filled = rest;
    this.start = this.end = 0;
  }

  /** Reads until the buffer holds whole records, and sets `end` behind the last of them that this split owns. */
  async #fillToRecordEnd(): Promise<boolean> {
    let limit = this.#chunkBytes;
    for (;;) {
      while (this.#filled < this.#wanted(limit) && (await this.#fill(this.#wanted(limit))));
      this.end = Math.max(0, this.#recordEnd());
      if (this.end > 0) return true;
      if (this.#state === "source-ended" && this.#filled <= this.#maxRecordBytes) {
        this.end = this.#filled;
        return this.end > 0;
      }
      if (this.#filled > this.#maxRecordBytes) return this.#passOverlong();
      if (this.#filled >= limit) limit = Math.min(limit * 2, this.#maxRecordBytes + 1);
      else await this.#fill(Math.min(this.#filled + Math.max(this.#filled, OVERRUN), limit));
    }
  }

  /** How far to fill: up to the limit, but not past the end of the split, where another begins. */
  #wanted(limit: number): number {
    return this.#state === "source-ended" ? 0 : Math.min(limit, Math.max(this.#stop - this.offset, 1));
  }

  /** Scans what is new in the buffer; gives the end of the last owned record in it, or -1. */
  #recordEnd(): number {
    const own = Math.min(this.#filled, this.#stop - 1 - this.offset);
    let end = -1;
    if (this.#scanned < own) {
      end = this.#scan.lastRecordEnd(this.buffer, this.#scanned, own);
      this.#scanned = own;
    }
    if (this.#scanned >= this.#filled) return end;
    const last = this.#scan.firstRecordEnd(this.buffer, this.#scanned, this.#filled);
    this.#scanned = last < 0 ? this.#filled : last;
    if (last < 0) return end;
    this.#stop = this.offset + last;
    return last;
  }

  async #fill(upTo: number): Promise<boolean> {
    if (this.buffer.length < upTo) {
      const grown = Buffer.allocUnsafeSlow(Math.max(upTo, Math.min(this.buffer.length * 2, this.#maxRecordBytes + 1)));
      this.buffer.copy(grown, 0, 0, this.#filled);
      this.buffer = grown;
    }
    const reading = this.#source.read(this.buffer.subarray(this.#filled, upTo));
    const count = typeof reading === "number" ? reading : await reading;
    this.#filled += count;
    if (count === 0) this.#state = "source-ended";
    return count > 0;
  }

  /** Stands at the start of a record that is too long: keeps the start of it for the error, and goes on behind it. */
  async #passOverlong(): Promise<boolean> {
    const problem = `the record is longer than ${this.#maxRecordBytes} bytes (--max-record-size); is a closing quote missing? Allow longer records, or skip or quarantine bad ones`;
    this.overlong = badRecord(this.path, this.offset, problem, this.buffer.toString("utf8", 0, Math.min(this.#filled, 1000)));
    this.#scanned = this.#filled;
    await this.#passRecord();
    return true;
  }

  /** Drops what is loaded up to the end of the record that the scan is in. */
  async #passRecord(): Promise<void> {
    for (;;) {
      const found = this.#scanned < this.#filled ? this.#scan.firstRecordEnd(this.buffer, this.#scanned, this.#filled) : -1;
      if (found >= 0) {
        this.offset += found - this.start;
        this.start = this.end = this.#scanned = found;
        return;
      }
      this.offset += this.#filled - this.start;
      this.#filled = this.#scanned = this.start = this.end = 0;
      if (this.offset >= this.#stop || !(await this.#fill(this.#wanted(this.#chunkBytes)))) return;
    }
  }
}
