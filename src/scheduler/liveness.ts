/**
 * When a worker dies. A worker is believed while its heartbeats come; without one for the lease time it is
 * lost: its running attempts failed, its map outputs are gone as far as they are still needed. It may be
 * alive behind a broken network: whatever it reports later is stale and changes nothing.
 */
import { attemptFailed } from "./attempt-failed.js";
import { findRunning } from "./attempt-reports.js";
import { cancelCommand } from "./attempts.js";
import { offer, type ClusterState, type Turn } from "./cluster-state.js";
import type { Overdue } from "./events.js";
import { removeFromHealthy, strike } from "./exclusion.js";
import { forgetCuts } from "./cuts.js";
import { loseOutputsOf } from "./map-outputs.js";
import type { NodeId, WorkerId } from "../model/ids.js";
import { enterNode, leaveNode } from "./node-state.js";
import { begunOn, newWorker, type WorkerState } from "./worker-state.js";

/** More than any task had in the part of a journal that was lost. */
const ATTEMPTS_UNHEARD_OF = 1_000;

/** A repeated join of a live worker renews its lease. A restarted worker process joins under a new id, or after it was lost. */
export function workerJoined(turn: Turn, id: WorkerId, nodeId: NodeId, slots: number): void {
  const { at, cluster } = turn;
  const known = cluster.workers.get(id);
  if (known !== undefined) {
    known.slots = slots;
    heardFrom(cluster, known, at);
    offer(cluster, known);
    return;
  }
  const node = enterNode(cluster, nodeId);
  const worker = newWorker(id, node, slots, at);
  node.workers.add(worker);
  cluster.workers.set(id, worker);
  worker.placeByHeartbeat = cluster.byHeartbeat.add(worker);
  if (!cluster.excluded.has(node)) cluster.healthy.add(worker);
  offer(cluster, worker);
}

export function heardFrom(cluster: ClusterState, worker: WorkerState, at: number): void {
  worker.heardAt = at;
  if (worker.placeByHeartbeat !== undefined) cluster.byHeartbeat.touch(worker.placeByHeartbeat);
}

/** Nobody was heard while the coordinator was away: all leases and timeouts begin anew. */
export function coordinatorRestarted({ at, cluster }: Turn, cut: boolean): void {
  for (const worker of cluster.workers.values()) heardFrom(cluster, worker, at);
  for (const job of cluster.jobs.values()) for (const attempt of job.byProgress) attempt.progressAt = at;
  if (cut) cluster.leastAttempt += ATTEMPTS_UNHEARD_OF;
}

export function workerDraining({ cluster }: Turn, worker: WorkerState): void {
  if (worker.mode === "live") worker.mode = "draining";
  removeFromHealthy(cluster, worker);
}

export function loseWorker(turn: Turn, worker: WorkerState, reason: string): void {
  const { cluster } = turn;
  // One that drained before it left did no harm.
  if (worker.mode === "live") strike(turn, worker.node);
  worker.mode = "lost";
  cluster.workers.delete(worker.id);
  if (worker.placeByHeartbeat !== undefined) cluster.byHeartbeat.remove(worker.placeByHeartbeat);
  worker.placeByHeartbeat = undefined;
  removeFromHealthy(cluster, worker);
  leaveNode(cluster, worker);
  // A new process there has a clean record.
  if (worker.node.workers.size === 0) forgetCuts(cluster, worker.node);
  for (const job of [...cluster.jobs.values()]) {
    job.isolations.delete(worker);
    loseOutputsOf(worker, job, turn.at, `worker ${worker.id} is lost`);
  }
  const begun = begunOn(worker);
  const message = `worker ${worker.id} is lost: ${reason}`;
  for (const attempt of [...worker.running]) {
    // An earlier one of these may have ended the job.
    if (worker.running.includes(attempt)) attemptFailed(turn, attempt, begun.has(attempt) ? { kind: "worker-lost", message } : { kind: "cancelled", message: `${message}, before it had begun` });
  }
}

/** Leases and attempts that gave no sign of life in time. */
export function overdueAt(cluster: ClusterState, at: number): Overdue {
  const workers: Overdue["workers"][number][] = [];
  const attempts: Overdue["attempts"][number][] = [];
  for (const { id, heardAt } of cluster.byHeartbeat) {
    if (heardAt + cluster.leaseMillis > at) break;
    workers.push({ worker: id, millis: Math.round(at - heardAt) });
  }
  for (const job of cluster.jobs.values()) {
    for (const { id, worker, progressAt } of job.byProgress) {
      if (progressAt + job.limits.taskTimeout > at) break;
      attempts.push({ attempt: id, worker: worker.id, millis: Math.round(at - progressAt) });
    }
  }
  return { workers, attempts };
}

/** The end of one may have been the end of others. */
export function endOverdue(turn: Turn, { workers, attempts }: Overdue): void {
  const { cluster } = turn;
  for (const { worker: id, millis } of workers) {
    const worker = cluster.workers.get(id);
    if (worker !== undefined) loseWorker(turn, worker, `no heartbeat for ${millis} ms`);
  }
  for (const { attempt: id, worker, millis } of attempts) {
    const attempt = findRunning(cluster, id, worker);
    if (attempt === undefined) continue;
    const kind = begunOn(attempt.worker).has(attempt) ? "task-timeout" : "cancelled";
    const reason = kind === "cancelled" ? `did not begin within ${millis} ms` : `no progress for ${millis} ms`;
    cancelCommand(turn, attempt, reason);
    attemptFailed(turn, attempt, { kind, message: `${reason} (limit ${attempt.task.stage.job.limits.taskTimeout})` });
  }
}

export function nextOverdueAt(cluster: ClusterState): number {
  const { oldest } = cluster.byHeartbeat;
  let next = oldest === undefined ? Infinity : oldest.heardAt + cluster.leaseMillis;
  for (const job of cluster.jobs.values()) {
    const attempt = job.byProgress.oldest;
    if (attempt !== undefined) next = Math.min(next, attempt.progressAt + job.limits.taskTimeout);
  }
  return next;
}
