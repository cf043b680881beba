/**
 * What the tasks of jobs printed, by job: in files of the state folder, or in memory. Each log is bounded: the
 * beginning is kept, for that is where a failure shows first, and a line says that the rest is missing.
 */
import { createReadStream } from "node:fs";
import { appendFile, rm, stat } from "node:fs/promises";
import type { JobId } from "../model/ids.js";
import { jobLogPath } from "../storage/layout.js";

export interface JobLogs {
  /** Returns at once; what cannot be kept is dropped, for a log must not stop a job. */
  append(job: JobId, text: string): void;
  /** Some of the text from byte `from` on, whole characters, and where the rest begins. */
  read(job: JobId, from: number): Promise<{ readonly text: string; readonly next: number }>;
  forget(job: JobId): Promise<void>;
  /** Resolves when everything is written. */
  close(): Promise<void>;
}

const MEMORY_BYTES = 1 << 20;
const FILE_BYTES = 64 << 20;
/** A reply stays far below what a message may hold. */
const PIECE_BYTES = 128 << 10;
const FULL = Buffer.from("\n[the log is full: what follows was left out]\n");

export class MemoryLogs implements JobLogs {
  readonly #logs = new Map<JobId, Buffer>();

  append(job: JobId, text: string): void {
    const before = this.#logs.get(job) ?? Buffer.alloc(0);
    const added = bounded(Buffer.from(text), before.length, MEMORY_BYTES);
    if (added !== undefined) this.#logs.set(job, Buffer.concat([before, added]));
  }

  read(job: JobId, from: number): Promise<{ text: string; next: number }> {
    return Promise.resolve(piece(this.#logs.get(job)?.subarray(from, from + PIECE_BYTES) ?? Buffer.alloc(0), from));
  }

  forget(job: JobId): Promise<void> {
    this.#logs.delete(job);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export class FileLogs implements JobLogs {
  readonly #folder: string;
  /** Bytes that each file has, or will have when the writes under way are done. */
  readonly #sizes = new Map<JobId, Promise<number>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  append(job: JobId, text: string): void {
    const path = jobLogPath(this.#folder, job);
    const before = this.#sizes.get(job) ?? stat(path).then(({ size }) => size, () => 0);
    const after = before.then(async (size) => {
      const added = bounded(Buffer.from(text), size, FILE_BYTES);
      if (added === undefined) return size;
      return appendFile(path, added, { mode: 0o600 }).then(() => size + added.length, () => size);
    });
    this.#sizes.set(job, after);
  }

  async read(job: JobId, from: number): Promise<{ text: string; next: number }> {
    await this.#sizes.get(job);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of createReadStream(jobLogPath(this.#folder, job), { start: from, end: from + PIECE_BYTES - 1 })) chunks.push(chunk as Buffer);
    } catch {
      // Nothing was printed yet.
    }
    return piece(Buffer.concat(chunks), from);
  }

  async forget(job: JobId): Promise<void> {
    await this.#sizes.get(job);
    this.#sizes.delete(job);
    await rm(jobLogPath(this.#folder, job), { force: true });
  }

  async close(): Promise<void> {
    await Promise.all(this.#sizes.values());
  }
}

/** What still fits; undefined when the log is full already. */
function bounded(text: Buffer, size: number, limit: number): Buffer | undefined {
  if (size >= limit) return undefined;
  return size + text.length < limit ? text : Buffer.concat([text.subarray(0, wholeCharacters(text.subarray(0, limit - size))), FULL]);
}

function piece(bytes: Buffer, from: number): { text: string; next: number } {
  const whole = bytes.subarray(0, wholeCharacters(bytes));
  return { text: whole.toString(), next: from + whole.length };
}

/** Length without a character that is cut at the end. */
function wholeCharacters(bytes: Buffer): number {
  let start = bytes.length;
  while (start > 0 && bytes.length - start < 3 && (bytes[start - 1]! & 0xc0) === 0x80) start--;
  const lead = bytes[start - 1] ?? 0;
  const needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start > 0 && bytes.length - (start - 1) < needed ? start - 1 : bytes.length;
}
