/**
 * Reads lines. A chunk becomes one string, and each line a substring of it, which V8 makes without copying:
 * about 2 GB/s of ASCII. (So a line that is kept keeps its chunk alive.) Invalid UTF-8 becomes U+FFFD.
 * Byte offsets are worked out when somebody asks: in text that is not ASCII by walking the newlines, which
 * are the same in bytes and in characters whatever stands between them.
 */
import { isAscii } from "node:buffer";
import type { RecordColumns, Utf8Column } from "../job/record-batch.js";
import type { Split } from "../model/split.js";
import { LineChunks, type ChunkOptions } from "./line-chunks.js";
import { LineColumn } from "./line-column.js";
import type { RecordReader } from "./record-reader.js";
import { utf8Text } from "../columnar/utf8-text.js";

export class TextReader implements RecordReader<string> {
  readonly skipped = 0;
  readonly path: string;
  private readonly chunks: LineChunks;
  private column: LineColumn | undefined;
  /** The chunk, from the first call of `next` on. */
  private text = "";
  private decoded = true;
  /** Where the current record begins and ends in `text`, and where the next one begins. */
  private at = 0;
  private end = 0;
  private nextAt = 0;
  /** The current record when it is one that could not be read. */
  private bad: { readonly offset: number; readonly text: string } | undefined;
  private ascii = true;
  /** A line start known both in characters and in bytes, from which offsets are counted. */
  private knownAt = 0;
  private knownByte = 0;

  constructor(split: Split, options: ChunkOptions) {
    this.chunks = new LineChunks(split, options);
    this.path = split.file.path;
  }

  async advance(): Promise<boolean> {
    this.text = "";
    this.decoded = true;
    this.at = this.end = this.nextAt = 0;
    this.knownAt = this.knownByte = 0;
    this.bad = undefined;
    if (!(await this.chunks.load())) return false;
    this.decoded = false;
    return true;
  }

  next(): boolean {
    const { text, nextAt } = this;
    if (nextAt >= text.length) return this.decode() && this.next();
    this.at = nextAt;
    let end = text.indexOf("\n", nextAt);
    if (end < 0) {
      end = text.length;
      this.nextAt = end;
    } else {
      this.nextAt = end + 1;
      if (end > nextAt && text.charCodeAt(end - 1) === 13) end--;
    }
    this.end = end;
    return true;
  }

  /** Made on demand: keeping the young string in this old object would cost a third of the speed. */
  get record(): string {
    return this.text.substring(this.at, this.end);
  }

  get offset(): number {
    if (this.bad !== undefined) return this.bad.offset;
    if (this.ascii) return this.chunks.offset + this.at;
    const { buffer, start } = this.chunks;
    while (this.knownAt < this.at) {
      this.knownAt = this.text.indexOf("\n", this.knownAt) + 1;
      this.knownByte = buffer.indexOf(10, start + this.knownByte) + 1 - start;
    }
    return this.chunks.offset + this.knownByte;
  }

  get bytesRead(): number {
    return this.chunks.bytesRead;
  }

  raw(): string {
    return this.bad?.text ?? this.record;
  }

  columns(): RecordColumns<string> {
    this.refuseOverlong();
    const { buffer, start, end } = this.chunks;
    this.column ??= new LineColumn();
    const line: Utf8Column = this.column.fill(buffer, start, end);
    return { length: line.length, columns: { line } };
  }

  /** The loaded chunk: whole lines with their endings. */
  chunk(): Buffer {
    this.refuseOverlong();
    const { buffer, start, end } = this.chunks;
    return buffer.subarray(start, end);
  }

  /** The same as it lies in its buffer. */
  loaded(): Pick<LineChunks, "buffer" | "start" | "end" | "offset"> {
    this.refuseOverlong();
    return this.chunks;
  }

  close(): void {
    this.chunks.close();
  }

  private decode(): boolean {
    this.refuseOverlong();
    if (this.decoded) return false;
    this.decoded = true;
    const { buffer, start, end } = this.chunks;
    this.ascii = isAscii(buffer.subarray(start, end));
    this.text = this.ascii ? buffer.toString("latin1", start, end) : utf8Text(buffer, start, end);
    return end > start;
  }

  private refuseOverlong(): void {
    const { overlong } = this.chunks;
    if (overlong === undefined || this.bad !== undefined) return;
    this.bad = { offset: overlong.offset, text: overlong.record };
    throw overlong;
  }
}
