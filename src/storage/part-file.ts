import { closeSync, openSync, rmSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { errnoOf, writeFailure } from "./write-failure.js";
import { writePieces } from "./write-pieces.js";

/** Gathers what is short; the checksum is cheapest over bytes that are still in the cache. */
const BUFFER_BYTES = 64 * 1024;

/**
 * A part file is written front to back by one attempt, under the attempt's own name. It is whole once `finish` has
 * returned, and it may count once `makeDurable` has resolved, too; after an error or `abandon` nothing of it remains.
 * Errors are TaskFailures of kind `disk-full` or `io-error`. Calls block: they run on the threads of an executor.
 */
export class PartFile {
  readonly path: string;
  #descriptor: number | undefined;
  /** Made when something comes, for thousands of parts may be empty. */
  #buffer: Uint8Array | undefined;
  #buffered = 0;
  #bytes = 0;
  #crc = 0;

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  /** Replaces a file of the same name: were a former process still writing that one, it would not touch ours. */
  static create(path: string): PartFile {
    try {
      return new PartFile(path, createNew(path));
    } catch (error) {
      throw writeFailure(error, path);
    }
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes + this.#buffered;
  }

  /** The caller may reuse `bytes` at once. */
  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#buffered + bytes.length > BUFFER_BYTES) this.#flush();
    if (bytes.length >= BUFFER_BYTES) return this.#writeThrough(bytes);
    this.#buffer ??= new Uint8Array(BUFFER_BYTES);
    this.#buffer.set(bytes, this.#buffered);
    this.#buffered += bytes.length;
  }

  /** Ends the content, which is not durable yet. */
  finish(): { readonly bytes: number; readonly crc32: string } {
    this.#flush();
    const descriptor = this.#open();
    this.#descriptor = undefined;
    try {
      closeSync(descriptor);
    } catch (error) {
      this.abandon();
      throw writeFailure(error, this.path);
    }
    return { bytes: this.#bytes, crc32: hexCrc(this.#crc) };
  }

  /** Removes the file, finished or not. Safe to call again. */
  abandon(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    this.#buffered = 0;
    try {
      if (descriptor !== undefined) closeSync(descriptor);
    } catch {
      // The file goes away all the same.
    }
    try {
      rmSync(this.path, { force: true });
    } catch {
      // A leftover in the staging folder; the commit or the next run sweeps it.
    }
  }

  #flush(): void {
    if (this.#buffer === undefined || this.#buffered === 0) return;
    const bytes = this.#buffer.subarray(0, this.#buffered);
    this.#buffered = 0;
    this.#writeThrough(bytes);
  }

  #writeThrough(bytes: Uint8Array): void {
    const descriptor = this.#open();
    this.#crc = crc32(bytes, this.#crc);
    try {
      writePieces(descriptor, [bytes], this.#bytes);
    } catch (error) {
      this.abandon();
      throw writeFailure(error, this.path);
    }
    this.#bytes += bytes.length;
  }

  #open(): number {
    if (this.#descriptor === undefined) throw new Error(`${this.path} is finished or abandoned`);
    return this.#descriptor;
  }
}

function createNew(path: string): number {
  try {
    return openSync(path, "wx");
  } catch (error) {
    // There mostly is none, and then to look for one first would take longer than to make ours.
    if (errnoOf(error) !== "EEXIST") throw error;
    rmSync(path, { force: true });
    return openSync(path, "wx");
  }
}

/** CRC-32 as manifests show it: 8 lower-case hex digits. */
function hexCrc(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}

/** Makes a finished part's content durable; its name is made so by the commit. Rejects with TaskFailure, and then nothing of it remains. */
export async function makeDurable(path: string): Promise<void> {
  try {
    const file = await open(path, "r+");
    try {
      // When it fails the kernel may have dropped the pages, so the file is given up and not synced again.
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(path, { force: true }).catch(() => {});
    throw writeFailure(error, path);
  }
}
