/**
 * What must be true after every event, whatever was lost, repeated or late. Letters are those of the
 * reliability scoreboard; that stale events change nothing (e) and that jobs end (f) only a simulation
 * can watch. Recounts everything from the tasks up, so it shares no bookkeeping with what it checks.
 */
import type { ClusterState } from "./cluster-state.js";
import { attemptId, parseAttemptId } from "../model/ids.js";
import { isComplete, isReady, stageOf, type JobState, type RunningAttempt, type StageState, type Task } from "./job-state.js";
import { MOST_AHEAD } from "./run-ahead.js";
import { idOf } from "./trouble.js";
import { countRunning, hasFreeSlot } from "./worker-state.js";

export function violations(cluster: ClusterState): string[] {
  const found: string[] = [];
  const running = new Set<RunningAttempt>();
  for (const job of cluster.jobs.values()) found.push(...jobViolations(job, running));
  found.push(...workerViolations(cluster, running));
  return found;
}

function* jobViolations(job: JobState, running: Set<RunningAttempt>): IterableIterator<string> {
  if (job.phase.state === "ended") yield `${job.id} has ended but is still scheduled`;
  const before = running.size;
  for (const stage of job.stages) {
    yield* countViolations(stage);
    for (const task of stage.tasks) yield* taskViolations(task, running);
  }
  const own = running.size - before;
  if (job.runningAttempts !== own || [...job.byProgress].length !== own) yield `${job.id} counts ${job.runningAttempts} running attempts, but ${own} run`;
  if (job.phase.state === "committing" && own > 0) yield `(g) ${job.id} is committing while ${own} attempts run`;
  yield* isolationViolations(job);
}

function* countViolations(stage: StageState): IterableIterator<string> {
  const count = { waiting: 0, running: 0, done: 0 };
  for (const task of stage.tasks) count[task.state.state]++;
  for (const state of ["waiting", "running", "done"] as const) {
    if (count[state] !== stage.count[state]) yield `(d) stage ${stage.kind} of ${stage.job.id} counts ${stage.count[state]} ${state} tasks, but ${count[state]} are`;
  }
  // A map may run again while reduces do, which then go on.
  if (stage.kind !== "reduce" && stage.count.running > 0 && !isReady(stage)) yield `stage ${stage.kind} of ${stage.job.id} runs ${stage.count.running} tasks before it is ready`;
  const queued = [...stage.again, ...stage.suspects];
  const waiting = stage.tasks.filter((task, index) => task.state.state === "waiting" && index < stage.firstFresh);
  if (stage.job.phase.state !== "running") return;
  for (const task of queued) if (task.state.state !== "waiting") yield `(d) ${idOf(task)} is ${task.state.state} and in a queue`;
  if (new Set(queued).size !== queued.length || queued.length !== waiting.length) yield `(d) stage ${stage.kind} of ${stage.job.id}: ${waiting.length} tasks wait again, but ${queued.length} are queued`;
}

function* taskViolations(task: Task, running: Set<RunningAttempt>): IterableIterator<string> {
  if (task.state.state === "waiting") return;
  if (task.state.state === "done") {
    const { number, worker } = task.state;
    if (number >= task.nextAttempt) yield `(a) ${idOf(task)} committed attempt ${number}, which was never launched`;
    const { job } = task.stage;
    const needed = job.phase.state === "running" && job.plan.partitions > 0 && task.stage.kind === "map";
    const reduce = stageOf(job, "reduce");
    if (needed && worker.mode === "lost" && reduce !== undefined && !isComplete(reduce)) yield `(b) ${idOf(task)} counts as done, but its output is lost with ${worker.id}`;
    return;
  }
  const { attempts } = task.state;
  if (attempts.length === 0 || attempts.length > 2) yield `(d) ${idOf(task)} runs ${attempts.length} attempts`;
  if (new Set(attempts.map((attempt) => attempt.number)).size !== attempts.length) yield `(a) ${idOf(task)} runs an attempt twice`;
  for (const attempt of attempts) {
    running.add(attempt);
    if (attempt.worker.mode === "lost" || !attempt.worker.running.includes(attempt)) yield `(d) ${attempt.id} runs on ${attempt.worker.id}, which does not run it`;
    yield* sourceViolations(attempt);
  }
}

/** A reduce was told one attempt of every map: the committed one, or an earlier one that was lost since. */
function* sourceViolations(attempt: RunningAttempt): IterableIterator<string> {
  if (attempt.task.stage.kind !== "reduce") return;
  const maps = stageOf(attempt.task.stage.job, "map")?.tasks ?? [];
  if (attempt.sources.length !== maps.length) yield `(b) ${attempt.id} reads ${attempt.sources.length} of ${maps.length} maps`;
  for (const [index, map] of maps.entries()) {
    const source = attempt.sources[index]?.attempt;
    const committed = map.state.state === "done" ? map.state.number : undefined;
    if (source !== undefined && committed !== undefined && source === attemptId(idOf(map), committed)) continue;
    const read = source === undefined ? undefined : parseAttemptId(source).attempt;
    if (read === undefined || read >= (committed ?? map.nextAttempt)) yield `(b) ${attempt.id} reads ${source ?? "nothing"} of ${idOf(map)}, of which attempt ${committed ?? "none"} is committed`;
  }
}

function* isolationViolations(job: JobState): IterableIterator<string> {
  for (const [worker, isolation] of job.isolations) {
    if (isolation.state === "occupied" && countRunning(worker, job) !== 1) yield `${isolation.by.id} should be alone on ${worker.id}`;
  }
}

function* workerViolations(cluster: ClusterState, running: ReadonlySet<RunningAttempt>): IterableIterator<string> {
  let total = 0;
  for (const worker of cluster.workers.values()) {
    total += worker.running.length;
    for (const attempt of worker.running) if (!running.has(attempt)) yield `(g) ${worker.id} runs ${attempt.id}, which its task does not know`;
    if (worker.running.length > worker.slots * (1 + MOST_AHEAD)) yield `${worker.id} runs ${worker.running.length} attempts in ${worker.slots} slots`;
    if (hasFreeSlot(worker) && cluster.healthy.has(worker) && !worker.queued) yield `${worker.id} is free but not among the free workers`;
  }
  if (total !== running.size) yield `(d) workers run ${total} attempts, tasks ${running.size}`;
}
