/** What a fault finds: a cluster in the midst of a job, and chance that is the same for the same seed. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterMember } from "../cluster-member.js";
import type { TestCluster } from "../cluster.js";
import type { Random } from "../simulation/random.js";

export const LEASE_MILLIS = 2_000;
/** Longer than a lease: whoever is away that long is given up. */
export const PAST_THE_LEASE = LEASE_MILLIS + 800;

export class Scene {
  readonly cluster: TestCluster;
  readonly random: Random;
  readonly openGates: () => void;
  readonly #environment: (name: string) => Record<string, string>;
  readonly workers = new Map<string, ClusterMember>();
  coordinator: ClusterMember;
  #names = 0;

  constructor(cluster: TestCluster, random: Random, openGates: () => void, environment: (name: string) => Record<string, string>) {
    this.cluster = cluster;
    this.random = random;
    this.openGates = openGates;
    this.#environment = environment;
    this.coordinator = cluster.member("coordinator");
  }

  /** A worker that has joined, or will: a frozen coordinator takes nobody. */
  async startWorker(options: { readonly name?: string; readonly fault?: string; readonly faultOnce?: string; readonly args?: readonly string[] } = {}): Promise<ClusterMember> {
    const { name = `w${++this.#names}`, ...rest } = options;
    const worker = await this.cluster.startWorker(name, { await: false, environment: this.#environment(name), ...rest });
    this.workers.set(name, worker);
    return worker;
  }

  async startCoordinator(args: readonly string[] = []): Promise<void> {
    this.coordinator = await this.cluster.startCoordinator({ args });
  }

  get liveWorkers(): ClusterMember[] {
    return [...this.workers.values()].filter((worker) => worker.isRunning);
  }

  /** A worker that runs, by chance. */
  victim(): ClusterMember {
    return this.random.pick(this.liveWorkers);
  }

  executors(): number[] {
    return this.cluster.processes().filter(({ command }) => command.includes("executor.js")).map(({ pid }) => pid);
  }

  /** Files of map outputs on the disks of all workers. */
  blockFiles(ending: "data" | "index"): string[] {
    const { tmp } = this.cluster;
    return readdirSync(tmp, { recursive: true, encoding: "utf8" }).filter((name) => /_m_\d+_\d+\.(data|index)$/.test(name) && name.endsWith(ending)).sort().map((name) => join(tmp, name));
  }

  wait(millis: number): Promise<void> {
    return sleep(millis);
  }
}

/** Whether SIGSTOP has taken hold of a process. */
export function isFrozen(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return /^[Tt] /.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}
