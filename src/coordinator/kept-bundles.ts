/**
 * Bundles of jobs that have not ended, beside the journal or in memory: NATS may lose its copy, and the client that has the other
 * may be gone. A bundle is kept before its job is accepted, is put back into the store when that has lost it (looked for when the
 * coordinator starts, when the connection is there again, and every few seconds, since a store can be deleted without a sign), and
 * goes with the last job that needs it. Workers that miss it meanwhile try for as long as `getBlobPatiently` does.
 */
import { createHash } from "node:crypto";
import { ClusterError, errorText } from "../errors.js";
import type { JobId } from "../model/ids.js";
import { getBlobPatiently, putBlobPatiently } from "../transport/patient-blobs.js";
import type { Subscription, Transport } from "../transport/transport.js";
import type { BundleShelf } from "./bundle-shelf.js";

export interface KeptBundlesOptions {
  readonly shelf: BundleShelf;
  readonly transport: Transport;
  /** Whether this coordinator is still the one in charge of the shelf. */
  readonly isCurrent: () => boolean;
  readonly log: (line: string) => void;
  /** Milliseconds between looks into the store. Default 5,000. */
  readonly lookEvery?: number;
}

const LOOK_EVERY = 5_000;

export class KeptBundles {
  readonly #options: KeptBundlesOptions;
  readonly #bundleOf = new Map<JobId, string>();
  #puttingBack = false;

  /** Of `jobs` that an earlier coordinator accepted, bundles are here; all else on the shelf goes. */
  constructor(options: KeptBundlesOptions, jobs: Iterable<readonly [JobId, string]>) {
    this.#options = options;
    for (const [job, sha256] of jobs) this.#bundleOf.set(job, sha256);
    options.shelf.retain(new Set(this.#bundleOf.values()));
  }

  /** Puts bundles back until it is closed. */
  follow(): Subscription {
    const { transport, lookEvery = LOOK_EVERY } = this.#options;
    void this.#putBack();
    const timer = setInterval(() => void this.#putBack(), lookEvery);
    const watch = transport.watch((event) => event.type === "reconnected" && void this.#putBack());
    return { close: () => (clearInterval(timer), watch.close()) };
  }

  /** Resolves when the bundle is kept. Rejects with ClusterError. */
  async keep(job: JobId, sha256: string): Promise<void> {
    // From now on, lest it goes with another job meanwhile.
    this.#bundleOf.set(job, sha256);
    const { shelf, transport } = this.#options;
    if ((await this.#read(sha256)) !== undefined) return;
    try {
      await shelf.write(sha256, await getBlobPatiently(transport, sha256));
    } catch (error) {
      throw new ClusterError(`The coordinator cannot keep the bundle of job ${job} in ${shelf.place}: ${errorText(error)}. Submit the job again`, { cause: error });
    }
  }

  /** The job has ended, or was not accepted. */
  release(job: JobId): void {
    const sha256 = this.#bundleOf.get(job);
    this.#bundleOf.delete(job);
    const { shelf, isCurrent, log } = this.#options;
    if (sha256 === undefined || [...this.#bundleOf.values()].includes(sha256)) return;
    try {
      // A successor may have jobs of its own that need it.
      if (isCurrent()) shelf.remove(sha256);
    } catch (error) {
      log(`bundle ${sha256} of job ${job} could not be removed: ${errorText(error)}`);
    }
  }

  /** Makes sure that the store has them all. */
  async #putBack(): Promise<void> {
    if (this.#puttingBack) return;
    this.#puttingBack = true;
    const { shelf, transport, log } = this.#options;
    for (const sha256 of new Set(this.#bundleOf.values())) {
      try {
        const contents = await this.#read(sha256);
        if (contents !== undefined) await putBlobPatiently(transport, sha256, contents);
      } catch (error) {
        log(`bundle ${sha256} in ${shelf.place} could not be put back into the store: ${errorText(error)}`);
      }
    }
    this.#puttingBack = false;
  }

  /** Undefined when it is not there, or not as it was. */
  async #read(sha256: string): Promise<Uint8Array | undefined> {
    const contents = await this.#options.shelf.read(sha256);
    return contents !== undefined && createHash("sha256").update(contents).digest("hex") === sha256 ? contents : undefined;
  }
}
