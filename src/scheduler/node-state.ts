/**
 * A node is what stays of a worker when its process is gone: a machine, and the name that the worker has there. A worker that
 * starts again has a new id but not a new disk, so what speaks against a worker is held against its node. Workers of
 * one machine that were given no names of their own are one node.
 */
import type { NodeId } from "../model/ids.js";
import type { ClusterState } from "./cluster-state.js";
import type { WorkerState } from "./worker-state.js";

export interface NodeState {
  readonly id: NodeId;
  /** Those that are not lost. */
  readonly workers: Set<WorkerState>;
  strikes: number;
  /** When the latest strike was, and the first of those that count. */
  struckAt: number;
  strikesSince: number;
  /** While it is among the excluded nodes. */
  excludedUntil: number;
  /** Nodes between which and this one fetches failed of late; see cuts.ts. */
  readonly cuts: Map<NodeState, Cut>;
  /** Excluded for them: nobody can read what lies here. */
  cutOff: boolean;
}

/** Seen from both ends. */
export interface Cut {
  failures: number;
  latest: number;
}

/** Nodes without workers that are remembered; beyond that those that lost theirs first are forgotten. */
const DESERTED_KEPT = 10_000;

export function enterNode(cluster: ClusterState, id: NodeId): NodeState {
  const known = cluster.nodes.get(id);
  if (known !== undefined) {
    cluster.deserted.delete(known);
    return known;
  }
  const node: NodeState = { id, workers: new Set(), strikes: 0, struckAt: -Infinity, strikesSince: -Infinity, excludedUntil: -Infinity, cuts: new Map(), cutOff: false };
  cluster.nodes.set(id, node);
  return node;
}

export function leaveNode(cluster: ClusterState, worker: WorkerState): void {
  const { node } = worker;
  node.workers.delete(worker);
  if (node.workers.size > 0) return;
  cluster.deserted.add(node);
  for (const oldest of cluster.deserted) {
    if (cluster.deserted.size <= DESERTED_KEPT) return;
    cluster.deserted.delete(oldest);
    cluster.excluded.delete(oldest);
    cluster.nodes.delete(oldest.id);
  }
}
