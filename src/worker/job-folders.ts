import { mkdir, rm } from "node:fs/promises";
import type { JobId } from "../model/ids.js";
import { jobWorkDir } from "../storage/layout.js";
import { writeFailure } from "../storage/write-failure.js";

/** A worker's folders for map outputs and spills, one for each job. */
export class JobFolders {
  readonly #folder: string;
  readonly #making = new Map<JobId, Promise<unknown>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Rejects with TaskFailure. */
  async make(job: JobId): Promise<void> {
    const making = this.#making.get(job) ?? mkdir(jobWorkDir(this.#folder, job), { recursive: true, mode: 0o700 });
    this.#making.set(job, making);
    try {
      await making;
    } catch (error) {
      throw writeFailure(error, this.#folder);
    } finally {
      this.#making.delete(job);
    }
  }

  /** Also one that is just being made: after a cut a launch and the word that its job is over may come in one breath. */
  async remove(job: JobId): Promise<void> {
    await this.#making.get(job)?.catch(() => {});
    await rm(jobWorkDir(this.#folder, job), { recursive: true, force: true });
  }
}
