/**
 * The content of a compressed file, decompressed as it is asked for: node:zlib works on one piece of the
 * file at a time and waits while nobody reads. What zlib lets pass is refused here: an empty file, and
 * bytes behind the end that are not zero padding (as tapes and block devices leave). Data that stands before
 * the damage may have been read when the error comes.
 */
import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import type { InputFile } from "../model/split.js";
import { TaskFailure } from "../errors.js";
import { badInput } from "./bad-input.js";
import { PlainSource, type FileSource } from "./plain-source.js";

const PIECE = 256 * 1024;

type Compression = Exclude<InputFile["compression"], "none">;
type Decompressor = Transform & { readonly bytesWritten: number };

const testCommand: Record<Compression, string> = { gzip: "gzip -t", brotli: "brotli -t", zstd: "zstd -t" };

export class UnpackedSource implements FileSource {
  private readonly file: InputFile;
  private readonly compression: Compression;
  private readonly stored: PlainSource;
  private readonly decompressor: Decompressor;
  private readonly pieces: AsyncIterator<Uint8Array, undefined>;
  private piece: Uint8Array = new Uint8Array(0);
  private started = false;
  private ended = false;
  private failure: TaskFailure | undefined;

  constructor(file: InputFile, compression: Compression) {
    this.file = file;
    this.compression = compression;
    this.decompressor = decompressorOf(file.path, compression);
    this.stored = new PlainSource(file, 0);
    if (file.size === 0) {
      this.stored.close();
      throw badInput(file.path, `is empty, not ${compression}: not even the header is there. Make it again, or remove it from the inputs`);
    }
    // An error is thrown by the iterator, where it is awaited; without a listener it would end the process first.
    this.decompressor.on("error", () => {});
    this.pieces = this.decompressor[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
  }

  get storedPosition(): number {
    return Math.min(this.decompressor.bytesWritten, this.file.size);
  }

  read(target: Uint8Array): number | Promise<number> {
    return this.piece.length > 0 ? this.take(target) : this.readNext(target);
  }

  verifyUnchanged(): void {
    this.stored.verifyUnchanged();
  }

  close(): void {
    this.ended = true;
    this.decompressor.destroy();
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
    if (!this.started) {
      this.started = true;
      this.feed().catch((error: unknown) => this.decompressor.destroy(error as Error));
    }
    while (this.piece.length === 0) {
      if (this.ended) return 0;
      const next = await this.pieces.next().catch((error: unknown) => this.refuse(error));
      if (next.done === true) this.finish();
      else this.piece = next.value;
    }
    return this.take(target);
  }

  /** Writes piece after piece to the decompressor, each when the one before has been read as output. */
  private async feed(): Promise<void> {
    for (;;) {
      const piece = new Uint8Array(PIECE);
      const count = this.stored.read(piece);
      if (count === 0) break;
      const error = await new Promise<Error | null | undefined>((resolve) => void this.decompressor.write(piece.subarray(0, count), resolve));
      // What it leaves over lies behind the end of the compressed data: `finish` looks at that.
      if (error || this.decompressor.bytesWritten < this.stored.storedPosition) return;
    }
    this.decompressor.end();
  }

  private finish(): void {
    this.ended = true;
    const rest = new Uint8Array(PIECE);
    this.stored.storedPosition = this.decompressor.bytesWritten;
    for (let count = this.stored.read(rest); count > 0; count = this.stored.read(rest)) {
      if (rest.subarray(0, count).some((byte) => byte !== 0)) this.refuse(new Error("other data stands behind the end of the compressed data"));
    }
  }

  private refuse(error: unknown): never {
    this.failure = error instanceof TaskFailure ? error : this.damage(error);
    throw this.failure;
  }

  /** A file that somebody writes to looks damaged, too: then the change is the cause to name. */
  private damage(error: unknown): TaskFailure {
    this.stored.verifyUnchanged();
    const reason = error instanceof Error ? error.message : String(error);
    return badInput(this.file.path, `is damaged or not ${this.compression}: ${reason}. Test it with ${testCommand[this.compression]}, and make it again`, error);
  }
}

function decompressorOf(path: string, compression: Compression): Decompressor {
  switch (compression) {
    case "gzip":
      return zlib.createGunzip({ chunkSize: PIECE });
    case "brotli":
      return zlib.createBrotliDecompress({ chunkSize: PIECE });
    case "zstd": {
      // Not in the type declarations of the oldest Node that we run on, nor in that Node.
      const { createZstdDecompress } = zlib as { createZstdDecompress?: (options: { chunkSize: number }) => Decompressor };
      if (createZstdDecompress === undefined) {
        throw badInput(path, `is zstd, which needs Node 22.15 or newer; this is Node ${process.versions.node}. Use that, or compress it with gzip`);
      }
      return createZstdDecompress({ chunkSize: PIECE });
    }
  }
}
