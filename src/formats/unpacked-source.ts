/**
 * The content of a compressed file, decompressed as it is asked for. What zlib lets pass is refused here: an
 * empty file, and bytes behind the end that are not zero padding (as tapes and block devices leave). Data
 * that stands before the damage may have been read when the error comes. Zstd written without checksums (the
 * zstd tool writes them) does not show every flipped bit, and brotli has none.
 */
import { TaskFailure } from "../errors.js";
import type { InputFile } from "../model/split.js";
import { badInput } from "./bad-input.js";
import { Inflation, PIECE, type Compression } from "./inflation.js";
import type { FileSource, StoredSource } from "./plain-source.js";
import { openStored } from "./stored-source.js";

const testCommand: Record<Compression, string> = { gzip: "gzip -t", brotli: "brotli -t", zstd: "zstd -t" };

export class UnpackedSource implements FileSource {
  private readonly file: InputFile;
  private readonly compression: Compression;
  private readonly stored: StoredSource;
  private inflation: Inflation;
  private piece: Uint8Array = new Uint8Array(0);
  private ended = false;
  private failure: TaskFailure | undefined;

  constructor(file: InputFile, compression: Compression) {
    this.file = file;
    this.compression = compression;
    this.stored = openStored(file, 0);
    try {
      if (file.size === 0) throw badInput(file.path, `is empty, not ${compression}: not even the header is there. Make it again, or remove it from the inputs`);
      this.inflation = new Inflation(file.path, compression, this.stored, 0);
    } catch (error) {
      this.stored.close();
      throw error;
    }
  }

  get storedPosition(): number {
    return this.inflation.position;
  }

  read(target: Uint8Array): number | Promise<number> {
    return this.piece.length > 0 ? this.take(target) : this.readNext(target);
  }

  verifyUnchanged(): void {
    this.stored.verifyUnchanged();
  }

  close(): void {
    this.ended = true;
    this.inflation.close();
    this.stored.close();
  }

  private take(target: Uint8Array): number {
    const count = Math.min(target.length, this.piece.length);
    target.set(this.piece.subarray(0, count));
    this.piece = this.piece.subarray(count);
    return count;
  }

  private async readNext(target: Uint8Array): Promise<number> {
    if (this.failure !== undefined) throw this.failure;
    while (this.piece.length === 0) {
      if (this.ended) return 0;
      try {
        const next = await this.inflation.next();
        if (next === undefined) await this.passEnd();
        else this.piece = next;
      } catch (error) {
        this.failure = this.explain(error);
        throw this.failure;
      }
    }
    return this.take(target);
  }

  /** Goes on with the next zstd frame, or makes sure that nothing but padding follows. (Zlib itself goes from gzip member to member.) */
  private async passEnd(): Promise<void> {
    let { position } = this.inflation;
    const rest = new Uint8Array(PIECE);
    let count = await this.stored.readAt(rest, position);
    if (this.compression === "zstd" && startsZstdFrame(rest, count)) {
      this.inflation.close();
      this.inflation = new Inflation(this.file.path, "zstd", this.stored, position);
      return;
    }
    for (; count > 0; count = await this.stored.readAt(rest, position)) {
      if (rest.subarray(0, count).some((byte) => byte !== 0)) throw new Error("other data stands behind the end of the compressed data");
      position += count;
    }
    this.ended = true;
  }

  /** A file that somebody writes to looks damaged, too: then the change is the cause to name. */
  private explain(error: unknown): TaskFailure {
    if (error instanceof TaskFailure) return error;
    try {
      this.stored.verifyUnchanged();
    } catch (change) {
      if (change instanceof TaskFailure) return change;
    }
    const reason = error instanceof Error ? error.message : String(error);
    return badInput(this.file.path, `is damaged or not ${this.compression}: ${reason}. Test it with ${testCommand[this.compression]}, and make it again`, error);
  }
}

/** Magic numbers of RFC 8878: a frame, or a skippable frame. */
function startsZstdFrame(bytes: Uint8Array, count: number): boolean {
  if (count < 4) return false;
  const magic = Buffer.from(bytes.buffer, 0, 4).readUInt32LE();
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50;
}
