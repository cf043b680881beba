/**
 * A state folder is what a coordinator remembers. One coordinator is in charge of it at a time: each start
 * claims a higher epoch by creating its file, which only one process can. A coordinator writes to the journal of its own
 * epoch alone, and looks whether its epoch is still the highest after a record is durable and before anyone
 * learns of it. A successor reads the journal after it has claimed, so it sees every record that had an effect.
 */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { ClusterError } from "../errors.js";
import type { JobId } from "../model/ids.js";
import { DamagedFrames, readFrames } from "./frames.js";
import { JournalFile, MAGIC } from "./journal-file.js";
import { epochOf, epochPath, journalPath, statePaths } from "./layout.js";
import { syncFolder } from "./sync-folder.js";
import { errnoOf } from "./write-failure.js";

export class StateFolder {
  readonly path: string;
  readonly epoch: number;
  readonly #secret: string;

  private constructor(path: string, epoch: number, secret: string) {
    this.path = path;
    this.epoch = epoch;
    this.#secret = secret;
  }

  /** Claims an epoch that is at least `leastEpoch`. Rejects with ClusterError when the folder cannot be used. */
  static async open(path: string, leastEpoch: (secret: string) => number): Promise<StateFolder> {
    try {
      const { logs, bundles } = statePaths(path);
      for (const folder of [logs, bundles]) await mkdir(folder, { recursive: true, mode: 0o700 });
      const secret = readSecret(path);
      const least = leastEpoch(secret);
      for (;;) {
        const epoch = Math.max(least, 1 + Math.max(0, ...epochsIn(path, "epoch"), ...epochsIn(path, "journal")));
        try {
          writeFileSync(epochPath(path, epoch), JSON.stringify({ pid: process.pid, host: hostname() }), { flag: "wx", mode: 0o600, flush: true });
        } catch (error) {
          if (errnoOf(error) === "EEXIST") continue;
          throw error;
        }
        await syncFolder(path);
        return new StateFolder(path, epoch, secret);
      }
    } catch (error) {
      if (error instanceof ClusterError) throw error;
      throw new ClusterError(`The state folder ${path} cannot be used: ${(error as Error).message}`, { cause: error });
    }
  }

  /** The same for all coordinators of this folder. */
  get identity(): string {
    return identityOf(this.#secret);
  }

  /** Whether no later coordinator has claimed the folder. */
  isCurrent(): boolean {
    const epochs = epochsIn(this.path, "epoch");
    return epochs.includes(this.epoch) && Math.max(...epochs) === this.epoch;
  }

  /** Lets its bearer read the blocks of a job. The same after a restart, and nowhere written down. */
  tokenOf(job: JobId): string {
    return createHmac("sha256", this.#secret).update(job).digest("hex").slice(0, 32);
  }

  /** What was recorded before this epoch, and whether an unfinished end had to be left out. Rejects with ClusterError for a damaged journal. */
  async readJournal(): Promise<{ readonly payloads: Uint8Array[]; readonly cut: boolean }> {
    for (;;) {
      const latest = Math.max(0, ...epochsIn(this.path, "journal"));
      if (latest === 0) return { payloads: [], cut: false };
      const path = journalPath(this.path, latest);
      const bytes = await readFile(path).catch((error: unknown) => {
        // Another coordinator is starting, and has put its own in the place of this one.
        if (errnoOf(error) === "ENOENT") return undefined;
        throw new ClusterError(`The journal ${path} cannot be read: ${(error as Error).message}`, { cause: error });
      });
      if (bytes !== undefined) return readBytes(path, bytes);
    }
  }

  /** Begins the journal of this epoch with what the former ones still matter for, and removes those. */
  async beginJournal(payloads: readonly Uint8Array[]): Promise<JournalFile> {
    const path = journalPath(this.path, this.epoch);
    try {
      const file = await JournalFile.begin(path, payloads);
      if (this.isCurrent()) this.#removeFormer();
      return file;
    } catch (error) {
      throw new ClusterError(`The journal ${path} cannot be written: ${(error as Error).message}. What was there is untouched`, { cause: error });
    }
  }

  #removeFormer(): void {
    for (const epoch of epochsIn(this.path, "journal")) if (epoch < this.epoch) rmSync(journalPath(this.path, epoch), { force: true });
    for (const epoch of epochsIn(this.path, "epoch")) if (epoch < this.epoch) rmSync(epochPath(this.path, epoch), { force: true });
    for (const name of readdirSync(this.path)) if (Number(/^journal-(\d+)\..*tmp$/.exec(name)?.[1] ?? Infinity) < this.epoch) rmSync(join(this.path, name), { force: true });
  }
}

/** Names the holder of a secret without giving it away. */
export function identityOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 16);
}

function readBytes(path: string, bytes: Uint8Array): { payloads: Uint8Array[]; cut: boolean } {
  if (Buffer.compare(bytes.subarray(0, MAGIC.length), MAGIC) !== 0) throw new ClusterError(`${path} is not a journal of this version of millrace. Start the version that wrote it, or choose another --state-dir`);
  try {
    const { payloads, end } = readFrames(bytes, MAGIC.length);
    return { payloads, cut: end < bytes.length };
  } catch (error) {
    if (!(error instanceof DamagedFrames)) throw error;
    throw new ClusterError(`The journal ${path} is ${error.message}: the disk or another program changed it. Restore it from a copy, or start with an empty --state-dir and submit unfinished jobs again; committed outputs are not concerned`, { cause: error });
  }
}

function epochsIn(path: string, kind: "epoch" | "journal"): number[] {
  return readdirSync(path).flatMap((name) => epochOf(kind, name) ?? []);
}

/** Made by the first coordinator; when two start at once, both get that of the one that was first. */
function readSecret(path: string): string {
  const { secret } = statePaths(path);
  const own = `${secret}.${randomBytes(4).toString("hex")}.tmp`;
  writeFileSync(own, randomBytes(32).toString("hex"), { flag: "wx", mode: 0o600, flush: true });
  try {
    linkSync(own, secret);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  } finally {
    rmSync(own, { force: true });
  }
  const text = readFileSync(secret, "utf8");
  if (!/^[0-9a-f]{64}$/.test(text)) throw new ClusterError(`${secret} is not what a coordinator of ${dirname(secret)} wrote. Restore it, or choose another --state-dir`);
  return text;
}
