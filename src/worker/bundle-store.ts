import { join } from "node:path";
import { errorText, TaskFailure } from "../errors.js";
import { isWhole, storeBundle } from "../job/bundle-cache.js";
import { writeFailure } from "../storage/write-failure.js";
import { getBlobPatiently } from "../transport/patient-blobs.js";
import type { Transport } from "../transport/transport.js";

/** Bundles of jobs on a worker's disk, fetched by their sha256 when a job first runs here. */
export class BundleStore {
  readonly #transport: Transport;
  readonly #folder: string;
  readonly #files = new Map<string, Promise<string>>();

  constructor(transport: Transport, folder: string) {
    this.#transport = transport;
    this.#folder = folder;
  }

  /** Path of a bundle that is whole. Rejects with TaskFailure; the next call tries again. `onWait` hears why it takes longer. */
  file(sha256: string, onWait: (reason: string) => void): Promise<string> {
    const known = this.#files.get(sha256);
    if (known !== undefined) return known;
    const file = this.#fetch(sha256, onWait);
    this.#files.set(sha256, file);
    file.catch(() => this.#files.delete(sha256));
    return file;
  }

  async #fetch(sha256: string, onWait: (reason: string) => void): Promise<string> {
    const here = join(this.#folder, `${sha256}.mjs`);
    if (isWhole(here, sha256)) return here;
    const contents = await getBlobPatiently(this.#transport, sha256, onWait).catch((error: unknown) => {
      throw new TaskFailure({ kind: "io-error", message: `The bundle ${sha256} cannot be had: ${errorText(error)}` }, { cause: error });
    });
    try {
      return storeBundle(this.#folder, sha256, contents);
    } catch (error) {
      throw writeFailure(error, here);
    }
  }
}
