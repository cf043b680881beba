/**
 * The plain input that a thread read last stays open for its next attempt: thousands of short tasks read one file, and to open it, look
 * at it and close it takes them longer than to read their part. Only a file that was just found unchanged is kept, and whoever takes it
 * finds it so again, or fails, when all has been read.
 */
import { closeSync, type BigIntStats } from "node:fs";

export interface OpenFile {
  readonly path: string;
  readonly descriptor: number;
  /** As it was when it was opened. */
  readonly opened: BigIntStats;
}

/** What lies longer is opened anew, so that a change meanwhile shows before user code meets what it left. */
const LONGEST_MILLIS = 100;

export class KeptFile {
  readonly #now: () => number;
  #file: OpenFile | undefined;
  #since = 0;

  /** `now`: milliseconds from any moment on. */
  constructor(now = (): number => performance.now()) {
    this.#now = now;
  }

  /** The file, if it is this one: the caller closes or keeps it. */
  take(path: string): OpenFile | undefined {
    const file = this.#file;
    if (file?.path !== path) return undefined;
    if (this.#now() - this.#since > LONGEST_MILLIS) {
      this.close();
      return undefined;
    }
    this.#file = undefined;
    return file;
  }

  /** In place of the one before. */
  keep(file: OpenFile): void {
    this.close();
    this.#file = file;
    this.#since = this.#now();
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file.descriptor);
    this.#file = undefined;
  }
}
