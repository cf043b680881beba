/**
 * The bytes of a file as they are stored, read at explicit positions. The file must be the one that the
 * splits were planned on: size and modification time are compared when it is opened and, by
 * `verifyUnchanged`, when the reader has come to its end. One that the reader before has just found unchanged need
 * not be opened again (kept-file.ts).
 */
import { closeSync, fstatSync, openSync, readSync, statSync, type BigIntStats } from "node:fs";
import type { InputFile } from "../model/split.js";
import { errnoOf } from "../storage/write-failure.js";
import { inputChanged, unreadable } from "./bad-input.js";
import type { ByteSource } from "./byte-source.js";
import type { KeptFile } from "./kept-file.js";

/** A byte source over a file of known size and modification time. */
export interface FileSource extends ByteSource {
  /** Stored bytes that lie behind the reader: the file position, also for compressed files. */
  readonly storedPosition: number;
  /** Throws `input-changed` when the file is no longer as it was planned. To be called when all has been read. */
  verifyUnchanged(): void;
}

/** The bytes of a file as they are stored, which can also be read at any place. */
export interface StoredSource extends FileSource {
  /** Leaves `storedPosition` alone. */
  readAt(target: Uint8Array, position: number): number | Promise<number>;
}

export class PlainSource implements StoredSource {
  storedPosition: number;
  private readonly file: InputFile;
  private readonly opened: BigIntStats;
  private readonly kept: KeptFile | undefined;
  private fd: number;
  private mayBeKept = false;

  constructor(file: InputFile, start: number, kept?: KeptFile) {
    this.file = file;
    this.storedPosition = start;
    this.kept = kept;
    const open = kept?.take(file.path);
    if (open !== undefined) {
      this.fd = open.descriptor;
      this.opened = open.opened;
      return;
    }
    this.fd = this.attempt("opened", () => openSync(file.path, "r"));
    try {
      this.opened = this.examine();
      this.compare(this.opened);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  read(target: Uint8Array): number {
    const count = this.readAt(target, this.storedPosition);
    this.storedPosition += count;
    return count;
  }

  readAt(target: Uint8Array, position: number): number {
    return this.attempt("read", () => readSync(this.fd, target, 0, target.length, position));
  }

  verifyUnchanged(): void {
    const found = this.attempt("examined", () => statSync(this.file.path, { bigint: true }));
    this.compare(found);
    // The open file may have been replaced under its name; else the name has shown how it is.
    const isTheSame = found.ino === this.opened.ino && found.dev === this.opened.dev;
    if (!isTheSame) this.compare(this.examine());
    this.mayBeKept = isTheSame;
  }

  close(): void {
    if (this.fd < 0) return;
    if (this.kept !== undefined && this.mayBeKept) this.kept.keep({ path: this.file.path, descriptor: this.fd, opened: this.opened });
    else closeSync(this.fd);
    this.fd = -1;
  }

  private examine(): BigIntStats {
    return this.attempt("examined", () => fstatSync(this.fd, { bigint: true }));
  }

  private compare(found: BigIntStats): void {
    const { path, size, mtime } = this.file;
    if (found.size !== BigInt(size)) throw inputChanged(path, `had ${size} bytes when the job was planned and has ${found.size} now`);
    if (String(found.mtimeNs) !== mtime) throw inputChanged(path, "was modified after the job was planned");
  }

  private attempt<T>(done: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (errnoOf(error) === "ENOENT") throw inputChanged(this.file.path, "vanished after the job was planned");
      throw unreadable(this.file.path, `cannot be ${done}`, error);
    }
  }
}
