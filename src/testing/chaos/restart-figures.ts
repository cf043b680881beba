/** What a coordinator's death costs at each point of a job (R7): what runs again, and how soon its successor goes on. */
import { setTimeout as sleep } from "node:timers/promises";
import { TestCluster } from "../cluster.js";
import { Random } from "../simulation/random.js";
import { PHASES } from "./cells.js";
import { GATES, PARTITIONS, SPLITS, writeChaosJob } from "./chaos-job.js";
import { reachPhase, stopAt } from "./reach-phase.js";
import { Scene } from "./scene.js";

/** Milliseconds that nobody coordinates. */
const AWAY = [0, 5_000];

interface Restart {
  readonly exact: boolean;
  /** Tasks that were launched more than once. */
  readonly again: number;
  /** From the start of the new process until it serves and all workers have joined it. */
  readonly millis: number;
}

export async function measureRestarts(lease: string, rounds: number): Promise<void> {
  for (const away of AWAY) {
    const restarts: Restart[] = [];
    for (const phase of PHASES) for (let round = 0; round < rounds; round++) restarts.push(await restartAt(phase, away, lease, round));
    const times = restarts.map(({ millis }) => millis).sort((a, b) => a - b);
    console.log(
      `Coordinator killed at ${PHASES.length} points x ${rounds}, started again after ${away / 1000} s, lease ${lease}: ${restarts.filter(({ exact }) => exact).length} of ${restarts.length} exact; ` +
        `${restarts.reduce((sum, { again }) => sum + again, 0)} of ${restarts.length * (SPLITS + PARTITIONS)} tasks ran again; ` +
        `serving with all workers after ${times.at(0)} to ${times.at(-1)} ms, median ${times[times.length >> 1]}`,
    );
  }
}

async function restartAt(phase: string, away: number, lease: string, round: number): Promise<Restart> {
  const teardowns: (() => unknown)[] = [];
  try {
    const cluster = await TestCluster.start({ teardown: (end) => void teardowns.push(end), log: console.log, pass: () => {} }, { workers: 0, stateful: true, lease, coordinator: stopAt(phase) });
    if (cluster === undefined) throw new Error("there is no nats-server");
    const chaos = writeChaosJob(cluster.runs, new Random(round));
    const scene = new Scene(cluster, new Random(round), () => chaos.open(GATES), () => ({}));
    for (let i = 0; i < 3; i++) await (await scene.startWorker()).up();
    const submitted = cluster.submit(chaos.job, chaos.options);
    await reachPhase(phase, scene, chaos, submitted);
    await scene.coordinator.kill();
    await sleep(away);
    const begun = performance.now();
    await scene.startCoordinator();
    await cluster.until("all workers have joined again", () => scene.liveWorkers, (workers) => workers.every(({ stderr }) => [...stderr.matchAll(/joined as/g)].length >= 2));
    const millis = Math.round(performance.now() - begun);
    chaos.open(GATES);
    const { parts } = await cluster.finish(submitted);
    const expected = await cluster.localParts(chaos.job, chaos.options);
    return { exact: JSON.stringify(parts) === JSON.stringify(expected), again: ranAgain(cluster.journal()), millis };
  } finally {
    for (const end of teardowns.reverse()) await end();
  }
}

/** By the attempts that the journal tells of: all but the first of a task. */
function ranAgain(journal: string): number {
  const attempts = new Set([...journal.matchAll(/"attempt":"([^"]+_[mr]_\d+_\d+)"/g)].map(([, attempt]) => attempt!));
  return attempts.size - new Set([...attempts].map((attempt) => attempt.replace(/_\d+$/, ""))).size;
}
