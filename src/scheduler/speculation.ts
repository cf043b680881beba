/**
 * Backup attempts for stragglers (Dean and Ghemawat, MapReduce, 2004, section 3.6): near the end of a stage,
 * idle slots run a second attempt of tasks that take far longer than the others did. The first to finish
 * wins. Backups take only slots that no task waits for, and few of them, so they delay nobody.
 */
import { ineligibleForBackup, launch } from "./attempts.js";
import { offer, takeFree, type ClusterState, type Turn } from "./cluster-state.js";
import { isReady, type RunningAttempt, type StageState } from "./job-state.js";
import type { WorkerState } from "./worker-state.js";

const DONE_SHARE = 0.75;
const SLOWER_THAN_MEDIAN = 1.5;
const FLOOR_MILLIS = 5_000;
const MOST_BACKUPS_SHARE = 0.1;

export function placeBackups(turn: Turn): void {
  if (turn.cluster.free.size === 0) return;
  for (const stage of stagesNearEnd(turn.cluster)) {
    for (let straggler = stage.byLaunch.oldest; straggler !== undefined && dueAt(straggler) <= turn.at && mayBackUp(stage); straggler = stage.byLaunch.oldest) {
      const worker = takeWorkerFor(turn.cluster, straggler);
      if (worker === undefined) return;
      ineligibleForBackup(straggler);
      stage.backups++;
      launch(turn, straggler.task, worker, true);
    }
  }
}

/** When the next straggler may get its backup. One that is overdue waits for a slot, not for a time. */
export function nextBackupAt(cluster: ClusterState, at: number): number {
  let next = Infinity;
  if (cluster.free.size === 0) return next;
  for (const stage of stagesNearEnd(cluster)) {
    const oldest = stage.byLaunch.oldest;
    if (oldest !== undefined && mayBackUp(stage) && dueAt(oldest) > at) next = Math.min(next, dueAt(oldest));
  }
  return next;
}

function* stagesNearEnd(cluster: ClusterState): IterableIterator<StageState> {
  for (const job of cluster.jobs.values()) {
    if (job.limits.speculation === false || job.runningAttempts === 0) continue;
    for (const stage of job.stages) {
      if (stage.count.running > 0 && stage.count.done >= DONE_SHARE * stage.tasks.length && isReady(stage)) yield stage;
    }
  }
}

function mayBackUp(stage: StageState): boolean {
  return stage.backups < Math.max(1, Math.floor(stage.tasks.length * MOST_BACKUPS_SHARE));
}

function dueAt({ launchedAt, task }: RunningAttempt): number {
  return Math.ceil(launchedAt + FLOOR_MILLIS + SLOWER_THAN_MEDIAN * task.stage.durations.median());
}

/** Neither the straggler's own worker nor one kept for a suspect. */
function takeWorkerFor(cluster: ClusterState, straggler: RunningAttempt): WorkerState | undefined {
  const unfit: WorkerState[] = [];
  let worker = takeFree(cluster);
  while (worker !== undefined && (worker === straggler.worker || straggler.task.stage.job.isolations.has(worker))) {
    unfit.push(worker);
    worker = takeFree(cluster);
  }
  for (const other of unfit) offer(cluster, other);
  return worker;
}
