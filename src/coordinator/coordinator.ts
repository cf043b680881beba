/**
 * The coordinator admits jobs and drives them: messages and timers become events of the scheduler, and its
 * commands become messages and storage operations. It decides nothing itself and runs no user code.
 *
 *     message, timer -> event -> Scheduler.handle -> commands -> messages, output
 */
import type { Clock, Timer } from "../clock.js";
import { errorText, MillraceError, TaskFailure } from "../errors.js";
import { assertNever } from "../model/assert-never.js";
import type { Failure } from "../model/failure.js";
import { parseAttemptId, type AttemptId, type JobId, type WorkerId } from "../model/ids.js";
import { csvStatesFromSurvey } from "../plan/csv-states.js";
import { decode, encode } from "../protocol/codec.js";
import { clientRequest, PROTOCOL_VERSION, workerReply, workerReport, type BlockPlace, type ClientRequest, type CoordinatorReply, type JobUpdate, type SubmitJob, type WorkerCommand, type WorkerReply, type WorkerReport } from "../protocol/messages.js";
import type { Subjects } from "../protocol/subjects.js";
import type { JobOutcome, SchedulerCommand } from "../scheduler/commands.js";
import type { SchedulerEvent } from "../scheduler/events.js";
import { Scheduler } from "../scheduler/scheduler.js";
import { abandonOutput } from "../storage/output-committer.js";
import type { Subscription, Transport } from "../transport/transport.js";
import { admitJob } from "./admit-job.js";
import type { CoordinatedJob } from "./coordinated-job.js";
import { launchMessage } from "./launch-message.js";
import { placeSplitters } from "./place-splitters.js";
import { jobProgress } from "./job-progress.js";
import { publishOutput } from "./publish-output.js";
import type { InputServer } from "./ship-inputs.js";

export interface CoordinatorOptions {
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly clock: Clock;
  /** Incarnation of the coordinator. */
  readonly epoch: number;
  /** Gives inputs to workers that cannot open them. */
  readonly inputServer?: InputServer;
}

const COMMAND_TIMEOUT = 5_000;
const PROGRESS_EVERY = 100;

type EventBody = SchedulerEvent extends infer E ? (E extends unknown ? Omit<E, "at"> : never) : never;

export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #scheduler = new Scheduler();
  readonly #jobs = new Map<JobId, CoordinatedJob>();
  readonly #admissions = new Map<JobId, Promise<CoordinatorReply>>();
  readonly #places = new Map<WorkerId, BlockPlace>();
  readonly #work = new Set<Promise<void>>();
  #subscriptions: Subscription[] = [];
  #timer: Timer | undefined;
  #progress: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
  }

  start(): void {
    const { transport, subjects } = this.#options;
    this.#subscriptions = [
      transport.serve(subjects.requests, async (payload) => encode(await this.#request(decode(clientRequest, payload)))),
      transport.serve(subjects.reports, async (payload) => encode(this.#report(decode(workerReport, payload)))),
    ];
    this.#progress = setInterval(() => {
      for (const job of this.#jobs.values()) if (!job.over) this.#publishProgress(job);
    }, PROGRESS_EVERY);
  }

  /** Stops driving; outputs that are not committed go. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#progress);
    this.#timer?.cancel();
    for (const subscription of this.#subscriptions) subscription.close();
    await Promise.all(this.#work);
    for (const job of this.#jobs.values()) if (!job.over) await abandonOutput(job.output);
  }

  async #request(request: ClientRequest): Promise<CoordinatorReply> {
    switch (request.type) {
      case "submit-job": {
        // The same id again: the first reply was lost.
        const admission = this.#admissions.get(request.job) ?? this.#admit(request);
        this.#admissions.set(request.job, admission);
        return admission;
      }
      case "cancel-job":
        this.#handle({ type: "job-cancelled", job: request.job, reason: request.reason });
        return { type: "accepted" };
      case "list-jobs":
      case "ask-job":
      case "read-log":
        return { type: "refused", code: "USAGE", message: `${request.type} is not answered yet` };
      default:
        return assertNever(request);
    }
  }

  async #admit(submission: SubmitJob): Promise<CoordinatorReply> {
    try {
      const job = await admitJob(submission, this.#options.clock.date());
      this.#jobs.set(submission.job, job);
      this.#handle({ type: "job-submitted", plan: job.plan, priority: submission.priority, limits: submission.limits });
      return { type: "accepted" };
    } catch (error) {
      if (error instanceof MillraceError) return { type: "refused", code: error.code, message: error.message };
      return { type: "refused", code: "INTERNAL", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  }

  #report(report: WorkerReport): WorkerReply {
    const { epoch } = this.#options;
    if (report.type === "worker-joined") {
      if (report.protocol !== PROTOCOL_VERSION) {
        return { type: "rejected", epoch, reason: `it speaks protocol ${report.protocol}, this coordinator ${PROTOCOL_VERSION}; run the same version of millrace on all machines` };
      }
      const { worker, host, address, folder } = report;
      this.#places.set(worker, { worker, host, address, folder });
      this.#handle({ type: "worker-joined", worker: report.worker, slots: report.slots });
    } else if (report.epoch !== epoch) {
      return { type: "rejected", epoch, reason: `epoch ${report.epoch} is over` };
    } else if (report.type === "worker-left") {
      this.#handle({ type: "worker-lost", worker: report.worker, reason: "it left" });
    } else {
      const { epoch: _, ...event } = report;
      this.#handle(event);
    }
    return { type: "acknowledged", epoch };
  }

  #handle(event: EventBody): void {
    if (this.#closed) return;
    for (const command of this.#scheduler.handle({ ...event, at: this.#options.clock.now() } as SchedulerEvent)) this.#execute(command);
  }

  #execute(command: SchedulerCommand): void {
    const { clock, epoch } = this.#options;
    switch (command.type) {
      case "launch-attempt": {
        const job = this.#jobOf(command.attempt);
        const message = launchMessage(command, job, epoch, (worker) => this.#placeOf(worker), this.#options.inputServer);
        return this.#track(this.#command(command.worker, message));
      }
      case "cancel-attempt":
        return this.#track(this.#command(command.worker, { type: "cancel-attempt", epoch, attempt: command.attempt, reason: command.reason }));
      case "resolve-stage-inputs":
        return this.#resolveInputs(command);
      case "commit-job":
        return this.#track(this.#commit(command));
      case "finish-job":
        return this.#track(this.#finish(command.job, command.outcome));
      case "set-timer":
        this.#timer?.cancel();
        this.#timer = clock.setTimer(() => this.#handle({ type: "timer-fired" }), Math.max(0, command.at - clock.now()));
        return;
      default:
        assertNever(command);
    }
  }

  #resolveInputs({ job: id, stage, results }: Extract<SchedulerCommand, { type: "resolve-stage-inputs" }>): void {
    const job = this.#job(id);
    const found = stage === "survey" ? { csvStates: csvStatesFromSurvey(job.plan, results) } : { splitters: placeSplitters(results, job.plan.partitions) };
    job.stageInputs = { ...job.stageInputs, ...found };
    // After the commands at hand, not in the midst of them.
    queueMicrotask(() => this.#handle({ type: "stage-inputs-resolved", job: id, inputs: job.stageInputs }));
  }

  async #commit({ job: id, committed }: Extract<SchedulerCommand, { type: "commit-job" }>): Promise<void> {
    try {
      await publishOutput(this.#job(id), committed, this.#options.clock.date());
    } catch (error) {
      const failure: Failure = error instanceof TaskFailure ? error.failure : { kind: "io-error", message: `The output could not be published: ${errorText(error)}` };
      return this.#handle({ type: "commit-failed", job: id, failure });
    }
    this.#handle({ type: "job-committed", job: id });
  }

  async #finish(id: JobId, outcome: JobOutcome): Promise<void> {
    const { epoch } = this.#options;
    const job = this.#job(id);
    job.over = true;
    this.#publishProgress(job);
    await Promise.all([...this.#places.keys()].map((worker) => this.#command(worker, { type: "forget-job", epoch, job: id })));
    this.#options.inputServer?.withdraw(id);
    if (outcome.type !== "done") await abandonOutput(job.output);
    this.#publish(id, outcomeUpdate(id, outcome));
  }

  /** Sends until the worker acknowledges; a worker that is gone is noticed by its lease. */
  async #command(worker: WorkerId, command: WorkerCommand): Promise<void> {
    const { transport, subjects } = this.#options;
    try {
      decode(workerReply, await transport.request(subjects.worker(worker), encode(command), COMMAND_TIMEOUT));
    } catch (error) {
      if (command.type === "launch-attempt") {
        const failure: Failure = { kind: "worker-lost", message: `Worker ${worker} did not take ${command.attempt}: ${errorText(error)}` };
        this.#handle({ type: "attempt-failed", attempt: command.attempt, worker, failure });
      }
    }
  }

  #publishProgress(job: CoordinatedJob): void {
    const status = this.#scheduler.status(job.plan.job);
    if (status !== undefined) this.#publish(job.plan.job, jobProgress(job, status));
  }

  #publish(job: JobId, update: JobUpdate): void {
    this.#options.transport.publish(this.#options.subjects.job(job), encode(update));
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  #placeOf(worker: WorkerId): BlockPlace {
    const place = this.#places.get(worker);
    if (place === undefined) throw new Error(`Worker ${worker} never joined`);
    return place;
  }

  #jobOf(attempt: AttemptId): CoordinatedJob {
    return this.#job(parseAttemptId(attempt).job);
  }

  #job(id: JobId): CoordinatedJob {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new Error(`Unknown job ${id}`);
    return job;
  }
}

function outcomeUpdate(job: JobId, outcome: JobOutcome): JobUpdate {
  switch (outcome.type) {
    case "done":
      return { type: "job-done", job };
    case "failed":
      return { type: "job-failed", job, failure: outcome.failure };
    case "cancelled":
      return { type: "job-cancelled", job, reason: outcome.reason };
  }
}
