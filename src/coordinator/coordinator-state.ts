/**
 * What a coordinator knows. After a restart it handles its journal again: the commands that come out were
 * carried out before, and `Scheduler.outstanding` gives those that still wait for an answer.
 */
import type { JobId } from "../model/ids.js";
import type { SchedulerCommand } from "../scheduler/commands.js";
import type { SchedulerEvent } from "../scheduler/events.js";
import { Scheduler } from "../scheduler/scheduler.js";
import { outputPaths } from "../storage/layout.js";
import type { StagedOutput } from "../storage/output-committer.js";
import { coordinatedJob, type CoordinatedJob } from "./coordinated-job.js";
import { EndedJobs, type EndedJob } from "./ended-jobs.js";
import { jobSummary, endedJob } from "./job-summary.js";
import type { JournalEntry } from "./journal-entry.js";
import { Members } from "./members.js";

export class CoordinatorState {
  readonly #leaseMillis: number | undefined;
  #scheduler: Scheduler;
  readonly jobs = new Map<JobId, CoordinatedJob>();
  readonly ended = new EndedJobs();
  readonly members = new Members();
  /** Outputs of jobs that are over, or were never admitted, which may not have been cleaned up. */
  readonly unclean = new Map<JobId, StagedOutput>();
  /** Time of the last event. */
  at = 0;

  constructor(leaseMillis?: number) {
    this.#leaseMillis = leaseMillis;
    this.#scheduler = emptyScheduler(leaseMillis);
  }

  get scheduler(): Scheduler {
    return this.#scheduler;
  }

  /**
   * Forgets all that no longer matters, when there is no job: gives what a journal must hold to lead to the same state, and
   * the commands that go with it. Strikes and exclusions of nodes are forgotten, too.
   */
  condense(at: number): { readonly entries: JournalEntry[]; readonly commands: SchedulerCommand[] } {
    const population = this.scheduler.population(at);
    const entries: JournalEntry[] = this.ended.values().map((ended) => ({ type: "job-ended", ended }));
    for (const event of population) entries.push(event.type === "worker-joined" ? { type: "member-joined", event, member: this.members.of(event.worker) } : { type: "event", event });
    this.members.retain(population.flatMap((event) => (event.type === "worker-joined" ? [event.worker] : [])));
    this.#scheduler = emptyScheduler(this.#leaseMillis);
    return { entries, commands: population.flatMap((event) => this.handle(event)) };
  }

  replay(entry: JournalEntry, tokenOf: (job: JobId) => string): void {
    switch (entry.type) {
      case "event":
        this.#handle(entry.event);
        return;
      case "job-claims":
        this.unclean.set(entry.job, { ...outputPaths(entry.path, entry.job), path: entry.path, job: entry.job, overwrite: false, madeFolders: [] });
        return;
      case "job-admitted":
        this.unclean.delete(entry.event.plan.job);
        this.admit(coordinatedJob(entry.job, entry.event.plan, tokenOf(entry.event.plan.job)));
        this.#handle(entry.event);
        return;
      case "member-joined":
        this.members.add(entry.member);
        this.#handle(entry.event);
        return;
      case "job-cleaned":
        this.unclean.delete(entry.job);
        return;
      case "job-ended":
        this.ended.add(entry.ended);
        return;
    }
  }

  admit(job: CoordinatedJob): void {
    this.jobs.set(job.plan.job, job);
  }

  /** The one way in for events, live or replayed. */
  handle(event: SchedulerEvent): SchedulerCommand[] {
    this.at = Math.max(this.at, event.at);
    return this.scheduler.handle(event);
  }

  /** Moves a job that is over to the ended ones. */
  end({ job: id, outcome }: Extract<SchedulerCommand, { type: "finish-job" }>): EndedJob {
    const job = this.job(id);
    const status = this.scheduler.status(id);
    if (status === undefined) throw new Error(`Unknown job ${id}`);
    const ended = endedJob(job, status, outcome);
    this.ended.add(ended);
    this.jobs.delete(id);
    return ended;
  }

  job(id: JobId): CoordinatedJob {
    const job = this.jobs.get(id);
    if (job === undefined) throw new Error(`Unknown job ${id}`);
    return job;
  }

  summaries(): ReturnType<typeof jobSummary>[] {
    const live = [...this.jobs.values()].flatMap((job) => {
      const status = this.scheduler.status(job.plan.job);
      return status === undefined ? [] : [jobSummary(job, status)];
    });
    return [...live, ...this.ended.values().map(({ summary }) => summary)].sort((a, b) => (a.submittedAt < b.submittedAt ? 1 : a.submittedAt > b.submittedAt ? -1 : 0));
  }

  #handle(event: SchedulerEvent): void {
    for (const command of this.handle(event)) {
      if (command.type !== "finish-job") continue;
      this.unclean.set(command.job, this.job(command.job).output);
      this.end(command);
    }
  }
}

function emptyScheduler(leaseMillis: number | undefined): Scheduler {
  return new Scheduler(leaseMillis === undefined ? {} : { leaseMillis });
}
