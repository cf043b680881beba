/**
 * A node whose workers keep failing their tasks (full disk, dying executors, lost and found again) would eat the attempts
 * of every task, because it is always the first to be free. After three strikes its workers get no tasks for a minute,
 * unless all workers there are stand on excluded nodes.
 */
import { offer, type ClusterState, type Turn } from "./cluster-state.js";
import type { NodeState } from "./node-state.js";
import type { WorkerState } from "./worker-state.js";

const STRIKES = 3;
const STRIKES_WITHIN_MILLIS = 5 * 60_000;
/** One incident shows in many tasks: what follows a strike this soon is no further one. */
const INCIDENT_MILLIS = 3_000;
const EXCLUDED_MILLIS = 60_000;

export function strike(turn: Turn, node: NodeState): void {
  const { at } = turn;
  if (at - node.struckAt < INCIDENT_MILLIS) return;
  if (at - node.strikesSince >= STRIKES_WITHIN_MILLIS) node.strikes = 0;
  if (node.strikes === 0) node.strikesSince = at;
  node.strikes++;
  node.struckAt = at;
  if (node.strikes >= STRIKES) exclude(turn, node);
}

/** A minute from now: so exclusions end in the order in which nodes stand in `excluded`. */
function exclude({ at, cluster }: Turn, node: NodeState): void {
  node.excludedUntil = at + EXCLUDED_MILLIS;
  cluster.excluded.delete(node);
  cluster.excluded.add(node);
  for (const worker of node.workers) removeFromHealthy(cluster, worker);
}

/** With no healthy worker left, those of excluded nodes are better than none. */
export function removeFromHealthy(cluster: ClusterState, worker: WorkerState): void {
  if (!cluster.healthy.delete(worker) || cluster.healthy.size > 0) return;
  for (const node of cluster.excluded) for (const excluded of node.workers) offer(cluster, excluded);
}

export function endExclusions({ at, cluster }: Turn): void {
  for (const node of cluster.excluded) {
    if (node.excludedUntil > at) return;
    cluster.excluded.delete(node);
    node.strikes = 0;
    for (const worker of node.workers) {
      if (worker.mode === "live") cluster.healthy.add(worker);
      offer(cluster, worker);
    }
  }
}

export function nextExclusionEnd(cluster: ClusterState): number {
  for (const node of cluster.excluded) return node.excludedUntil;
  return Infinity;
}
