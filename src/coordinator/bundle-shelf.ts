/** Where a coordinator keeps bundles by their sha256: in its state folder, or without one in memory. */
import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { keptBundlePath } from "../storage/layout.js";
import { syncFolder } from "../storage/sync-folder.js";

export interface BundleShelf {
  /** For messages. */
  readonly place: string;
  /** Removes all that are not among these. */
  retain(bundles: ReadonlySet<string>): void;
  /** Undefined when it is not there. */
  read(sha256: string): Promise<Uint8Array | undefined>;
  /** Resolves when it will outlive what the shelf outlives. */
  write(sha256: string, contents: Uint8Array): Promise<void>;
  remove(sha256: string): void;
}

export class FolderShelf implements BundleShelf {
  readonly place: string;

  constructor(folder: string) {
    this.place = folder;
  }

  retain(bundles: ReadonlySet<string>): void {
    const known = new Set([...bundles].map((sha256) => keptBundlePath(this.place, sha256)));
    for (const name of readdirSync(this.place)) if (!known.has(join(this.place, name))) rmSync(join(this.place, name), { force: true });
  }

  read(sha256: string): Promise<Uint8Array | undefined> {
    return readFile(keptBundlePath(this.place, sha256)).catch(() => undefined);
  }

  async write(sha256: string, contents: Uint8Array): Promise<void> {
    const path = keptBundlePath(this.place, sha256);
    const temporary = join(this.place, `.${basename(path)}.${randomBytes(4).toString("hex")}.tmp`);
    try {
      await writeFile(temporary, contents, { mode: 0o600, flag: "wx", flush: true });
      await rename(temporary, path);
      await syncFolder(this.place);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  remove(sha256: string): void {
    rmSync(keptBundlePath(this.place, sha256), { force: true });
  }
}

/** Bytes that a coordinator without a state folder keeps; what is over that is in NATS alone. */
const MOST_BYTES = 64 << 20;

export class MemoryShelf implements BundleShelf {
  readonly place = "memory";
  readonly #bundles = new Map<string, Uint8Array>();
  readonly #most: number;
  #bytes = 0;

  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  retain(bundles: ReadonlySet<string>): void {
    for (const sha256 of this.#bundles.keys()) if (!bundles.has(sha256)) this.remove(sha256);
  }

  async read(sha256: string): Promise<Uint8Array | undefined> {
    return this.#bundles.get(sha256);
  }

  async write(sha256: string, contents: Uint8Array): Promise<void> {
    this.remove(sha256);
    if (this.#bytes + contents.length > this.#most) return;
    this.#bundles.set(sha256, contents);
    this.#bytes += contents.length;
  }

  remove(sha256: string): void {
    this.#bytes -= this.#bundles.get(sha256)?.length ?? 0;
    this.#bundles.delete(sha256);
  }
}
