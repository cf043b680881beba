/** What a fault finds: a cluster in the midst of a job, and chance that is the same for the same seed. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterMember } from "../cluster-member.js";
import type { TestCluster } from "../cluster.js";
import type { TestNetwork } from "../test-network.js";
import { attemptId, parseJobId, taskId } from "../../model/ids.js";
import { attemptPartName } from "../../storage/layout.js";
import type { Random } from "../simulation/random.js";
import { PARTITIONS } from "./chaos-job.js";

export const LEASE_MILLIS = 2_000;
/** Longer than a lease: whoever is away that long is given up. */
export const PAST_THE_LEASE = LEASE_MILLIS + 800;

export class Scene {
  readonly cluster: TestCluster;
  readonly random: Random;
  readonly openGates: () => void;
  readonly #environment: (name: string) => Record<string, string>;
  readonly #network: TestNetwork | undefined;
  readonly workers = new Map<string, ClusterMember>();
  coordinator: ClusterMember;
  #names = 0;

  constructor(cluster: TestCluster, random: Random, openGates: () => void, environment: (name: string) => Record<string, string>, network?: TestNetwork) {
    this.cluster = cluster;
    this.random = random;
    this.openGates = openGates;
    this.#environment = environment;
    this.#network = network;
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

  /** Of cells that cut it. */
  get network(): TestNetwork {
    if (this.#network === undefined) throw new Error("There is no network of its own");
    return this.#network;
  }

  get liveWorkers(): ClusterMember[] {
    return [...this.workers.values()].filter((worker) => worker.isRunning);
  }

  /** A worker that runs, by chance. */
  victim(): ClusterMember {
    return this.random.pick(this.liveWorkers);
  }

  /** Resolves when it stands still. */
  async freeze(member: ClusterMember): Promise<void> {
    member.signal("SIGSTOP");
    await this.cluster.until(`${member.name} is frozen`, () => isFrozen(member.pid), Boolean);
  }

  executors(): number[] {
    return this.cluster.processes().filter(({ command }) => command.includes("executor.cjs")).map(({ pid }) => pid);
  }

  /** Where the reduces of the job that runs will write their parts, in their first attempts. */
  partFiles(): string[] {
    const { folder } = this.cluster.runs;
    const [staging, job] = readdirSync(folder).flatMap((name) => (/^\..*\.millrace-(?!lock)(.*)$/.exec(name) ?? []) as string[]);
    if (staging === undefined) throw new Error("No job has a staging folder");
    return Array.from({ length: PARTITIONS }, (_, i) => join(folder, staging, attemptPartName(attemptId(taskId(parseJobId(job!), "reduce", i), 0), "tsv")));
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

function fieldsOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The command's name before them may hold anything.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

export function parentOf(pid: number): number {
  return Number(fieldsOf(pid)[1]);
}

/** Whether SIGSTOP has taken hold of a process. */
export function isFrozen(pid: number): boolean {
  try {
    return /^[Tt]$/.test(fieldsOf(pid)[0]!);
  } catch {
    return false;
  }
}
