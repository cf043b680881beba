import type { Failure } from "../model/failure.js";
import { nodeId, parseAttemptId, workerId, type AttemptId, type JobId, type TaskId, type WorkerId } from "../model/ids.js";
import type { AttemptStats } from "../model/task.js";
import type { Plan } from "../plan/plan.js";
import type { JobOutcome, SchedulerCommand } from "../scheduler/commands.js";
import type { JobLimits, SchedulerEvent } from "../scheduler/events.js";
import { Scheduler } from "../scheduler/scheduler.js";
import { resultOf, statsOf } from "./simulation/virtual-output.js";

type Untimed<E> = E extends SchedulerEvent ? Omit<E, "at"> : never;
type Launch = Extract<SchedulerCommand, { type: "launch-attempt" }>;

export const LIMITS: JobLimits = { attempts: 4, deaths: 3, taskTimeout: 600_000 };

/**
 * A scheduler whose events a test writes down one by one: it keeps the time, remembers what was commanded,
 * and throws as soon as an invariant is broken.
 */
export class ScriptedCluster {
  readonly scheduler = new Scheduler();
  readonly commands: SchedulerCommand[] = [];
  at = 0;

  /** The node is by default one of the worker's own. */
  join(...workers: readonly (readonly [id: string, slots: number, node?: string])[]): this {
    for (const [id, slots, node = id] of workers) this.tell({ type: "worker-joined", worker: workerId(id), node: nodeId(node), slots });
    return this;
  }

  submit(plan: Plan, options: { readonly priority?: number; readonly limits?: Partial<JobLimits> } = {}): this {
    this.tell({ type: "job-submitted", plan, priority: options.priority ?? 0, limits: { ...LIMITS, ...options.limits } });
    return this;
  }

  /** Hands over one event and returns the commands it brought about. */
  tell(event: Untimed<SchedulerEvent>): SchedulerCommand[] {
    const commands = this.scheduler.handle({ ...event, at: this.at });
    const violations = this.scheduler.violations();
    if (violations.length > 0) throw new Error(`After ${event.type}: ${violations.join("; ")}`);
    this.commands.push(...commands);
    return commands;
  }

  finish(attempt: string, stats: Partial<AttemptStats> = {}, worker = this.workerOf(attempt)): SchedulerCommand[] {
    const { attempt: id, sources } = this.launchOf(attempt);
    const job = parseAttemptId(id).job;
    const result = resultOf(id, sources, this.scheduler.status(job)?.stages.every((stage) => stage.kind !== "reduce") ?? false);
    return this.tell({ type: "attempt-finished", attempt: id, worker, result, stats: { ...statsOf(parseAttemptId(id)), ...stats } });
  }

  fail(attempt: string, failure: Partial<Failure> & Pick<Failure, "kind">): SchedulerCommand[] {
    return this.tell({ type: "attempt-failed", attempt: this.launchOf(attempt).attempt, worker: this.workerOf(attempt), failure: { message: "broken", ...failure } });
  }

  beat(...workers: readonly string[]): this {
    for (const worker of workers) this.tell({ type: "worker-heartbeat", worker: workerId(worker) });
    return this;
  }

  fireTimer(): SchedulerCommand[] {
    return this.tell(this.scheduler.timerFired(this.at));
  }

  /** Lets time pass with a heartbeat a second of the workers named, and timers when they are due. */
  pass(millis: number, ...beating: readonly string[]): SchedulerCommand[] {
    const from = this.commands.length;
    for (const end = this.at + millis; this.at < end; ) {
      this.at = Math.min(end, this.at + 1_000);
      this.beat(...beating);
      const timer = this.scheduler.outstanding().find((command) => command.type === "set-timer");
      if (timer?.type === "set-timer" && timer.at <= this.at) this.fireTimer();
    }
    return this.commands.slice(from);
  }

  /** Attempts that run, with their workers: `m0.1@a` is attempt 1 of map 0 on worker a. */
  get running(): string[] {
    return this.scheduler
      .outstanding()
      .filter((command) => command.type === "launch-attempt")
      .map(({ attempt, worker }) => `${shortName(attempt)}@${worker}`)
      .sort();
  }

  get outcome(): JobOutcome | undefined {
    return this.commands.find((command) => command.type === "finish-job")?.outcome;
  }

  get failure(): string {
    if (this.outcome?.type !== "failed") return this.outcome?.type ?? "not ended";
    const { context, message } = this.outcome.failure;
    return context === undefined ? message : `${context}: ${message}`;
  }

  launchOf(name: string): Launch {
    const found = this.commands.find((command) => command.type === "launch-attempt" && (command.attempt === name || shortName(command.attempt) === name));
    if (found?.type !== "launch-attempt") throw new Error(`${name} was never launched`);
    return found;
  }

  workerOf(attempt: string): WorkerId {
    return this.launchOf(attempt).worker;
  }

  story(attempt: string): string[] {
    const task: TaskId = parseAttemptId(this.launchOf(attempt).attempt).task;
    return this.scheduler.story(task);
  }

  jobOf(attempt: string): JobId {
    return parseAttemptId(this.launchOf(attempt).attempt).job;
  }
}

/** Commands in short: `launch m0.1@a`, `cancel r2.0@b`, `commit`, `finish done`. Timers are left out. */
export function brief(commands: readonly SchedulerCommand[]): string[] {
  return commands.flatMap((command) => {
    switch (command.type) {
      case "launch-attempt":
        return [`launch ${shortName(command.attempt)}@${command.worker}`];
      case "cancel-attempt":
        return [`cancel ${shortName(command.attempt)}@${command.worker}`];
      case "resolve-stage-inputs":
        return [`resolve ${command.stage}`];
      case "commit-job":
        return [`commit ${command.committed.map(({ attempt }) => shortName(attempt)).join(" ")}`];
      case "finish-job":
        return [`finish ${command.outcome.type}`];
      case "set-timer":
        return [];
    }
  });
}

function shortName(attempt: AttemptId): string {
  const { stage, index, attempt: number } = parseAttemptId(attempt);
  return `${stage === "survey" ? "v" : stage.charAt(0)}${index}.${number}`;
}
