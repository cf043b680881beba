/**
 * Watches a simulated run from outside: looks at the invariants after every event, and keeps its own short
 * account of what was launched and committed, to hold the scheduler's commands against. Only what took effect is in that
 * account: what a coordinator handled but could not record never happened.
 */
import { isDeepStrictEqual } from "node:util";
import { parseAttemptId, taskId, type AttemptId, type JobId, type TaskId, type WorkerId } from "../../model/ids.js";
import type { StageInputs } from "../../model/task.js";
import type { CommittedAttempt, JobOutcome, SchedulerCommand } from "../../scheduler/commands.js";
import type { SchedulerEvent } from "../../scheduler/events.js";
import type { Scheduler } from "../../scheduler/scheduler.js";
import type { Plan } from "../../plan/plan.js";
import { AttemptBook } from "./attempt-book.js";
import { judgeFailure } from "./judge-failure.js";
import { splitNumber, type Scenario } from "./scenario.js";
import { recordsOf } from "./virtual-output.js";

/** An event and what came of it. */
export interface Handled {
  readonly event: SchedulerEvent;
  readonly commands: readonly SchedulerCommand[];
  /** The attempt that the event made its task's result. */
  readonly accepted: AttemptId | undefined;
  /** Workers that the scheduler did not believe in after it. */
  readonly lost: ReadonlySet<WorkerId>;
}

export class Judge {
  readonly outcomes = new Map<JobId, JobOutcome>();
  readonly problems: string[] = [];
  /** Jobs whose submission took effect. */
  readonly accepted = new Set<JobId>();
  events = 0;
  readonly #scenario: Scenario;
  readonly #staged: ReadonlySet<AttemptId>;
  readonly #idle: ReadonlySet<AttemptId>;
  readonly #book = new AttemptBook();
  /** With what was known of its input. */
  readonly #launched = new Map<AttemptId, StageInputs>();
  readonly #launchesOf = new Map<TaskId, AttemptId[]>();
  /** The latest attempt of each task that the scheduler took as its result. */
  readonly #accepted = new Map<TaskId, AttemptId>();
  readonly #sourcesOf = new Map<AttemptId, string>();
  readonly #workers = new Set<WorkerId>();
  readonly #committing = new Set<JobId>();
  readonly #published = new Map<JobId, string>();

  constructor(scenario: Scenario, staged: ReadonlySet<AttemptId>, idle: ReadonlySet<AttemptId>) {
    this.#scenario = scenario;
    this.#staged = staged;
    this.#idle = idle;
  }

  /** Not any more, or not yet, so that asking makes no sense. */
  mayNotCancel(job: JobId): boolean {
    return this.outcomes.has(job) || this.#committing.has(job);
  }

  get allEnded(): boolean {
    return this.outcomes.size === this.#scenario.jobs.length;
  }

  /** Lets the scheduler handle an event and looks at what comes of it. */
  watch(scheduler: Scheduler, event: SchedulerEvent): Handled {
    this.events++;
    const doneBefore = event.type === "attempt-finished" ? doneCount(scheduler, event.attempt) : 0;
    const commands = scheduler.handle(event);
    // Finishing the last task ends nothing but the wait for the commit, so the count can still be read.
    const accepted = event.type === "attempt-finished" && doneCount(scheduler, event.attempt) > doneBefore ? event.attempt : undefined;
    for (const violation of scheduler.violations()) this.#problem(`after ${event.type} at ${event.at}: ${violation}`);
    if (event.type === "attempt-finished" || event.type === "attempt-failed") this.#repeat(scheduler, event, accepted);
    if (event.type === "worker-joined") this.#workers.add(event.worker);
    const lost = new Set([...this.#workers].filter((worker) => !scheduler.knowsWorker(worker)));
    return { event, commands, accepted, lost };
  }

  /** What was handled is durable, and its commands are carried out. */
  tookEffect({ event, commands, accepted, lost }: Handled): void {
    if (event.type === "job-submitted") this.accepted.add(event.plan.job);
    if (event.type === "attempt-finished" || event.type === "attempt-failed") this.#book.ended(event.attempt, event.worker);
    if (event.type === "worker-draining" && !lost.has(event.worker)) this.#book.draining(event.worker);
    this.#book.lost(lost);
    if (accepted !== undefined) this.#accept(accepted);
    for (const command of commands) this.#look(command);
    this.#lookForLeftovers(accepted);
  }

  /** A scheduler that came out of a journal. What had taken effect must be in it; it may know more, which is taken for granted from now on. */
  restarted(scheduler: Scheduler): void {
    for (const violation of scheduler.violations()) this.#problem(`after a restart: ${violation}`);
    for (const { plan } of this.#scenario.jobs) {
      const state = scheduler.status(plan.job)?.state;
      const outcome = this.outcomes.get(plan.job);
      if (outcome !== undefined && state !== outcome.type) this.#problem(`${plan.job} was ${outcome.type} and is ${state} after a restart`);
      if (outcome === undefined && this.#committing.has(plan.job) && state === "running") this.#problem(`${plan.job} was committing and is running after a restart`);
    }
  }

  /** A job's parts became visible. */
  published(job: JobId, committed: readonly CommittedAttempt[]): void {
    const parts = committed.map(({ attempt }) => attempt).join(" ");
    if (this.#published.has(job)) this.#problem(`(a) ${job} was published twice`);
    this.#published.set(job, parts);
    const outcome = this.outcomes.get(job);
    if (outcome !== undefined && outcome.type !== "done") this.#problem(`(a) ${job} was published after it was ${outcome.type}`);
  }

  /** (e) What was just handled is stale the second time, and changes nothing. */
  #repeat(scheduler: Scheduler, event: SchedulerEvent, accepted: AttemptId | undefined): void {
    if (this.events % 4 !== 0) return;
    const before = scheduler.outstanding();
    const commands = scheduler.handle(event);
    if (commands.some((command) => command.type !== "cancel-attempt" && command.type !== "set-timer")) this.#problem(`(e) a repeated ${event.type} has effects: ${JSON.stringify(commands)}`);
    const cancelled = commands.flatMap((command) => (command.type === "cancel-attempt" ? [command.attempt] : []));
    if (accepted !== undefined && cancelled.includes(accepted)) this.#problem(`${accepted} is committed and was cancelled when it was reported again`);
    const timeless = (all: SchedulerCommand[]) => all.filter((command) => command.type !== "set-timer");
    if (!isDeepStrictEqual(timeless(before), timeless(scheduler.outstanding()))) this.#problem(`(e) a repeated ${event.type} changes what is outstanding`);
  }

  #accept(attempt: AttemptId): void {
    if (!this.#launched.has(attempt)) this.#problem(`${attempt} was committed but never launched`);
    this.#accepted.set(parseAttemptId(attempt).task, attempt);
  }

  /** (g) Losers of a race, and all attempts of a job that has ended, are cancelled in the same turn. */
  #lookForLeftovers(accepted: AttemptId | undefined): void {
    if (accepted !== undefined) {
      const { task, job } = parseAttemptId(accepted);
      for (const other of this.#book.runningOf(job)) if (parseAttemptId(other).task === task) this.#problem(`(g) ${other} goes on although ${accepted} is committed`);
    }
    for (const job of this.outcomes.keys()) for (const attempt of this.#book.runningOf(job)) this.#problem(`(g) ${attempt} goes on although its job has ended`);
  }

  #look(command: SchedulerCommand): void {
    switch (command.type) {
      case "launch-attempt":
        this.#lookAtLaunch(command);
        return;
      case "cancel-attempt":
        this.#book.ended(command.attempt, command.worker);
        this.#checkCancel(command.attempt);
        return;
      case "commit-job":
        this.#committing.add(command.job);
        this.#lookAtCommit(command.job, command.committed);
        return;
      case "finish-job":
        this.#lookAtEnd(command.job, command.outcome);
        return;
      case "resolve-stage-inputs":
      case "set-timer":
        return;
    }
  }

  #lookAtLaunch({ attempt, inputs, sources, worker }: Extract<SchedulerCommand, { type: "launch-attempt" }>): void {
    const { task, job, stage } = parseAttemptId(attempt);
    if (this.#launched.has(attempt)) this.#problem(`${attempt} was launched twice`);
    this.#launched.set(attempt, inputs);
    const improper = this.#book.launched(attempt, worker);
    if (improper !== undefined) this.#problem(improper);
    this.#launchesOf.set(task, [...(this.#launchesOf.get(task) ?? []), attempt]);
    if (this.outcomes.has(job) || this.#committing.has(job)) this.#problem(`${attempt} was launched after its job's last task`);
    if (stage !== "reduce") return;
    this.#sourcesOf.set(attempt, sources.map((source) => source.attempt).join(" "));
    const maps = this.#planOf(job).stages.find((candidate) => candidate.kind === "map")?.tasks.length;
    if (sources.length !== maps) this.#problem(`(b) ${attempt} reads ${sources.length} of ${maps} maps`);
    for (const [index, source] of sources.entries()) {
      if (this.#accepted.get(taskId(job, "map", index)) !== source.attempt) this.#problem(`(b) ${attempt} was told to read ${source.attempt}, which is not committed`);
      this.#checkRead(source.attempt);
    }
  }

  /** (h) What is used of a map began to read where its split does, and so did the samples that placed its partitions. */
  #checkRead(map: AttemptId): void {
    const { job } = parseAttemptId(map);
    const { splitters = [] } = this.#launched.get(map) ?? {};
    for (const attempt of [map, ...splitters] as AttemptId[]) {
      const { content } = this.#jobOf(job);
      const split = splitNumber(parseAttemptId(attempt), content.length);
      const begun = this.#launched.get(attempt)?.csvStates?.[split] ?? "plain";
      const begins = content[split]?.begins ?? "plain";
      if (begun !== begins) this.#problem(`(h) ${attempt} is used, which began ${begun}, but its split begins ${begins}`);
    }
  }

  /** The files of an attempt that counts must not be swept before the job has ended. */
  #checkCancel(attempt: AttemptId): void {
    const { task, job } = parseAttemptId(attempt);
    if (this.#accepted.get(task) === attempt && !this.outcomes.has(job)) this.#problem(`${attempt} is committed and was cancelled`);
  }

  #lookAtCommit(job: JobId, committed: readonly CommittedAttempt[]): void {
    const plan = this.#planOf(job);
    const expected = plan.stages.flatMap(({ kind, tasks }) => (kind === "map" || kind === "reduce" ? tasks.map((_, index) => taskId(job, kind, index)) : []));
    const given = committed.map(({ attempt }) => parseAttemptId(attempt).task);
    if (!isDeepStrictEqual(given, expected)) this.#problem(`(a) ${job} commits ${given.join(" ")}`);
    for (const { attempt, result, stats } of committed) {
      const address = parseAttemptId(attempt);
      if (this.#accepted.get(address.task) !== attempt) this.#problem(`(a) ${job} commits ${attempt}, which is not the accepted attempt`);
      if (address.stage === "map") this.#checkRead(attempt);
      if (stats.records !== recordsOf(address)) this.#problem(`(c) ${attempt} counts ${stats.records} records`);
      if (result.type !== "survey" && result.type !== "sample" && result.output.kind === "part") {
        if (!this.#staged.has(attempt)) this.#problem(`the part of ${attempt} was swept before the commit`);
        if (result.output.file !== `${attempt} of ${this.#sourcesOf.get(attempt) ?? ""}`) this.#problem(`(b) ${attempt} was made of ${result.output.file}`);
      }
    }
  }

  #lookAtEnd(job: JobId, outcome: JobOutcome): void {
    if (this.outcomes.has(job)) this.#problem(`${job} ended twice`);
    this.outcomes.set(job, outcome);
    if (outcome.type === "done" && !this.#committing.has(job)) this.#problem(`${job} is done but was not committed`);
    if (outcome.type === "cancelled" && this.#committing.has(job)) this.#problem(`${job} was cancelled while its parts were being published`);
    if (outcome.type === "failed") {
      const problem = judgeFailure(this.#scenario, outcome.failure, (task) => this.#launchesOf.get(task) ?? [], this.#idle);
      if (problem !== undefined) this.#problem(`${job}: ${problem}: ${outcome.failure.message}`);
    }
  }

  #planOf(job: JobId): Plan {
    return this.#jobOf(job).plan;
  }

  #jobOf(job: JobId): Scenario["jobs"][number] {
    const found = this.#scenario.jobs.find(({ plan }) => plan.job === job);
    if (found === undefined) throw new Error(`No job ${job}`);
    return found;
  }

  #problem(text: string): void {
    if (this.problems.length < 20) this.problems.push(text);
  }
}

function doneCount(scheduler: Scheduler, attempt: AttemptId): number {
  const { job, stage } = parseAttemptId(attempt);
  return scheduler.status(job)?.stages.find((candidate) => candidate.kind === stage)?.done ?? 0;
}
