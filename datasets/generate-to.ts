import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { findGenerator } from "./generators/kinds.js";

const CHUNK_BYTES = 4 * 1024 * 1024;
const encoder = new TextEncoder();

export interface GenerateOptions {
  kind: string;
  /** The file ends with the record that reaches this size. */
  bytes: number;
  seed: number;
  /** Called with the bytes made so far, after every 4 MiB. */
  onProgress?: (bytes: number) => void;
  /** Stops early: nothing is left behind and the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Writes a dataset to a file, in bounded memory: one chunk is filled while the other is written. The file has a
 * temporary name beside `path` until it is whole; a file that already has that name is then replaced.
 */
export async function generateTo(path: string, options: GenerateOptions): Promise<{ records: number; bytes: number }> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const made = await writeRecords(temporary, options);
    await rename(temporary, path);
    return made;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeRecords(path: string, options: GenerateOptions): Promise<{ records: number; bytes: number }> {
  const generator = findGenerator(options.kind);
  const writer = generator.open(options.seed);
  let filling = new Uint8Array(CHUNK_BYTES + generator.maxRecordBytes);
  let spare = new Uint8Array(filling.length);
  let at = encoder.encodeInto(generator.header ?? "", filling).written;
  let records = 0;
  let written = 0;

  const file = await open(path, "w");
  let pending: Promise<unknown> = Promise.resolve();
  try {
    for (;;) {
      const wanted = Math.min(options.bytes - written, CHUNK_BYTES);
      while (at < wanted) at = writer.write(records++, filling, at);
      await pending;
      options.signal?.throwIfAborted();
      const chunk = filling.subarray(0, at);
      written += at;
      options.onProgress?.(written);
      if (written >= options.bytes) {
        await writeAll(file, chunk);
        return { records, bytes: written };
      }
      pending = writeAll(file, chunk);
      [filling, spare] = [spare, filling];
      at = 0;
    }
  } finally {
    await pending.catch(() => undefined);
    await file.close();
  }
}

/** FileHandle.writeFile would come back to this thread after each half megabyte, while it is busy with the next chunk. */
async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten;
}
