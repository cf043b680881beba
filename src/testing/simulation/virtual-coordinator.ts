/**
 * A coordinator process around the scheduler: what an event brings about happens when the event is durable and
 * no later coordinator has claimed the disk. It repeats launches and cancels until they are taken. It may die, or
 * freeze and wake up beside its successor.
 */
import type { JobId, WorkerId } from "../../model/ids.js";
import type { JournalEntry } from "../../coordinator/journal-entry.js";
import type { CommittedAttempt, SchedulerCommand } from "../../scheduler/commands.js";
import type { SchedulerEvent } from "../../scheduler/events.js";
import { isSignOfLife, Scheduler } from "../../scheduler/scheduler.js";
import type { Handled } from "./judge.js";
import type { ToCoordinator, ToWorker } from "./messages.js";
import type { World } from "./world.js";

type Untimed<E> = E extends SchedulerEvent ? Omit<E, "at"> : never;
type WithoutEpoch<M> = M extends ToWorker ? Omit<M, "epoch"> : never;

const REPEAT_MILLIS = 2_000;

export class VirtualCoordinator {
  readonly epoch: number;
  readonly scheduler = new Scheduler();
  readonly #world: World;
  #pending: JournalEntry[] = [];
  /** Of events that are not durable yet, in order. */
  #effects: (() => void)[] = [];
  #writing = false;
  #durableBytes: number;
  /** Sent and not yet taken, by what it is. */
  readonly #unanswered = new Map<string, { readonly worker: WorkerId; readonly message: WithoutEpoch<ToWorker> }>();
  readonly #sessions = new Map<WorkerId, number>();
  /** The scheduler's clock goes on from the last event of the journal. */
  readonly #timeOffset: number;
  #frozenUntil = 0;
  state: "up" | "gone" = "up";

  /** Goes on from what is on the disk. */
  constructor(world: World) {
    const { disk, judge, time } = world;
    this.#world = world;
    this.epoch = disk.claimEpoch();
    const { before, now, cut } = disk.takeOver(this.epoch);
    let at = 0;
    const replay = (entry: JournalEntry, handle: (event: SchedulerEvent) => void): void => {
      if (entry.type !== "event" && entry.type !== "member-joined") throw new Error(`A ${entry.type} in a simulated journal`);
      if (entry.type === "member-joined") this.#sessions.set(entry.member.place.worker, Number(entry.member.process));
      handle(entry.event);
      at = Math.max(at, entry.event.at);
    };
    for (const entry of before) replay(entry, (event) => this.scheduler.handle(event));
    for (const entry of now) replay(entry, (event) => judge.tookEffect(judge.watch(this.scheduler, event)));
    this.#durableBytes = disk.bytesOf(this.epoch);
    this.#timeOffset = at - time.now;
    judge.restarted(this.scheduler);
    let outstanding: readonly SchedulerCommand[] = [];
    this.#handle({ type: "coordinator-restarted", cut }, () => {
      for (const command of outstanding) this.#carryOut(command);
    });
    outstanding = this.scheduler.outstanding();
  }

  freeze(millis: number): void {
    this.#frozenUntil = this.#world.time.now + millis;
  }

  /** The process dies; of what it was writing, a part is on the disk. */
  die(): void {
    if (this.state === "gone") return;
    this.state = "gone";
    this.#world.disk.tear(this.epoch, this.#durableBytes, this.#world.random.next());
  }

  submit(event: Omit<Extract<SchedulerEvent, { type: "job-submitted" }>, "at">): void {
    this.#whenAwake(() => this.#handle(event));
  }

  cancel(job: JobId): void {
    this.#whenAwake(() => this.#handle({ type: "job-cancelled", job, reason: "asked" }));
  }

  receive(message: ToCoordinator): void {
    this.#whenAwake(() => this.#take(message));
  }

  #take(message: ToCoordinator): void {
    const { worker } = message;
    if (message.epoch > this.epoch) {
      // A hint, no more; the answer is for the other one to give.
      if (this.#world.disk.epoch !== this.epoch) this.die();
      return;
    }
    if (message.type === "join") return this.#join(message);
    if (message.epoch !== this.epoch) return this.#send(worker, { type: "epoch-over" });
    switch (message.type) {
      case "heartbeat":
        if (this.scheduler.knowsWorker(worker)) this.#handle({ type: "worker-heartbeat", worker });
        else this.#send(worker, { type: "join-again", session: message.session });
        return;
      case "draining":
        this.#handle({ type: "worker-draining", worker });
        return;
      case "left":
        this.#handle({ type: "worker-lost", worker, reason: "it left" });
        return;
      case "launch-taken":
        this.#unanswered.delete(`launch ${message.attempt}`);
        return;
      case "cancel-taken":
        this.#unanswered.delete(`cancel ${message.attempt}`);
        return;
      case "progress":
        this.#handle({ type: "attempt-progressed", worker, attempt: message.attempt, progress: message.progress });
        return;
      case "report": {
        const { attempt, report } = message;
        const taken = (): void => this.#send(worker, { type: "report-taken", attempt });
        if (report.type === "finished") this.#handle({ type: "attempt-finished", worker, attempt, result: report.result, stats: report.stats }, taken);
        else this.#handle({ type: "attempt-failed", worker, attempt, failure: report.failure }, taken);
        return;
      }
    }
  }

  #join({ worker, node, slots, session }: Extract<ToCoordinator, { type: "join" }>): void {
    const known = this.#sessions.get(worker) ?? 0;
    if (session < known) return;
    // It dropped what it had, though its lease may not have run out.
    if (session > known && known > 0 && this.scheduler.knowsWorker(worker)) this.#handle({ type: "worker-lost", worker, reason: "it joined again" });
    this.#sessions.set(worker, session);
    const place = { worker, host: "", address: "", folder: "" };
    this.#handle({ type: "worker-joined", worker, node, slots }, () => this.#send(worker, { type: "joined", session }), { place, process: String(session) });
  }

  #handle(untimed: Untimed<SchedulerEvent>, effect: () => void = () => {}, member?: Extract<JournalEntry, { type: "member-joined" }>["member"]): void {
    if (this.state === "gone") return;
    const { judge, time } = this.#world;
    const event: SchedulerEvent = { ...untimed, at: time.now + this.#timeOffset };
    const handled = judge.watch(this.scheduler, event);
    if (!isSignOfLife(event)) this.#pending.push(event.type === "worker-joined" && member !== undefined ? { type: "member-joined", event, member } : { type: "event", event });
    else if (handled.commands.length === 0) return judge.tookEffect(handled);
    this.#effects.push(() => this.#takeEffect(handled, effect));
    this.#write();
  }

  #takeEffect(handled: Handled, effect: () => void): void {
    this.#world.judge.tookEffect(handled);
    for (const command of handled.commands) this.#carryOut(command);
    effect();
  }

  /** Events that come meanwhile share the next write. */
  #write(): void {
    if (this.#writing || this.#effects.length === 0) return;
    this.#writing = true;
    const { disk, random } = this.#world;
    const effects = this.#effects;
    this.#effects = [];
    const entries = this.#pending;
    this.#pending = [];
    if (entries.length > 0) disk.append(this.epoch, entries);
    this.#later(random.between(1, 10), () => {
      this.#durableBytes = disk.bytesOf(this.epoch);
      this.#writing = false;
      if (disk.epoch !== this.epoch) return void (this.state = "gone");
      if (entries.length > 0) disk.tookEffect(this.epoch);
      for (const effect of effects) effect();
      this.#write();
    });
  }

  #carryOut(command: SchedulerCommand): void {
    const { time } = this.#world;
    switch (command.type) {
      case "launch-attempt":
        this.#repeat(`launch ${command.attempt}`, command.worker, { type: "launch", launch: command });
        return;
      case "cancel-attempt":
        this.#unanswered.delete(`launch ${command.attempt}`);
        this.#repeat(`cancel ${command.attempt}`, command.worker, { type: "cancel", attempt: command.attempt });
        return;
      case "resolve-stage-inputs": {
        const inputs = command.stage === "survey" ? { csvStates: this.#world.contentOf(command.job).map(({ begins }) => begins) } : { splitters: command.results.flatMap((result) => (result.type === "sample" ? result.keys : [])) };
        this.#later(50, () => this.#handle({ type: "stage-inputs-resolved", job: command.job, inputs }));
        return;
      }
      case "commit-job":
        this.#commit(command.job, command.committed);
        return;
      case "finish-job":
        return;
      case "set-timer":
        this.#later(Math.max(0, command.at - this.#timeOffset - time.now), () => this.#handle(this.scheduler.timerFired(time.now + this.#timeOffset)));
        return;
    }
  }

  #commit(job: JobId, committed: readonly CommittedAttempt[]): void {
    const { disk, random, scenario, judge } = this.#world;
    this.#later(random.between(1, 300), () => {
      disk.claimOutput(job, this.epoch);
      if (disk.published.has(job)) return this.#handle({ type: "job-committed", job });
      this.#later(random.between(1, 500), () => {
        if (scenario.commitFails) return this.#handle({ type: "commit-failed", job, failure: { kind: "disk-full", message: "no space left" } });
        if (!disk.publish(job, this.epoch)) return this.#handle({ type: "commit-failed", job, failure: { kind: "io-error", message: "what the attempts wrote is gone" } });
        judge.published(job, committed);
        this.#later(random.between(1, 100), () => this.#handle({ type: "job-committed", job }));
      });
    });
  }

  #repeat(key: string, worker: WorkerId, message: WithoutEpoch<ToWorker>): void {
    const entry = { worker, message };
    this.#unanswered.set(key, entry);
    const send = () => {
      if (this.#unanswered.get(key) !== entry) return;
      if (!this.scheduler.knowsWorker(worker)) this.#unanswered.delete(key);
      this.#send(worker, message);
      this.#later(REPEAT_MILLIS, send);
    };
    send();
  }

  #later(millis: number, run: () => void): void {
    this.#world.time.after(millis, () => this.#whenAwake(run));
  }

  #whenAwake(run: () => void): void {
    if (this.state === "gone") return;
    const frozen = this.#frozenUntil - this.#world.time.now;
    if (frozen <= 0) run();
    else this.#world.time.after(frozen, () => this.#whenAwake(run));
  }

  #send(worker: WorkerId, message: WithoutEpoch<ToWorker>): void {
    this.#world.toWorker(worker, { ...message, epoch: this.epoch } as ToWorker);
  }
}
