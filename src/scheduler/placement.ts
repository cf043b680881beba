/**
 * Which task runs where. Free workers stand in a queue, the longest unused first, so load spreads; each
 * takes a task of the job with the highest priority, among equals of the one with the fewest running
 * attempts. A launch costs O(jobs), whatever the number of tasks and workers.
 */
import { launch } from "./attempts.js";
import { offer, takeFree, type ClusterState, type Turn } from "./cluster-state.js";
import { chooseIsolated, occupy } from "./isolation.js";
import type { JobLimits } from "./events.js";
import { isReady, type JobState, type StageState, type Task } from "./job-state.js";
import type { NodeState } from "./node-state.js";
import { troubleOf, type Trouble } from "./trouble.js";
import type { WorkerState } from "./worker-state.js";

/** How long a task waits for another node than the one that failed it. */
const AVOID_MILLIS = 10_000;
/** Free workers looked at in vain before the rest wait for the next event. */
const MOST_PASSES = 16;
/** Waiting tasks looked at for one that does not avoid the node at hand. */
const MOST_LOOKS = 8;
const NO_JOBS: ReadonlySet<JobState> = new Set();

export function placeTasks(turn: Turn): void {
  // A suspect that found its place may free another worker that was kept for it and passed over before.
  while (hasTasksToPlace(turn.cluster) && placeOnce(turn) === "again");
}

function placeOnce(turn: Turn): "again" | "settled" {
  const { cluster } = turn;
  const passed: WorkerState[] = [];
  let launchedAfterPass = false;
  while (passed.length < MOST_PASSES && hasTasksToPlace(cluster)) {
    const worker = takeFree(cluster);
    if (worker === undefined) break;
    const task = chooseTask(turn, worker);
    if (task === undefined) {
      passed.push(worker);
      continue;
    }
    const attempt = launch(turn, task, worker);
    if (task.trouble?.suspect === true) occupy(attempt);
    launchedAfterPass ||= passed.length > 0;
  }
  for (const worker of passed) offer(cluster, worker);
  return launchedAfterPass ? "again" : "settled";
}

export function avoidNode({ at, cluster }: Turn, task: Task, node: NodeState): void {
  const trouble = troubleOf(task);
  if (trouble.avoid?.until === Infinity) return;
  const until = isLastChance(trouble, task.stage.job.limits) ? Infinity : at + AVOID_MILLIS;
  trouble.avoid = { node, until };
  if (until < Infinity) cluster.avoidEnds.push(until);
}

/** One more lost worker ends the job: the task waits as long as it must rather than go where the last one was lost. */
function isLastChance({ workerLosses }: Trouble, { deaths }: JobLimits): boolean {
  return workerLosses > 0 && workerLosses === deaths - 1;
}

/** Waiting tasks whose stage can run. */
export function tasksToPlace(job: JobState): number {
  if (job.phase.state !== "running") return 0;
  let waiting = 0;
  for (const stage of job.stages) if (stage.count.waiting > 0 && isReady(stage)) waiting += stage.count.waiting;
  return waiting;
}

function hasTasksToPlace(cluster: ClusterState): boolean {
  for (const job of cluster.jobs.values()) if (tasksToPlace(job) > 0) return true;
  return false;
}

function chooseTask(turn: Turn, worker: WorkerState): Task | undefined {
  const tried = new Set<JobState>();
  for (;;) {
    const job = nextJob(turn.cluster, tried);
    if (job === undefined) return undefined;
    const task = chooseTaskOf(job, worker, turn);
    if (task !== undefined) return task;
    tried.add(job);
  }
}

function nextJob(cluster: ClusterState, tried: ReadonlySet<JobState>): JobState | undefined {
  let best: JobState | undefined;
  for (const job of cluster.jobs.values()) {
    if (tried.has(job) || tasksToPlace(job) === 0) continue;
    const better = best === undefined || job.priority > best.priority || (job.priority === best.priority && job.runningAttempts < best.runningAttempts);
    if (better) best = job;
  }
  return best;
}

function chooseTaskOf(job: JobState, worker: WorkerState, turn: Turn): Task | undefined {
  const mayRun = (task: Task) => !avoids(task, worker, turn);
  const choice = chooseIsolated(job, worker, mayRun);
  if (choice.type === "suspect") return choice.task;
  if (choice.type === "nothing-here") return undefined;
  for (const stage of job.stages) {
    if (stage.count.waiting === 0 || !isReady(stage)) continue;
    const task = takeAgain(stage, mayRun) ?? takeFresh(stage);
    if (task !== undefined) return task;
  }
  return undefined;
}

/** The task that is next for a worker without a free slot, if its stage is one of those that may wait there. */
export function chooseShort(turn: Turn, worker: WorkerState, mayWait: (stage: StageState) => boolean): Task | undefined {
  const job = nextJob(turn.cluster, NO_JOBS);
  // A suspect waits until it is alone.
  if (job === undefined || job.isolations.size > 0) return undefined;
  const stage = job.stages.find((candidate) => candidate.count.waiting > 0 && isReady(candidate));
  if (stage === undefined || stage.suspects.size > 0 || !mayWait(stage)) return undefined;
  return takeAgain(stage, (task) => !avoids(task, worker, turn)) ?? takeFresh(stage);
}

/** Tasks that cannot run here go to the end of the queue. */
function takeAgain(stage: StageState, mayRun: (task: Task) => boolean): Task | undefined {
  for (let looks = Math.min(stage.again.size, MOST_LOOKS); looks > 0; looks--) {
    const task = stage.again.shift();
    if (task === undefined) return undefined;
    if (mayRun(task)) return task;
    stage.again.push(task);
  }
  return undefined;
}

function takeFresh(stage: StageState): Task | undefined {
  const task = stage.tasks[stage.firstFresh];
  if (task !== undefined) stage.firstFresh++;
  return task;
}

/** Only while there is another node that could take the task. */
function avoids(task: Task, { node }: WorkerState, { at, cluster }: Turn): boolean {
  const avoid = task.trouble?.avoid;
  if (avoid?.node !== node || at >= avoid.until) return false;
  for (const other of cluster.healthy) if (other.node !== node && other.slots > 0) return true;
  return false;
}
