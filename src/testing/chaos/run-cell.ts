/**
 * One run of a cell: a cluster of its own, a job, a fault, and then what must hold whatever happened: the
 * output equals that of a local run byte for byte, in bounded time, and no file, process or subscription is left over. A run
 * in which the fault does not show that it struck has failed, too.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ClusterMember } from "../cluster-member.js";
import { TestCluster } from "../cluster.js";
import { FailingCalls } from "../failing-calls.js";
import { TestNetwork } from "../test-network.js";
import { Random } from "../simulation/random.js";
import type { Cell, Need } from "./cells.js";
import { GATES, writeChaosJob, type ChaosJob } from "./chaos-job.js";
import { reachPhase, stopAt, type Submitted } from "./reach-phase.js";
import { isFrozen, LEASE_MILLIS, PAST_THE_LEASE, Scene } from "./scene.js";
import { attemptFailed, type Evidence } from "./strike.js";

/** Far more than ten times a run without a fault. */
const WITHIN_MILLIS = 60_000;
const SHOWN_WITHIN_MILLIS = 5_000;
const WORKERS = 3;

export interface CellResult {
  readonly cell: Cell;
  readonly seed: number;
  /** From submission to the end of the job. */
  readonly millis: number;
  /** What did not hold; undefined when all did. */
  readonly problem?: string;
  readonly logs?: string;
  /** There is no nats-server here, or what the cell needs of the machine. */
  readonly skipped?: boolean;
}

export async function runCell(cell: Cell, seed: number): Promise<CellResult> {
  const teardowns: (() => unknown)[] = [];
  const started = performance.now();
  let cluster: TestCluster | undefined;
  try {
    const need = needOf(cell);
    const network = need === "network" ? await TestNetwork.make() : undefined;
    if (network !== undefined) teardowns.push(() => network.close());
    cluster = lacks(need, network) ? undefined : await TestCluster.start(
      { teardown: (end) => void teardowns.push(end), log: () => {}, pass: () => {} },
      {
        workers: 0,
        stateful: true,
        lease: `${LEASE_MILLIS}ms`,
        natsServers: need === "nats-cluster" ? 3 : 1,
        ...(network === undefined ? {} : { network }),
        ...(cell.type === "strike" ? { coordinator: stopAt(cell.phase) } : {}),
      },
    );
    if (cluster === undefined) return { cell, seed, millis: 0, skipped: true };
    const millis = await run(cluster, cell, new Random(seed * 7919 + hashOf(cell.name)), seed, teardowns, network);
    return { cell, seed, millis };
  } catch (error) {
    const logs = cluster?.logs();
    return { cell, seed, millis: performance.now() - started, problem: error instanceof Error ? error.message.slice(0, 400) : String(error), ...(logs === undefined ? {} : { logs }) };
  } finally {
    for (const end of teardowns.reverse()) await end();
  }
}

async function run(cluster: TestCluster, cell: Cell, random: Random, seed: number, teardowns: (() => unknown)[], network?: TestNetwork): Promise<number> {
  const chaos = writeChaosJob(cluster.runs, random);
  // Every other seed has each worker on a machine of its own, so that all blocks go over HTTP.
  const apart = seed % 2 === 1 || network !== undefined || (cell.type === "planned" && cell.apart);
  const scene = new Scene(cluster, random, () => chaos.open(GATES), (name) => (apart ? { MILLRACE_TESTING: "1", MILLRACE_HOST: `host-of-${name}` } : {}), network);
  const struck = join(cluster.runs.folder, "struck");
  const plan = cell.type === "planned" ? { fault: cell.fault(random.between(1, cell.hits)), faultOnce: struck } : {};
  for (let i = 0; i < WORKERS; i++) await scene.startWorker(cell.type === "full-disk" && i === 0 ? { args: ["--dir", smallDisk(cluster, teardowns)] } : plan);
  await Promise.all(scene.liveWorkers.map((worker) => worker.up()));
  const subscriptions = shapeOf(await cluster.nats.subscriptions());

  const early = cell.type === "strike" && cell.phase === "before the job" ? await cell.strike(scene, cell.phase) : undefined;
  const begun = performance.now();
  const submitted = cluster.submit(chaos.job, chaos.options);
  const failed = new Promise<never>((_, reject) => submitted.result.catch(reject));
  const evidence = (await Promise.race([strike(cell, scene, chaos, submitted, struck), failed])) ?? early;
  const { parts, manifest } = await within("the job is done", cluster.finish(submitted));
  const millis = performance.now() - begun;

  const expected = await cluster.localParts(chaos.job, chaos.options);
  for (const name of new Set([...Object.keys(expected), ...Object.keys(parts)])) if (parts[name] !== expected[name]) throw new Error(`${name} differs from that of a local run`);
  if (manifest.records !== 1_200) throw new Error(`${manifest.records} records were counted`);
  if (evidence !== undefined) await cluster.until(`the fault has struck: ${evidence.what}`, evidence.shown, Boolean, SHOWN_WITHIN_MILLIS);
  await nothingLeft(scene, subscriptions);
  return millis;
}

async function strike(cell: Cell, scene: Scene, chaos: ChaosJob, submitted: Submitted, struck: string): Promise<Evidence | void> {
  if (cell.type === "strike" && cell.phase !== "before the job") {
    await reachPhase(cell.phase, scene, chaos, submitted);
    const coordinator = scene.coordinator;
    const evidence = await cell.strike(scene, cell.phase);
    chaos.open(GATES);
    if (coordinator.isRunning) coordinator.signal("SIGCONT");
    return evidence;
  }
  chaos.open(GATES);
  if (cell.type === "strike") return;
  if (cell.type === "full-disk") return attemptFailed(scene, "disk-full");
  const reached = { what: "its point was reached", shown: () => existsSync(struck) };
  if (!cell.away) return reached;
  await scene.cluster.until("the fault is reached", () => existsSync(struck), Boolean);
  const frozen = await scene.cluster.until("a worker is frozen", () => scene.liveWorkers.find(({ pid }) => isFrozen(pid)), (found) => found !== undefined);
  await scene.wait(PAST_THE_LEASE);
  frozen?.signal("SIGCONT");
  return reached;
}

function needOf(cell: Cell): Need | undefined {
  return cell.type === "strike" ? cell.needs : cell.type === "full-disk" ? "root" : undefined;
}

function lacks(need: Need | undefined, network: TestNetwork | undefined): boolean {
  return (need === "network" && network === undefined) || (need === "strace" && !FailingCalls.possible) || (need === "root" && process.getuid?.() !== 0);
}

/** Files are swept by the next worker that starts, where theirs died. */
async function nothingLeft(scene: Scene, subscriptions: readonly string[]): Promise<void> {
  const { cluster, workers } = scene;
  if ([...workers.values()].some((worker) => !worker.isRunning)) await scene.startWorker();
  // Some were started at the last moment, or are still leaving.
  const settled = (member: ClusterMember): Promise<unknown> => Promise.race([member.up().catch(() => {}), member.ended]);
  await within("all workers are up", Promise.all([...workers.values()].map(settled)));
  await cluster.until("no file of the job is left", () => cluster.leftoverFiles(), (files) => files.length === 0);
  await cluster.until("no process is left but coordinator and workers", () => cluster.processes(), (left) => left.length === 1 + scene.liveWorkers.length);
  await cluster.until("subscriptions are those from before", async () => shapeOf(await cluster.nats.subscriptions()), (now) => now.join() === subscriptions.join());
}

/** Who subscribes to what, whichever worker it is. */
function shapeOf(subscriptions: readonly string[]): string[] {
  return [...new Set(subscriptions.map((line) => line.replace(/\bw\d+-[0-9a-f]{4}\b/g, "w")))].sort();
}

/** A disk that holds the job's bundle, and not the output of a map. */
function smallDisk({ runs }: TestCluster, teardowns: (() => unknown)[]): string {
  const folder = join(runs.folder, "small-disk");
  mkdirSync(folder);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=24k", "tmpfs", folder]);
  teardowns.push(() => execFileSync("umount", ["-l", folder]));
  return folder;
}

async function within<A>(what: string, promise: Promise<A>): Promise<A> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error(`Not within ${WITHIN_MILLIS} ms: ${what}`)), WITHIN_MILLIS)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function hashOf(text: string): number {
  return [...text].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, 7);
}
