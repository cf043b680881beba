import { randomBytes } from "node:crypto";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { frame } from "./frames.js";
import { syncFolder } from "./sync-folder.js";

export const MAGIC = Buffer.from("millrace journal 3\n");

/** A journal that grows at its end. After a failure it must not be written any more. */
export class JournalFile {
  readonly #path: string;
  #handle: FileHandle;
  #bytes = 0;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Makes a journal that holds the payloads; what was there of that name stays until the new one is whole. */
  static async begin(path: string, payloads: readonly Uint8Array[]): Promise<JournalFile> {
    const temporary = `${path}.${randomBytes(4).toString("hex")}.tmp`;
    let handle: FileHandle | undefined;
    try {
      handle = await open(temporary, "wx", 0o600);
      await handle.write(MAGIC);
      const file = new JournalFile(path, handle);
      await file.append(payloads);
      await rename(temporary, path);
      await syncFolder(dirname(path));
      return file;
    } catch (error) {
      await handle?.close();
      await rm(temporary, { force: true });
      throw error;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves when the payloads are durable, each in a frame. */
  async append(payloads: readonly Uint8Array[]): Promise<void> {
    for (const payload of payloads) {
      const framed = frame(payload);
      for (let done = 0; done < framed.length; ) done += (await this.#handle.write(framed, done)).bytesWritten;
      this.#bytes += framed.length;
    }
    await this.#handle.datasync();
  }

  /** Goes on with a new file of the same name that holds the payloads alone; resolves when that is durable. */
  async beginAnew(payloads: readonly Uint8Array[]): Promise<void> {
    const fresh = await JournalFile.begin(this.#path, payloads);
    const before = this.#handle;
    this.#handle = fresh.#handle;
    this.#bytes = fresh.#bytes;
    await before.close();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
