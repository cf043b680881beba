/**
 * An inflation is one run of a node:zlib decompressor over a file, from some place to where the compressed
 * data ends: all members of a gzip file, or one zstd frame. It reads the file piece by piece, each when the
 * one before has come out and been taken, so memory stays bounded whatever the data inflates to.
 */
import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import type { InputFile } from "../model/split.js";
import { badInput } from "./bad-input.js";
import type { StoredSource } from "./plain-source.js";

export const PIECE = 256 * 1024;

export type Compression = Exclude<InputFile["compression"], "none">;
type Decompressor = Transform & { readonly bytesWritten: number };

export class Inflation {
  private readonly stored: StoredSource;
  private readonly start: number;
  private readonly decompressor: Decompressor;
  private readonly pieces: AsyncIterator<Uint8Array, undefined>;
  private feeding: Promise<void> | undefined;

  constructor(path: string, compression: Compression, stored: StoredSource, start: number) {
    this.stored = stored;
    this.start = start;
    this.decompressor = decompressorOf(path, compression);
    // An error is thrown by the iterator, where it is awaited; without a listener it would end the process first.
    this.decompressor.on("error", () => {});
    this.pieces = this.decompressor[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
  }

  /** Where in the file the decompressor stands; behind the last piece, where the compressed data ends. */
  get position(): number {
    return this.start + this.decompressor.bytesWritten;
  }

  /** The next decompressed bytes; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    this.feeding ??= this.feed().catch((error: unknown) => void this.decompressor.destroy(error as Error));
    const next = await this.pieces.next();
    return next.done === true ? undefined : next.value;
  }

  close(): void {
    this.decompressor.destroy();
  }

  private async feed(): Promise<void> {
    for (let fed = this.start; ; ) {
      const piece = new Uint8Array(PIECE);
      const count = await this.stored.readAt(piece, fed);
      if (count === 0) break;
      fed += count;
      const error = await new Promise<Error | null | undefined>((resolve) => void this.decompressor.write(piece.subarray(0, count), resolve));
      // What it leaves over lies behind the end of the compressed data and is not for it.
      if (error || this.position < fed) return;
    }
    this.decompressor.end();
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
