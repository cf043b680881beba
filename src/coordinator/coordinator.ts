/**
 * The coordinator admits jobs and drives them: messages and timers become events of the scheduler, and its
 * commands become messages and storage operations. It decides nothing itself and runs no user code.
 *
 *     message, timer -> event -> Scheduler.handle -> commands -> (journal durable) -> messages, output
 */
import type { Clock, Timer } from "../clock.js";
import { ClusterError, errorText, TaskFailure } from "../errors.js";
import { assertNever } from "../model/assert-never.js";
import type { Failure } from "../model/failure.js";
import { parseAttemptId, type JobId, type WorkerId } from "../model/ids.js";
import { csvStatesFromSurvey } from "../plan/csv-states.js";
import { decode, encode } from "../protocol/codec.js";
import { clientRequest, jobOutput, type ClientRequest, type CoordinatorReply, type JobUpdate } from "../protocol/messages.js";
import { readable } from "../protocol/readable.js";
import type { SingleCommand } from "../protocol/shared-messages.js";
import type { Subjects } from "../protocol/subjects.js";
import type { SchedulerCommand } from "../scheduler/commands.js";
import type { SchedulerEvent } from "../scheduler/events.js";
import { abandonOutput } from "../storage/output-committer.js";
import type { Subscription, Transport } from "../transport/transport.js";
import { answerQuestion, withManifest } from "./answer-question.js";
import { CommandOutbox } from "./command-outbox.js";
import type { CoordinatedJob } from "./coordinated-job.js";
import { CoordinatorState } from "./coordinator-state.js";
import type { JournalEntry } from "./journal-entry.js";
import { jobProgress } from "./job-progress.js";
import { launchMessage, PackedSources } from "./launch-message.js";
import type { CoordinatorMemory } from "./memory.js";
import { placeSplitters } from "./place-splitters.js";
import { publishOutput } from "./publish-output.js";
import { JournalRecorder, noRecorder, type Recorder } from "./recorder.js";
import type { InputServer } from "./ship-inputs.js";
import { Submissions } from "./submissions.js";
import { Succession } from "./succession.js";
import { never, WorkerReports, type EventBody, type SignOfLife } from "./worker-reports.js";

export interface CoordinatorOptions {
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly clock: Clock;
  /** Incarnation of the coordinator. */
  readonly epoch: number;
  readonly memory: CoordinatorMemory;
  /** What earlier coordinators knew; nothing by default. */
  readonly state?: CoordinatorState;
  /** Whether the end of the journal was missing. */
  readonly cut?: boolean;
  /** Bytes over which the journal begins anew when no job is live. Default 4 MiB. */
  readonly journalBytes?: number;
  /** The coordinator cannot go on: another one is in charge, or its journal cannot be written. */
  readonly onEnd?: (error: ClusterError) => void;
  readonly log?: (line: string) => void;
  /** Gives inputs to workers that cannot open them. */
  readonly inputServer?: InputServer;
}

const PROGRESS_EVERY = 100;
const JOURNAL_BYTES = 4 << 20;
/** Workers that do not answer do not hold up the end of a job for longer. */
const FORGET_MILLIS = 2_000;

export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #state: CoordinatorState;
  readonly #outbox: CommandOutbox;
  readonly #reports: WorkerReports;
  readonly #recorder: Recorder;
  readonly #succession: Succession;
  readonly #sources: PackedSources;
  /** The scheduler's time goes on from the last event of the journal. */
  readonly #timeOffset: number;
  readonly #submissions: Submissions;
  readonly #work = new Set<Promise<void>>();
  #subscriptions: Subscription[] = [];
  #timer: Timer | undefined;
  #progress: NodeJS.Timeout | undefined;
  /** Bytes that the journal began with, the last time that it did. */
  #condensed = 0;
  #halted = false;
  #closing: Promise<void> | undefined;

  constructor(options: CoordinatorOptions) {
    const { transport, subjects, clock, memory, state = new CoordinatorState() } = options;
    this.#options = options;
    this.#state = state;
    this.#sources = new PackedSources((worker) => state.members.of(worker).place);
    this.#timeOffset = state.at === 0 ? 0 : state.at - clock.now();
    this.#recorder = memory.sink === undefined ? noRecorder : new JournalRecorder(memory.sink, (error) => this.#journalBroke(error));
    this.#succession = new Succession({ transport, subjects, epoch: options.epoch, isCurrent: memory.sink && (() => memory.sink!.isCurrent()), onReplaced: (error) => this.#end(error) });
    this.#outbox = new CommandOutbox({
      transport,
      subjects,
      wanted: (worker, command) => this.#isWanted(worker, command),
      onRejected: (epoch) => this.#succession.hint(epoch),
      onUnreadable: (worker, command, message) => {
        options.log?.(`${command.type} to ${worker} is given up: ${message}`);
        if (command.type === "launch-attempt") void this.#handle({ type: "attempt-failed", worker, attempt: command.attempt, failure: { kind: "internal", message } });
      },
    });
    this.#reports = new WorkerReports({
      epoch: options.epoch,
      state,
      heardOf: (epoch) => this.#succession.hint(epoch),
      isHalted: () => this.#halted,
      handle: (event) => this.#handle(event),
      hear: (event) => this.#hear(event),
      join: (member, event) => this.#apply({ type: "member-joined", event: { ...event, at: this.#now() }, member }),
      forget: (worker, job) => this.#command(worker, { type: "forget-job", epoch: options.epoch, job }),
    });
    this.#submissions = new Submissions({
      state,
      memory,
      recorder: this.#recorder,
      date: () => clock.date(),
      start: (entry) => this.#apply({ ...entry, event: { ...entry.event, at: this.#now() } }),
      publish: (job, update) => this.#publish(job, update),
    });
  }

  start(): void {
    const { transport, subjects, memory, cut = false } = this.#options;
    this.#subscriptions = [
      this.#succession.follow(),
      transport.serve(subjects.requests, async (payload) => encode(await readable<ClientRequest, CoordinatorReply>("The coordinator", clientRequest, payload, (request) => this.#request(request), (message) => ({ type: "refused", code: "USAGE", message })))),
      transport.serve(subjects.reports, async (payload) => encode(await this.#reports.answer(payload))),
      transport.subscribe(subjects.output, (payload) => {
        const { job, text } = decode(jobOutput, payload);
        if (this.#state.jobs.has(job) || this.#state.ended.get(job) !== undefined) memory.logs.append(job, text);
      }),
      ...(memory.bundles === undefined ? [] : [memory.bundles.follow()]),
    ];
    this.#progress = setInterval(() => {
      for (const job of this.#state.jobs.values()) this.#publishProgress(job);
    }, PROGRESS_EVERY);
    if (memory.sink !== undefined) {
      const event: SchedulerEvent = { type: "coordinator-restarted", at: this.#now(), cut };
      this.#state.handle(event);
      // As of now: events that come before this one is durable bring their own commands.
      const outstanding = this.#state.scheduler.outstanding();
      void this.#record({ type: "event", event }, () => {
        for (const command of outstanding) this.#execute(command);
      });
    }
    this.#succession.announce();
  }

  /** Stops at once and cleans nothing up, as if the process had died: another coordinator goes on from the journal. */
  halt(): void {
    this.#halted = true;
    clearInterval(this.#progress);
    this.#timer?.cancel();
    this.#outbox.close();
    for (const subscription of this.#subscriptions) subscription.close();
  }

  /** Stops driving. Jobs go on when a coordinator is started with the same memory; without one their outputs go. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const { memory } = this.#options;
    this.halt();
    await this.#recorder.close();
    await Promise.all(this.#work);
    if (memory.sink === undefined) for (const job of this.#state.jobs.values()) await abandonOutput(job.output);
    await memory.logs.close();
  }

  async #request(request: ClientRequest): Promise<CoordinatorReply> {
    switch (request.type) {
      case "submit-job":
        return this.#submissions.answer(request);
      case "cancel-job":
        await this.#handle({ type: "job-cancelled", job: request.job, reason: request.reason });
        return { type: "accepted" };
      case "ask-coordinator":
        return { type: "coordinator", epoch: this.#options.epoch, identity: this.#options.memory.identity };
      case "list-jobs":
      case "ask-job":
      case "read-log":
        return answerQuestion(this.#state, this.#options.memory.logs, request);
      default:
        return assertNever(request);
    }
  }

  /** Resolves when the event is durable and its commands are on their way; never when this coordinator has stopped. */
  #handle(body: EventBody): Promise<void> {
    return this.#apply({ type: "event", event: { at: this.#now(), ...body } as SchedulerEvent });
  }

  #apply(entry: Extract<JournalEntry, { readonly event: SchedulerEvent }>): Promise<void> {
    if (this.#halted) return never();
    const commands = this.#state.handle(entry.event);
    return this.#record(entry, () => {
      for (const command of commands) this.#execute(command);
    });
  }

  #record(entry: JournalEntry | undefined, effect: () => void = () => {}): Promise<void> {
    return this.#recorder.record(entry, () => {
      if (!this.#halted) effect();
    });
  }

  /** A sign of life, which the journal does without. */
  #hear(body: SignOfLife): void {
    const event = { at: this.#now(), ...body };
    const commands = this.#state.handle(event);
    // Behind the effects of what came before: one of these may be why the attempt must stop.
    if (commands.length > 0) void this.#record(undefined, () => {
      for (const command of commands) this.#execute(command);
    });
  }

  #execute(command: SchedulerCommand): void {
    const { clock, epoch } = this.#options;
    switch (command.type) {
      case "launch-attempt": {
        const job = this.#state.job(parseAttemptId(command.attempt).job);
        const message = launchMessage(command, job, epoch, this.#sources, this.#options.inputServer);
        return this.#command(command.worker, message);
      }
      case "cancel-attempt":
        return this.#command(command.worker, { type: "cancel-attempt", epoch, attempt: command.attempt, reason: command.reason });
      case "resolve-stage-inputs":
        return this.#resolveInputs(command);
      case "commit-job":
        return this.#track(this.#commit(command));
      case "finish-job":
        return this.#track(this.#finish(command));
      case "set-timer":
        this.#timer?.cancel();
        this.#timer = clock.setTimer(() => void this.#handle(this.#state.scheduler.timerFired(this.#now())), Math.max(0, command.at - this.#now()));
        return;
      default:
        assertNever(command);
    }
  }

  #resolveInputs({ job, stage, results }: Extract<SchedulerCommand, { type: "resolve-stage-inputs" }>): void {
    const { plan } = this.#state.job(job);
    const inputs = stage === "survey" ? { csvStates: csvStatesFromSurvey(plan, results) } : { splitters: placeSplitters(results, plan.partitions) };
    // After the commands at hand, not in the midst of them.
    queueMicrotask(() => void this.#handle({ type: "stage-inputs-resolved", job, inputs }));
  }

  async #commit({ job: id, committed }: Extract<SchedulerCommand, { type: "commit-job" }>): Promise<void> {
    const { clock, epoch } = this.#options;
    try {
      await publishOutput(this.#state.job(id), epoch, committed, clock.date());
    } catch (error) {
      const failure: Failure = error instanceof TaskFailure ? error.failure : { kind: "io-error", message: `The output could not be published: ${errorText(error)}` };
      return void this.#handle({ type: "commit-failed", job: id, failure });
    }
    void this.#handle({ type: "job-committed", job: id });
  }

  async #finish(command: Extract<SchedulerCommand, { type: "finish-job" }>): Promise<void> {
    const { epoch } = this.#options;
    const { job: id, outcome } = command;
    const job = this.#state.job(id);
    this.#publishProgress(job);
    const told = new Set<WorkerId>();
    const tell = (): Promise<void>[] => {
      const workers = [...this.#state.members.workers].filter((worker) => this.#state.scheduler.knowsWorker(worker) && !told.has(worker));
      return workers.map((worker) => new Promise((resolve) => (told.add(worker), this.#command(worker, { type: "forget-job", epoch, job: id }, resolve))));
    };
    await this.#within(FORGET_MILLIS, Promise.all(tell()));
    this.#options.inputServer?.withdraw(id);
    if (outcome.type !== "done") await abandonOutput(job.output).catch((error: unknown) => this.#options.log?.(`what job ${id} wrote could not be removed: ${errorText(error)}`));
    const ended = this.#state.end(command);
    this.#options.memory.bundles?.release(id);
    // Workers that joined again meanwhile may hold files of it, too.
    void tell();
    this.#recorder.note({ type: "job-cleaned", job: id });
    this.#publish(id, await withManifest(ended));
    this.#condense();
  }

  /** So that the journal of a coordinator that runs for years does not grow for years. */
  #condense(): void {
    const { memory: { sink }, journalBytes = JOURNAL_BYTES } = this.#options;
    if (this.#halted || sink === undefined || this.#state.jobs.size > 0 || this.#submissions.areUnderWay || sink.bytes < Math.max(journalBytes, 2 * this.#condensed)) return;
    const { entries, commands } = this.#state.condense(this.#now());
    void this.#recorder.replace(entries).then(() => (this.#condensed = sink.bytes));
    for (const command of commands) this.#execute(command);
  }

  #command(worker: WorkerId, command: SingleCommand, onTried?: () => void): void {
    if (this.#halted) onTried?.();
    else this.#outbox.send(worker, command, onTried);
  }

  #isWanted(worker: WorkerId, command: SingleCommand): boolean {
    const { scheduler } = this.#state;
    return command.type === "launch-attempt" ? scheduler.runs(command.attempt, worker) : scheduler.knowsWorker(worker);
  }

  #publishProgress(job: CoordinatedJob): void {
    const status = this.#state.scheduler.status(job.plan.job);
    if (status !== undefined) this.#publish(job.plan.job, jobProgress(job, status));
  }

  #publish(job: JobId, update: JobUpdate): void {
    this.#options.transport.publish(this.#options.subjects.job(job), encode(update));
  }

  #journalBroke(error: unknown): void {
    const { epoch, memory } = this.#options;
    if (error === undefined) this.#end(new ClusterError(`Another coordinator has taken over the state folder ${memory.keptBy}; this one (epoch ${epoch}) steps down`));
    else this.#end(new ClusterError(`The journal in ${memory.keptBy} cannot be written: ${errorText(error)}. The coordinator stops; nothing that it acknowledged is lost. Start it again when there is room`, { cause: error }));
  }

  #end(error: ClusterError): void {
    if (this.#halted) return;
    this.halt();
    this.#options.onEnd?.(error);
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  /** Waits for `work`, but no longer than that. */
  async #within(millis: number, work: Promise<unknown>): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.setTimer(resolve, millis);
      void work.finally(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #now(): number {
    return this.#options.clock.now() + this.#timeOffset;
  }
}
