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
  if (isStruckOut(node)) exclude(turn, node, EXCLUDED_MILLIS);
}

export function isStruckOut(node: NodeState): boolean {
  return node.strikes >= STRIKES;
}

export function exclude({ at, cluster }: Turn, node: NodeState, millis: number): void {
  node.excludedUntil = Math.max(node.excludedUntil, at + millis);
  cluster.excluded.add(node);
  for (const worker of node.workers) removeFromHealthy(cluster, worker);
}

/** With no healthy worker left, those of excluded nodes are better than none. */
export function removeFromHealthy(cluster: ClusterState, worker: WorkerState): void {
  cluster.healthy.delete(worker);
  if (cluster.healthy.size > 0) return;
  for (const node of cluster.excluded) for (const excluded of node.workers) offer(cluster, excluded);
}

export function endExclusions({ at, cluster }: Turn): void {
  for (const node of cluster.excluded) {
    if (node.excludedUntil > at) continue;
    node.strikes = 0;
    node.cutOff = false;
    takeBack(cluster, node);
  }
}

export function takeBack(cluster: ClusterState, node: NodeState): void {
  cluster.excluded.delete(node);
  node.excludedUntil = -Infinity;
  for (const worker of node.workers) {
    if (worker.mode === "live") cluster.healthy.add(worker);
    offer(cluster, worker);
  }
}

export function nextExclusionEnd(cluster: ClusterState): number {
  let next = Infinity;
  for (const node of cluster.excluded) next = Math.min(next, node.excludedUntil);
  return next;
}
