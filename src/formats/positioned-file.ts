/** A file that is read at places, not from front to back. Reads are synchronous: they run on a task's own thread. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export class PositionedFile {
  readonly path: string;
  readonly size: number;
  /** Nanoseconds, as decimal digits. */
  readonly mtime: string;
  private fd: number | undefined;

  /** `place`: where the bytes are, when they are not at `path`. */
  constructor(path: string, place = path) {
    this.path = path;
    this.fd = openSync(place, "r");
    const { size, mtimeNs } = fstatSync(this.fd, { bigint: true });
    this.size = Number(size);
    this.mtime = String(mtimeNs);
  }

  /** Whether the file still is as it was when it was opened. */
  unchanged(): boolean {
    const { size, mtimeNs } = fstatSync(this.handle(), { bigint: true });
    return Number(size) === this.size && String(mtimeNs) === this.mtime;
  }

  /** Exactly these bytes, in memory of their own. Undefined when they do not lie within the file. */
  read(offset: number, length: number): Uint8Array | undefined {
    if (offset < 0 || length < 0 || offset + length > this.size) return undefined;
    const bytes = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (filled < length) {
      const count = readSync(this.handle(), bytes, filled, Math.min(length - filled, 1 << 30), offset + filled);
      if (count === 0) return undefined;
      filled += count;
    }
    return new Uint8Array(bytes.buffer, bytes.byteOffset, length);
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  private handle(): number {
    if (this.fd === undefined) throw new Error(`${this.path} was closed`);
    return this.fd;
  }
}
