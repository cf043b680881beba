/**
 * Bundles of jobs that have not ended, in the state folder: NATS may lose its copy, and the client that has the other may be
 * gone. A bundle is durable before its job is accepted, is put back into the store when that may have lost it (the
 * coordinator starts, the connection is there again), and goes with the last job that needs it.
 */
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { ClusterError, errorText } from "../errors.js";
import type { JobId } from "../model/ids.js";
import { keptBundlePath } from "../storage/layout.js";
import { syncFolder } from "../storage/sync-folder.js";
import { getBlobPatiently, putBlobPatiently } from "../transport/patient-blobs.js";
import type { Subscription, Transport } from "../transport/transport.js";

export interface KeptBundlesOptions {
  readonly folder: string;
  readonly transport: Transport;
  /** Whether this coordinator is still the one in charge of the folder. */
  readonly isCurrent: () => boolean;
  readonly log: (line: string) => void;
}

export class KeptBundles {
  readonly #options: KeptBundlesOptions;
  readonly #bundleOf = new Map<JobId, string>();

  /** Of `jobs` that an earlier coordinator accepted, bundles are here; all else in the folder goes. */
  constructor(options: KeptBundlesOptions, jobs: Iterable<readonly [JobId, string]>) {
    this.#options = options;
    for (const [job, sha256] of jobs) this.#bundleOf.set(job, sha256);
    const { folder } = options;
    const known = new Set([...this.#bundleOf.values()].map((sha256) => keptBundlePath(folder, sha256)));
    for (const name of readdirSync(folder)) if (!known.has(join(folder, name))) rmSync(join(folder, name), { force: true });
  }

  /** Puts bundles back until it is closed, now and whenever the connection is there again. */
  follow(): Subscription {
    void this.#putBack();
    return this.#options.transport.watch((event) => event.type === "reconnected" && void this.#putBack());
  }

  /** Resolves when the bundle is durable here. Rejects with ClusterError. */
  async keep(job: JobId, sha256: string): Promise<void> {
    // From now on, lest it goes with another job meanwhile.
    this.#bundleOf.set(job, sha256);
    if ((await this.#read(sha256)) !== undefined) return;
    try {
      await this.#write(sha256, await getBlobPatiently(this.#options.transport, sha256));
    } catch (error) {
      throw new ClusterError(`The coordinator cannot keep the bundle of job ${job} in ${this.#options.folder}: ${errorText(error)}. Submit the job again`, { cause: error });
    }
  }

  /** The job has ended, or was not accepted. */
  release(job: JobId): void {
    const sha256 = this.#bundleOf.get(job);
    this.#bundleOf.delete(job);
    const { folder, isCurrent, log } = this.#options;
    if (sha256 === undefined || [...this.#bundleOf.values()].includes(sha256)) return;
    try {
      // A successor may have jobs of its own that need it.
      if (isCurrent()) rmSync(keptBundlePath(folder, sha256), { force: true });
    } catch (error) {
      log(`bundle ${sha256} of job ${job} could not be removed: ${errorText(error)}`);
    }
  }

  async #write(sha256: string, contents: Uint8Array): Promise<void> {
    const { folder } = this.#options;
    const path = keptBundlePath(folder, sha256);
    const temporary = join(folder, `.${basename(path)}.${randomBytes(4).toString("hex")}.tmp`);
    try {
      await writeFile(temporary, contents, { mode: 0o600, flag: "wx", flush: true });
      await rename(temporary, path);
      await syncFolder(folder);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Makes sure that the store has them all. */
  async #putBack(): Promise<void> {
    const { folder, transport, log } = this.#options;
    for (const sha256 of new Set(this.#bundleOf.values())) {
      try {
        const contents = await this.#read(sha256);
        if (contents !== undefined) await putBlobPatiently(transport, sha256, contents);
      } catch (error) {
        log(`bundle ${sha256} in ${folder} could not be put back into the store: ${errorText(error)}`);
      }
    }
  }

  /** Undefined when it is not there, or not as it was. */
  async #read(sha256: string): Promise<Uint8Array | undefined> {
    const contents = await readFile(keptBundlePath(this.#options.folder, sha256)).catch(() => undefined);
    return contents !== undefined && createHash("sha256").update(contents).digest("hex") === sha256 ? contents : undefined;
  }
}
