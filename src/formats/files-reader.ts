/**
 * Gives a whole file as one record. A plain file is read when its text or bytes are asked for; a compressed
 * or shipped one, which cannot be read without waiting, before the record is given.
 */
import type { WholeFile } from "../job/dataset.js";
import type { RecordColumns } from "../job/record-batch.js";
import { InvalidJobError } from "../errors.js";
import type { InputFile, Split } from "../model/split.js";
import { badInput, badRecord } from "./bad-input.js";
import { DEFAULT_CHUNK_BYTES } from "./line-chunks.js";
import { openBytes } from "./open-bytes.js";
import { PlainSource } from "./plain-source.js";
import type { RecordReader } from "./record-reader.js";

export class FilesReader implements RecordReader<WholeFile> {
  readonly offset = 0;
  readonly skipped = 0;
  private readonly file: InputFile;
  private readonly maxRecordBytes: number;
  private current: WholeFile | undefined;
  /** Content of a compressed file; "too-long" when there is more than a record may have. */
  private content: Uint8Array | "too-long" | undefined;
  private state: "new" | "loaded" | "done" = "new";

  constructor(split: Split, maxRecordBytes: number) {
    this.file = split.file;
    this.maxRecordBytes = maxRecordBytes;
  }

  async advance(): Promise<boolean> {
    if (this.state !== "new") return false;
    this.state = "loaded";
    const { file, maxRecordBytes } = this;
    if (file.compression === "none" && file.size > maxRecordBytes) this.content = "too-long";
    else if (file.compression !== "none" || file.remote !== undefined) this.content = await readContent(file, maxRecordBytes);
    return true;
  }

  next(): boolean {
    if (this.state !== "loaded") return false;
    this.state = "done";
    if (this.content === "too-long") {
      const problem = `the file is one record and longer than ${this.maxRecordBytes} bytes (--max-record-size). Allow longer ones, or skip or quarantine bad records`;
      throw badRecord(this.file.path, 0, problem, "");
    }
    this.current = new LazyFile(this.file, this.content);
    return true;
  }

  get record(): WholeFile {
    if (this.current === undefined) throw new RangeError("There is no record before next()");
    return this.current;
  }

  get bytesRead(): number {
    return this.state === "done" ? this.file.size : 0;
  }

  raw(): string {
    return this.file.path;
  }

  columns(): RecordColumns<WholeFile> {
    throw new InvalidJobError("files() has no columns for `mapBatch`: use `map`, which gets one file at a time");
  }

  close(): void {
    this.state = "done";
  }
}

class LazyFile implements WholeFile {
  readonly path: string;
  private readonly file: InputFile;
  private content: Uint8Array | undefined;
  private decoded: string | undefined;

  constructor(file: InputFile, content: Uint8Array | undefined) {
    this.path = file.path;
    this.file = file;
    this.content = content;
  }

  get bytes(): Uint8Array {
    this.content ??= readPlain(this.file);
    return this.content;
  }

  get text(): string {
    this.decoded ??= decode(this.path, this.bytes);
    return this.decoded;
  }
}

/** TextDecoder drops a byte order mark. */
function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder().decode(bytes);
  } catch (error) {
    throw badInput(path, `has ${bytes.length} bytes, too many for one string: use its bytes`, error);
  }
}

function readPlain(file: InputFile): Uint8Array {
  const source = new PlainSource(file, 0);
  try {
    const bytes = new Uint8Array(file.size);
    let filled = 0;
    for (let count = 1; count > 0 && filled < file.size; filled += count) count = source.read(bytes.subarray(filled));
    source.verifyUnchanged();
    return bytes;
  } finally {
    source.close();
  }
}

async function readContent(file: InputFile, limit: number): Promise<Uint8Array | "too-long"> {
  const source = openBytes(file, 0);
  try {
    const pieces: Uint8Array[] = [];
    let total = 0;
    for (;;) {
      const piece = new Uint8Array(DEFAULT_CHUNK_BYTES);
      const count = await source.read(piece);
      if (count === 0) break;
      total += count;
      if (total > limit) return "too-long";
      pieces.push(piece.slice(0, count));
    }
    source.verifyUnchanged();
    return Buffer.concat(pieces, total);
  } finally {
    source.close();
  }
}
