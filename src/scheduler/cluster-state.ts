import type { JobId, NodeId, WorkerId } from "../model/ids.js";
import type { SchedulerCommand } from "./commands.js";
import { Fifo } from "./fifo.js";
import type { JobState } from "./job-state.js";
import type { NodeState } from "./node-state.js";
import { RecencyList } from "./recency-list.js";
import type { JobStatus } from "./status.js";
import { hasFreeSlot, type WorkerState } from "./worker-state.js";

/** All that the scheduler knows. Only the functions that `Scheduler.handle` calls change it. */
export interface ClusterState {
  readonly leaseMillis: number;
  readonly workers: Map<WorkerId, WorkerState>;
  readonly byHeartbeat: RecencyList<WorkerState>;
  readonly nodes: Map<NodeId, NodeState>;
  /** Nodes without workers. */
  readonly deserted: Set<NodeState>;
  /** Those that get no tasks for a while. */
  readonly excluded: Set<NodeState>;
  /** Live workers on nodes that are not excluded. */
  readonly healthy: Set<WorkerState>;
  /** Workers with a free slot, the longest unused first. Those without one are dropped when they come up. */
  readonly free: Fifo<WorkerState>;
  readonly jobs: Map<JobId, JobState>;
  /** The latest jobs that ended, so that a repeated submission or a late question finds them. */
  readonly ended: Map<JobId, JobStatus>;
  /** Times at which a waiting task no longer avoids a node, ascending. */
  readonly avoidEnds: Fifo<number>;
  /** Attempts launched from now on have at least this number. */
  leastAttempt: number;
  /** When the timer asked for is due. */
  timerAt: number | undefined;
}

/** One call of `handle`: its time, the state to change, and the commands so far. */
export interface Turn {
  readonly at: number;
  readonly cluster: ClusterState;
  readonly commands: SchedulerCommand[];
  /** Workers on which attempts ended. */
  readonly released: Set<WorkerState>;
}

export function emptyCluster(leaseMillis: number): ClusterState {
  return {
    leaseMillis,
    workers: new Map(),
    byHeartbeat: new RecencyList(),
    nodes: new Map(),
    deserted: new Set(),
    excluded: new Set(),
    healthy: new Set(),
    free: new Fifo(),
    jobs: new Map(),
    ended: new Map(),
    avoidEnds: new Fifo(),
    leastAttempt: 0,
    timerAt: undefined,
  };
}

/** Puts a worker among the free ones when it has a free slot. */
export function offer(cluster: ClusterState, worker: WorkerState): void {
  if (worker.queued || !hasFreeSlot(worker)) return;
  worker.queued = true;
  cluster.free.push(worker);
}

/** The longest unused free worker. Those of excluded nodes only when there is no other worker at all, those of nodes that are cut off last. */
export function takeFree(cluster: ClusterState): WorkerState | undefined {
  for (let worker = cluster.free.shift(); worker !== undefined; worker = cluster.free.shift()) {
    worker.queued = false;
    if (hasFreeSlot(worker) && (cluster.healthy.has(worker) || (cluster.healthy.size === 0 && !(worker.node.cutOff && someCanBeRead(cluster))))) return worker;
  }
  return undefined;
}

/** Whether there is a worker, on another node than this one, that is not cut off. */
export function someCanBeRead(cluster: ClusterState, besides?: NodeState): boolean {
  for (const { mode, node } of cluster.workers.values()) if (mode === "live" && node !== besides && !node.cutOff) return true;
  return false;
}
