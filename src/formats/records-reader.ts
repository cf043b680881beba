/**
 * Reads records of a fixed number of bytes. Record i begins at byte i * size and belongs to the split in
 * which that byte lies. The views handed out are made once and used for chunk after chunk. Who gives the memory
 * that chunks are read into may also take the `rows` records of each from there.
 */
import type { RecordColumns } from "../job/record-batch.js";
import { InvalidJobError, type TaskFailure } from "../errors.js";
import type { Split } from "../model/split.js";
import { badInput } from "./bad-input.js";
import { DEFAULT_CHUNK_BYTES } from "./line-chunks.js";
import { openBytes } from "./open-bytes.js";
import type { FileSource } from "./plain-source.js";
import type { RecordReader } from "./record-reader.js";

const NO_RECORD = new Uint8Array(0);

export class RecordsReader implements RecordReader<Uint8Array> {
  record: Uint8Array = NO_RECORD;
  readonly skipped = 0;
  private readonly split: Split;
  private readonly size: number;
  private readonly source: FileSource;
  private readonly buffer: Uint8Array;
  /** One for each record that the buffer holds, made when the first is asked for. */
  private views: readonly Uint8Array[] | undefined;
  /** Records of the loaded chunk. */
  rows = 0;
  private row = -1;
  /** Content offset of the loaded chunk. */
  private chunkOffset: number;
  /** First byte of the first record of the next split. */
  private readonly stop: number;

  /** `chunk`: how many bytes to load at once, or the memory to load them into. */
  constructor(split: Split, size: number, chunk: number | Uint8Array = DEFAULT_CHUNK_BYTES) {
    const plain = split.file.compression === "none";
    if (plain && split.file.size % size !== 0) throw indivisible(split.file.path, split.file.size, size);
    this.split = split;
    this.size = size;
    this.chunkOffset = Math.ceil(split.start / size) * size;
    this.stop = plain ? Math.ceil(split.end / size) * size : Infinity;
    this.source = openBytes(split.file, this.chunkOffset);
    const wanted = typeof chunk === "number" ? Math.min(chunk, this.stop - this.chunkOffset) : chunk.length;
    const bytes = Math.max(1, Math.floor(wanted / size)) * size;
    this.buffer = typeof chunk === "number" ? new Uint8Array(bytes) : chunk.subarray(0, bytes);
  }

  async advance(): Promise<boolean> {
    this.chunkOffset += this.rows * this.size;
    this.row = -1;
    this.rows = 0;
    this.record = NO_RECORD;
    const wanted = Math.min(this.buffer.length, this.stop - this.chunkOffset);
    let filled = 0;
    while (filled < wanted) {
      const reading = this.source.read(this.buffer.subarray(filled, wanted));
      const count = typeof reading === "number" ? reading : await reading;
      if (count === 0) break;
      filled += count;
    }
    if (filled < wanted || wanted <= 0) this.source.verifyUnchanged();
    if (filled % this.size !== 0) throw indivisible(this.split.file.path, this.chunkOffset + filled, this.size);
    this.rows = filled / this.size;
    return this.rows > 0;
  }

  next(): boolean {
    if (++this.row >= this.rows) return false;
    this.views ??= Array.from({ length: this.buffer.length / this.size }, (_, row) => this.buffer.subarray(row * this.size, (row + 1) * this.size));
    this.record = this.views[this.row]!;
    return true;
  }

  get offset(): number {
    return this.chunkOffset + Math.max(this.row, 0) * this.size;
  }

  get bytesRead(): number {
    const { start, end } = this.split;
    const position = this.stop === Infinity ? this.source.storedPosition : this.chunkOffset + this.rows * this.size;
    return Math.min(Math.max(position, start), end) - start;
  }

  /** Hexadecimal: the bytes need not be text. */
  raw(): string {
    return Buffer.from(this.record).toString("hex");
  }

  columns(): RecordColumns<Uint8Array> {
    throw new InvalidJobError("records(n) has no columns for `mapBatch`: use `map`, which gets one record at a time");
  }

  close(): void {
    this.source.close();
  }
}

function indivisible(path: string, bytes: number, size: number): TaskFailure {
  return badInput(path, `has ${bytes} bytes, which is no multiple of the record size, ${size}: it is cut short, or records(${size}) is not its format`);
}
