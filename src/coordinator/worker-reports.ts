/**
 * Answers workers. A report becomes an event when it is of this coordinator's epoch and from a worker that the scheduler
 * believes in; any other is rejected, and its worker joins again. What cannot be read is refused as such.
 */
import type { JobId, WorkerId } from "../model/ids.js";
import { contradiction } from "../protocol/contradiction.js";
import { workerReports, type AttemptsFinished, type WorkerReply, type WorkerReport } from "../protocol/messages.js";
import { readable } from "../protocol/readable.js";
import type { SchedulerEvent } from "../scheduler/events.js";
import type { CoordinatorState } from "./coordinator-state.js";
import { memberOf, misfit, type Introduction, type Member } from "./members.js";

export type EventBody<E = SchedulerEvent> = E extends SchedulerEvent ? Omit<E, "at"> : never;
export type SignOfLife = EventBody<Extract<SchedulerEvent, { type: "worker-heartbeat" | "attempt-progressed" }>>;

export interface WorkerReportsOptions {
  readonly epoch: number;
  readonly state: CoordinatorState;
  /** A worker's word, which proves nothing. */
  readonly heardOf: (epoch: number) => void;
  readonly isHalted: () => boolean;
  /** Resolves when the event is durable. */
  readonly handle: (event: EventBody) => Promise<void>;
  readonly hear: (event: SignOfLife) => void;
  readonly join: (member: Member, event: EventBody<Extract<SchedulerEvent, { type: "worker-joined" }>>) => Promise<void>;
  /** The worker holds files of a job that is over. */
  readonly forget: (worker: WorkerId, job: JobId) => void;
}

export class WorkerReports {
  readonly #options: WorkerReportsOptions;

  constructor(options: WorkerReportsOptions) {
    this.#options = options;
  }

  answer(payload: Uint8Array): Promise<WorkerReply> {
    const unreadable = (reason: string): WorkerReply => ({ type: "unreadable", epoch: this.#options.epoch, reason });
    return readable(
      "The coordinator",
      workerReports,
      payload,
      async (report) => {
        const wrong = contradiction(report);
        return wrong === undefined ? this.#report(report) : unreadable(wrong);
      },
      unreadable,
    );
  }

  async #report(report: WorkerReport): Promise<WorkerReply> {
    const { epoch, state, heardOf, isHalted, handle, hear } = this.#options;
    const rejected = (reason: string): WorkerReply => ({ type: "rejected", epoch, reason });
    if (report.type === "worker-joined") {
      const reason = misfit(report);
      if (reason !== undefined) return rejected(reason);
      await this.#join(report);
      return { type: "acknowledged", epoch };
    }
    heardOf(report.epoch);
    // If there is a later coordinator, the answer is its to give.
    if (isHalted() || report.epoch > epoch) return never();
    if (report.epoch !== epoch) return rejected(`epoch ${report.epoch} is over`);
    if (!state.scheduler.knowsWorker(report.worker)) return rejected(`worker ${report.worker} is not known here; it must join again`);
    if (report.type === "worker-left") {
      await handle({ type: "worker-lost", worker: report.worker, reason: "it left" });
    } else {
      const { epoch: _, ...event } = report;
      if (event.type === "worker-heartbeat") {
        hear({ type: event.type, worker: event.worker });
        this.#forgetEnded(event.worker, event.jobs);
      } else if (event.type === "attempt-progressed") hear(event);
      else if (event.type === "attempts-finished") await this.#attemptsFinished(event);
      else await handle(event);
    }
    return { type: "acknowledged", epoch };
  }

  /** Each is an event of its own; with the last one all are durable. */
  #attemptsFinished({ worker, attempts }: Omit<AttemptsFinished, "epoch">): Promise<void> {
    let durable = Promise.resolve();
    for (const { attempt, result, stats } of attempts) durable = this.#options.handle({ type: "attempt-finished", worker, attempt, result, stats });
    return durable;
  }

  async #join(introduction: Introduction): Promise<void> {
    const { state: { members, scheduler }, handle, join } = this.#options;
    const { worker, node, slots, jobs } = introduction;
    const member = memberOf(introduction);
    const before = members.get(worker);
    if (before !== undefined && before.process !== member.process && scheduler.knowsWorker(worker)) void handle({ type: "worker-lost", worker, reason: "its process was replaced by another" });
    members.add(member);
    await join(member, { type: "worker-joined", worker, node, slots });
    this.#forgetEnded(worker, jobs);
  }

  #forgetEnded(worker: WorkerId, jobs: readonly JobId[] = []): void {
    const { state: { jobs: live }, forget } = this.#options;
    for (const job of jobs) if (!live.has(job)) forget(worker, job);
  }
}

/** A coordinator that is not in charge answers nobody. */
export function never(): Promise<never> {
  return new Promise(() => {});
}
