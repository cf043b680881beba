/**
 * A block store is the table of what a block server may give out: files of finished map attempts and, for
 * jobs whose inputs are shipped, input files. Whatever is asked for is looked up here by name; no path is
 * ever made from a request. Every name belongs to the job whose id stands before its first underscore, and
 * the job's token opens it.
 *
 * The store lives as long as the process: a worker that starts again has a new id, and its old folder goes.
 */
import { timingSafeEqual } from "node:crypto";
import type { AttemptId, JobId } from "../model/ids.js";
import type { InputFile } from "../model/split.js";
import { shippedName } from "../storage/layout.js";

export type StoredBlocks =
  | { readonly type: "map-output"; readonly data: string; readonly index: string }
  | { readonly type: "input"; readonly file: InputFile };

interface StoredJob {
  readonly token: Buffer;
  readonly names: Map<string, StoredBlocks>;
}

/** `unknown` is told only to who knows the job's token. */
export type Lookup = StoredBlocks | "refused" | "unknown";

const NOBODY = Buffer.alloc(32);

export class BlockStore {
  readonly #jobs = new Map<string, StoredJob>();

  /** Lets the bearer of `token` read what the job stores. Harmless to repeat. */
  openJob(job: JobId, token: string): void {
    if (!this.#jobs.has(job)) this.#jobs.set(job, { token: Buffer.from(token), names: new Map() });
  }

  /** A map attempt of an open job has written these files, and they are whole. */
  addMapOutput(attempt: AttemptId, { data, index }: { readonly data: string; readonly index: string }): void {
    this.#namesOf(attempt).set(attempt, { type: "map-output", data, index });
  }

  /** An input of an open job is given to those who cannot open it themselves. */
  addInput(job: JobId, file: InputFile): void {
    const name = shippedName(job, file.path);
    this.#namesOf(name).set(name, { type: "input", file });
  }

  /** The attempt's files go. */
  remove(attempt: AttemptId): void {
    this.#jobs.get(jobOf(attempt))?.names.delete(attempt);
  }

  /** Nothing of the job is given out any more. */
  closeJob(job: JobId): void {
    this.#jobs.delete(job);
  }

  find(name: string, token: string): Lookup {
    const job = this.#jobs.get(jobOf(name));
    // Compared also where no such job is known, so that the time tells nothing.
    const given = Buffer.from(token);
    const expected = job?.token ?? NOBODY;
    const equal = given.length === expected.length && timingSafeEqual(given, expected);
    if (job === undefined || !equal) return "refused";
    return job.names.get(name) ?? "unknown";
  }

  #namesOf(name: string): Map<string, StoredBlocks> {
    const job = this.#jobs.get(jobOf(name));
    if (job === undefined) throw new Error(`${name}: its job is not open`);
    return job.names;
  }
}

function jobOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf("_")));
}
