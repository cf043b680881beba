/**
 * A worker that keeps failing its tasks (full disk, dying executors, lost and found again) would eat the
 * attempts of every task, because it is always the first to be free. After three strikes it gets no tasks
 * for a minute, unless there is no other worker.
 */
import { offer, type ClusterState, type Strikes, type Turn } from "./cluster-state.js";
import type { WorkerState } from "./worker-state.js";

const STRIKES = 3;
const STRIKES_WITHIN_MILLIS = 5 * 60_000;
/** One incident shows in many tasks: what follows a strike this soon is no further one. */
const INCIDENT_MILLIS = 3_000;
const EXCLUDED_MILLIS = 60_000;
/** The oldest are forgotten beyond this. */
const STRIKES_KEPT = 10_000;

export function strike(turn: Turn, worker: WorkerState): void {
  const strikes = currentStrikes(turn, worker);
  if (turn.at - strikes.lastAt < INCIDENT_MILLIS) return;
  strikes.count++;
  strikes.lastAt = turn.at;
  if (strikes.count < STRIKES) return;
  strikes.excluded = true;
  if (worker.mode === "live") exclude(turn, worker);
}

/** A minute from now: so exclusions end in the order in which they stand in `excluded`. */
export function exclude({ at, cluster }: Turn, worker: WorkerState): void {
  worker.excludedUntil = at + EXCLUDED_MILLIS;
  cluster.excluded.delete(worker);
  cluster.excluded.add(worker);
  removeFromHealthy(cluster, worker);
}

/** With no healthy worker left, excluded ones are better than none. */
export function removeFromHealthy(cluster: ClusterState, worker: WorkerState): void {
  if (!cluster.healthy.delete(worker) || cluster.healthy.size > 0) return;
  for (const excluded of cluster.excluded) offer(cluster, excluded);
}

export function endExclusions({ at, cluster }: Turn): void {
  for (const worker of cluster.excluded) {
    if (worker.excludedUntil > at) return;
    cluster.excluded.delete(worker);
    cluster.strikes.delete(worker.id);
    cluster.healthy.add(worker);
    offer(cluster, worker);
  }
}

export function nextExclusionEnd(cluster: ClusterState): number {
  for (const worker of cluster.excluded) return worker.excludedUntil;
  return Infinity;
}

function currentStrikes({ at, cluster }: Turn, worker: WorkerState): Strikes {
  const before = cluster.strikes.get(worker.id);
  if (before !== undefined && at - before.since < STRIKES_WITHIN_MILLIS) return before;
  const fresh = { count: 0, lastAt: -Infinity, since: at, excluded: false };
  cluster.strikes.delete(worker.id);
  cluster.strikes.set(worker.id, fresh);
  for (const oldest of cluster.strikes.keys()) {
    if (cluster.strikes.size <= STRIKES_KEPT) break;
    cluster.strikes.delete(oldest);
  }
  return fresh;
}
