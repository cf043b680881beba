/**
 * The scheduler decides what runs where, what runs again and when a job ends. Events go in, commands come
 * out; there is no clock, no randomness and no I/O, so the same events always give the same commands, and a
 * restarted coordinator gets its state back by handling its journal of events again.
 *
 * The journal must hold every event in order, timers too, but for signs of life (heartbeats and progress): they only put
 * off what a timer finds overdue, and that is written in the timer's event. After a restart `at` goes on from the last event
 * in the journal, and `coordinator-restarted` renews all leases.
 */
import { parseTaskId, type AttemptId, type JobId, type TaskId, type WorkerId } from "../model/ids.js";
import { assertNever } from "../model/assert-never.js";
import type { StageInputs } from "../model/task.js";
import { advanceJob, commitCommand, resolveCommand } from "./advance-job.js";
import { attemptFailed } from "./attempt-failed.js";
import { attemptFinished } from "./attempt-finished.js";
import { launchCommand } from "./attempts.js";
import { answerStale, attemptProgressed, findRunning } from "./attempt-reports.js";
import { emptyCluster, type ClusterState, type Turn } from "./cluster-state.js";
import type { SchedulerCommand } from "./commands.js";
import { cancelJob, endJob, failJob } from "./end-job.js";
import type { SchedulerEvent } from "./events.js";
import { endExclusions } from "./exclusion.js";
import { violations } from "./invariants.js";
import { stageOf } from "./job-state.js";
import { coordinatorRestarted, endOverdue, heardFrom, loseWorker, overdueAt, workerDraining, workerJoined } from "./liveness.js";
import { newJob } from "./new-job.js";
import { placeTasks } from "./placement.js";
import { placeAhead } from "./run-ahead.js";
import { placeBackups } from "./speculation.js";
import { retakeMisread } from "./survey.js";
import { jobStatus, type JobStatus } from "./status.js";
import { setTimer, timerFired } from "./timer.js";
import { storyOf } from "./trouble.js";

export interface SchedulerOptions {
  /** How long a worker is believed without a heartbeat. Default 10,000 ms. */
  readonly leaseMillis?: number;
}

export class Scheduler {
  readonly #cluster: ClusterState;
  #at = 0;

  constructor(options: SchedulerOptions = {}) {
    this.#cluster = emptyCluster(options.leaseMillis ?? 10_000);
  }

  /** The only way in. Times must not go backwards; one that does counts as the latest before it. */
  handle(event: SchedulerEvent): SchedulerCommand[] {
    this.#at = Math.max(this.#at, event.at);
    const turn: Turn = { at: this.#at, cluster: this.#cluster, commands: [], released: new Set() };
    apply(turn, event);
    if (isSignOfLife(event)) return turn.commands;
    placeTasks(turn);
    placeAhead(turn);
    placeBackups(turn);
    setTimer(turn);
    return turn.commands;
  }

  /**
   * Commands that still wait for their event. A restarted coordinator handles its journal, throws away the
   * commands that come out, and carries out these: workers know launches that they have seen before.
   */
  outstanding(): SchedulerCommand[] {
    const commands: SchedulerCommand[] = [];
    for (const job of this.#cluster.jobs.values()) {
      for (const stage of job.stages) if (stage.inputs === "asked") commands.push(resolveCommand(stage));
      for (const attempt of job.byProgress) commands.push(launchCommand(attempt));
      if (job.phase.state === "committing") commands.push(commitCommand(job));
    }
    if (this.#cluster.timerAt !== undefined) commands.push({ type: "set-timer", at: this.#cluster.timerAt });
    return commands;
  }

  /** The event for a timer that has run out, with what is overdue by then. */
  timerFired(at: number): Extract<SchedulerEvent, { type: "timer-fired" }> {
    return { type: "timer-fired", at, overdue: overdueAt(this.#cluster, Math.max(this.#at, at)) };
  }

  /** Events that make these workers known to an empty scheduler. */
  population(at: number): SchedulerEvent[] {
    return [...this.#cluster.workers.values()].flatMap(({ id: worker, node, slots, mode }): SchedulerEvent[] => [
      { type: "worker-joined", at, worker, node: node.id, slots },
      ...(mode === "draining" ? [{ type: "worker-draining", at, worker } as const] : []),
    ]);
  }

  /** Whether reports of the worker count. One that was lost must join again. */
  knowsWorker(worker: WorkerId): boolean {
    return this.#cluster.workers.has(worker);
  }

  /** Whether the attempt runs there, as far as is known: its launch must reach the worker. */
  runs(attempt: AttemptId, worker: WorkerId): boolean {
    return findRunning(this.#cluster, attempt, worker) !== undefined;
  }

  /** Jobs that have not ended. */
  get liveJobs(): number {
    return this.#cluster.jobs.size;
  }

  /** Undefined for a job that is unknown or ended long ago. */
  status(job: JobId): JobStatus | undefined {
    const state = this.#cluster.jobs.get(job);
    return state === undefined ? this.#cluster.ended.get(job) : jobStatus(this.#cluster, state, this.#at);
  }

  /** What happened to a task of a job that has not ended, one line per event. */
  story(task: TaskId): string[] {
    const { job, stage, index } = parseTaskId(task);
    const state = this.#cluster.jobs.get(job);
    const found = state === undefined ? undefined : stageOf(state, stage)?.tasks[index];
    return found === undefined ? [] : storyOf(found);
  }

  /** Broken invariants, for tests: a look at everything, so too slow for a running system. */
  violations(): string[] {
    return violations(this.#cluster);
  }
}

/** These only move deadlines away. */
export function isSignOfLife(event: SchedulerEvent): event is Extract<SchedulerEvent, { type: "worker-heartbeat" | "attempt-progressed" }> {
  return event.type === "worker-heartbeat" || event.type === "attempt-progressed";
}

function apply(turn: Turn, event: SchedulerEvent): void {
  const { cluster } = turn;
  switch (event.type) {
    case "job-submitted": {
      const { plan, priority, limits } = event;
      if (cluster.jobs.has(plan.job) || cluster.ended.has(plan.job)) return;
      const job = newJob(plan, priority, limits, turn.at);
      cluster.jobs.set(job.id, job);
      advanceJob(turn, job);
      return;
    }
    case "stage-inputs-resolved":
      inputsResolved(turn, event.job, event.inputs);
      return;
    case "job-cancelled": {
      const job = cluster.jobs.get(event.job);
      if (job !== undefined) cancelJob(turn, job, event.reason);
      return;
    }
    case "job-committed": {
      const job = cluster.jobs.get(event.job);
      if (job?.phase.state === "committing") endJob(turn, job, { type: "done" });
      return;
    }
    case "commit-failed": {
      const job = cluster.jobs.get(event.job);
      if (job !== undefined) failJob(turn, job, event.failure);
      return;
    }
    case "worker-joined":
      workerJoined(turn, event.worker, event.node, event.slots);
      return;
    case "worker-heartbeat":
    case "worker-draining":
    case "worker-lost":
      workerEvent(turn, event);
      return;
    case "attempt-progressed":
    case "attempt-finished":
    case "attempt-failed":
      attemptEvent(turn, event);
      return;
    case "coordinator-restarted":
      coordinatorRestarted(turn, event.cut);
      return;
    case "timer-fired":
      timerFired(turn);
      endOverdue(turn, event.overdue);
      endExclusions(turn);
      return;
    default:
      assertNever(event);
  }
}

function workerEvent(turn: Turn, event: Extract<SchedulerEvent, { type: "worker-heartbeat" | "worker-draining" | "worker-lost" }>): void {
  const worker = turn.cluster.workers.get(event.worker);
  if (worker === undefined) return;
  if (event.type === "worker-lost") {
    loseWorker(turn, worker, event.reason);
    return;
  }
  heardFrom(turn.cluster, worker, turn.at);
  if (event.type === "worker-draining") workerDraining(turn, worker);
}

function attemptEvent(turn: Turn, event: Extract<SchedulerEvent, { type: "attempt-progressed" | "attempt-finished" | "attempt-failed" }>): void {
  const { cluster } = turn;
  const worker = cluster.workers.get(event.worker);
  if (worker !== undefined) heardFrom(cluster, worker, turn.at);
  const attempt = findRunning(cluster, event.attempt, event.worker);
  if (attempt === undefined) {
    if (event.type !== "attempt-failed") answerStale(turn, event.attempt, event.worker);
    return;
  }
  if (event.type === "attempt-progressed") attemptProgressed(turn, attempt, event.progress);
  else if (event.type === "attempt-finished") attemptFinished(turn, attempt, event.result, event.stats);
  else attemptFailed(turn, attempt, event.failure);
}

/** One stage at a time asks for its inputs, and each asks for another of them: an answer says what it answers. */
function inputsResolved(turn: Turn, id: JobId, inputs: StageInputs): void {
  const job = turn.cluster.jobs.get(id);
  const stage = job?.stages.find((candidate) => candidate.inputs === "asked");
  if (job === undefined || stage === undefined) return;
  if (stage.kind === "survey" ? inputs.csvStates === undefined : inputs.splitters === undefined) return;
  stage.inputs = "answered";
  job.inputs = { ...job.inputs, ...inputs };
  if (inputs.csvStates !== undefined) retakeMisread(turn, job, inputs.csvStates);
  advanceJob(turn, job);
}
