import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorText, TaskFailure } from "../errors.js";
import { isWhole, storeBundle } from "../job/bundle-cache.js";
import type { Transport } from "../transport/transport.js";

const PATIENCE = 30_000;
const RETRY_PAUSE = 500;

/** Bundles of jobs on a worker's disk, fetched by their sha256 when a job first runs here. */
export class BundleStore {
  readonly #transport: Transport;
  readonly #folder: string;
  readonly #files = new Map<string, Promise<string>>();

  constructor(transport: Transport, folder: string) {
    this.#transport = transport;
    this.#folder = folder;
  }

  /** Path of a bundle that is whole. Rejects with TaskFailure; the next call tries again. */
  file(sha256: string): Promise<string> {
    const known = this.#files.get(sha256);
    if (known !== undefined) return known;
    const file = this.#fetch(sha256);
    this.#files.set(sha256, file);
    file.catch(() => this.#files.delete(sha256));
    return file;
  }

  async #fetch(sha256: string): Promise<string> {
    const here = join(this.#folder, `${sha256}.mjs`);
    if (isWhole(here, sha256)) return here;
    const contents = await this.#get(sha256);
    if (createHash("sha256").update(contents).digest("hex") !== sha256) {
      throw new TaskFailure({ kind: "io-error", message: `The bundle ${sha256} arrived damaged: its content has another sha256` });
    }
    return storeBundle(this.#folder, sha256, contents);
  }

  /** A store that was lost with its server is filled again by whoever follows the job. */
  async #get(sha256: string): Promise<Uint8Array> {
    for (const giveUpAt = performance.now() + PATIENCE; ; await sleep(RETRY_PAUSE)) {
      try {
        return await this.#transport.getBlob(sha256);
      } catch (error) {
        if (performance.now() < giveUpAt) continue;
        throw new TaskFailure({ kind: "io-error", message: `The bundle ${sha256} cannot be fetched: ${errorText(error)}` }, { cause: error });
      }
    }
  }
}
