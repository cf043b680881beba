/**
 * An executor that dies takes attempts with it that wait for a thread as well as those that run. So each thread notes the
 * attempt that it begins, in a file that it overwrites: what its process leaves tells which of them can have been the cause.
 * A note costs one small write into the page cache (about 1 us), and nobody reads it unless the process dies.
 */
import { mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { AttemptId, JobId } from "../model/ids.js";
import { begunFolder } from "./layout.js";

/** More than any attempt's id has: each note covers the one before. */
const WIDTH = 128;

/** Of one thread, which serves one job. */
export class BegunNotes {
  readonly #thread: number;
  #file: number | undefined;

  constructor(thread: number) {
    this.#thread = thread;
  }

  /** Without room for the note the attempt runs all the same. */
  note(work: string, job: JobId, attempt: AttemptId): void {
    try {
      this.#file ??= open(begunFolder(work, job, process.pid), this.#thread);
      writeSync(this.#file, attempt.padEnd(WIDTH), 0);
    } catch {
      // Then a death is blamed on the others, or on all.
    }
  }
}

/** What the threads of a dead executor began last; removes the notes. */
export function takeBegun(work: string, job: JobId, executor: number): ReadonlySet<string> {
  const begun = new Set<string>();
  try {
    const folder = begunFolder(work, job, executor);
    for (const thread of readdirSync(folder)) begun.add(readFileSync(join(folder, thread), "latin1").trim());
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // It began nothing, or could not note it.
  }
  return begun;
}

function open(folder: string, thread: number): number {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return openSync(join(folder, String(thread)), "w", 0o600);
}
