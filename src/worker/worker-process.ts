/** A worker in a process of its own: the worker, its folder, and the bundles that it fetches. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { playedHost } from "../faults.js";
import { nodeId, workerId, type WorkerId } from "../model/ids.js";
import { bundleFolder } from "../storage/layout.js";
import { makeWorkFolder } from "../storage/work-folder.js";
import { BundleStore } from "./bundle-store.js";
import { serveBlocks, type ServedBlocks } from "./serve-blocks.js";
import { Worker, type WorkerOptions } from "./worker.js";

export interface BlockServerAddress {
  readonly host?: string;
  readonly port?: number;
  readonly advertise?: string;
}

export interface WorkerProcessOptions extends Pick<WorkerOptions, "id" | "slots" | "transport" | "subjects" | "leaseMillis" | "orphanMillis" | "onOutput"> {
  /** What it is called on its machine, whatever its id. */
  readonly name: string;
  /** The worker makes a folder of its own in this one. */
  readonly parentFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
  readonly onJoined: () => void;
  readonly onEnd: (reason: string) => void;
  /** Where its block server listens, and by which name other machines reach it. Default: the loopback address, any free port. */
  readonly listen: BlockServerAddress;
}

/** Of a lease: two heartbeats may be lost. */
const HEARTBEAT_SHARE = 0.3;

export class WorkerProcess {
  readonly #worker: Worker;
  readonly #blocks: ServedBlocks;

  private constructor(worker: Worker, blocks: ServedBlocks) {
    this.#worker = worker;
    this.#blocks = blocks;
  }

  /** An id that no other process has: a worker that starts again is another worker, without the old one's files. */
  static newId(name: string): WorkerId {
    return workerId(`${slugOf(name)}-${randomBytes(2).toString("hex")}`);
  }

  static async start(options: WorkerProcessOptions): Promise<WorkerProcess> {
    const { parentFolder, transport, name } = options;
    await mkdir(parentFolder, { recursive: true });
    const folder = await makeWorkFolder(parentFolder);
    const bundles = new BundleStore(transport, bundleFolder(folder));
    const blocks = await serveBlocks(folder, options.listen);
    const host = machineName();
    const worker = new Worker({
      ...options,
      node: nodeId(`${host}/${slugOf(name)}`),
      blocks,
      process: randomBytes(8).toString("hex"),
      folder,
      host,
      bundleFile: (sha256, onWait) => bundles.file(sha256, onWait),
      publishOutput: true,
      heartbeatEvery: options.leaseMillis * HEARTBEAT_SHARE,
    });
    await worker.start();
    return new WorkerProcess(worker, blocks);
  }

  /** Ends running attempts in peace, and leaves when its map outputs are not needed any more or the time is up. */
  async drain(longestMillis: number): Promise<void> {
    await this.#worker.drain(longestMillis);
  }

  async handBack(reason: string): Promise<void> {
    await this.#worker.handBack(reason);
  }

  async close(): Promise<void> {
    await this.#worker.leave();
    await this.#worker.close();
    await this.#blocks.close();
  }
}

function slugOf(name: string): string {
  return name.replace(/[^A-Za-z0-9-]+/g, "-").slice(0, 48) || "worker";
}

/** Two workers with the same name see the same files: a host's name alone may be that of several machines. */
function machineName(): string {
  const played = playedHost();
  if (played !== undefined) return played;
  try {
    return `${hostname()}-${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8)}`;
  } catch {
    return hostname();
  }
}
