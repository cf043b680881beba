/**
 * The coordinator around the scheduler: journals every event before it acts, repeats launches and cancels
 * until they are taken, and may be restarted from its journal at any time.
 */
import type { WorkerId } from "../../model/ids.js";
import type { SchedulerCommand } from "../../scheduler/commands.js";
import type { SchedulerEvent } from "../../scheduler/events.js";
import { Scheduler } from "../../scheduler/scheduler.js";
import type { ToCoordinator, ToWorker } from "./messages.js";
import type { World } from "./world.js";

type Untimed<E> = E extends SchedulerEvent ? Omit<E, "at"> : never;

const REPEAT_MILLIS = 2_000;
const DOWN_MILLIS = 4_000;

export class VirtualCoordinator {
  readonly #journal: SchedulerEvent[] = [];
  /** Not yet in the journal: of several in a row the last of each worker is enough. A crash loses them. */
  readonly #heartbeats = new Map<WorkerId, SchedulerEvent>();
  scheduler = new Scheduler();
  readonly #world: World;
  /** Sent and not yet taken, by what it is. */
  #unanswered = new Map<string, { readonly worker: WorkerId; readonly message: ToWorker }>();
  readonly #sessions = new Map<WorkerId, number>();
  #down = false;
  /** Timers and repetitions of an earlier life must not go on. */
  #life = 0;
  /** The scheduler's clock stands still while the coordinator is down, so that leases do not run out meanwhile. */
  #timeDown = 0;

  constructor(world: World) {
    this.#world = world;
  }

  receive(message: ToCoordinator): void {
    if (this.#down) return;
    const { worker } = message;
    switch (message.type) {
      case "join": {
        const known = this.#sessions.get(worker) ?? 0;
        if (message.session < known) return;
        // It joins anew, so it dropped what it had, though its lease never ran out.
        if (message.session > known && known > 0 && this.scheduler.knowsWorker(worker)) this.handle({ type: "worker-lost", worker, reason: "it joined again" });
        this.#sessions.set(worker, message.session);
        this.handle({ type: "worker-joined", worker, slots: message.slots });
        this.#send(worker, { type: "joined", session: message.session });
        return;
      }
      case "heartbeat":
        if (this.scheduler.knowsWorker(worker)) this.handle({ type: "worker-heartbeat", worker });
        else this.#send(worker, { type: "join-again", session: message.session });
        return;
      case "draining":
        this.handle({ type: "worker-draining", worker });
        return;
      case "launch-taken":
        this.#unanswered.delete(`launch ${message.attempt}`);
        return;
      case "cancel-taken":
        this.#unanswered.delete(`cancel ${message.attempt}`);
        return;
      case "progress":
        this.handle({ type: "attempt-progressed", worker, attempt: message.attempt, progress: message.progress });
        return;
      case "report": {
        const { attempt, report } = message;
        if (report.type === "finished") this.handle({ type: "attempt-finished", worker, attempt, result: report.result, stats: report.stats });
        else this.handle({ type: "attempt-failed", worker, attempt, failure: report.failure });
        this.#send(worker, { type: "report-taken", attempt });
        return;
      }
    }
  }

  handle(untimed: Untimed<SchedulerEvent>): void {
    const event: SchedulerEvent = { ...untimed, at: this.#world.time.now - this.#timeDown };
    this.#write(event);
    const commands = this.#world.judge.watch(this.scheduler, event);
    for (const command of commands) this.#carryOut(command);
  }

  #write(event: SchedulerEvent): void {
    if (event.type === "worker-heartbeat") {
      this.#heartbeats.delete(event.worker);
      this.#heartbeats.set(event.worker, event);
      return;
    }
    this.#journal.push(...this.#heartbeats.values(), event);
    this.#heartbeats.clear();
  }

  restart(): void {
    if (this.#down) return;
    this.#down = true;
    this.#life++;
    this.#unanswered = new Map();
    this.#heartbeats.clear();
    this.#world.time.after(DOWN_MILLIS, () => {
      this.#timeDown += DOWN_MILLIS;
      const before = this.scheduler;
      this.scheduler = new Scheduler();
      for (const event of this.#journal) this.scheduler.handle(event);
      this.#world.judge.compareRestarted(before, this.scheduler);
      this.#down = false;
      for (const command of this.scheduler.outstanding()) this.#carryOut(command);
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
        const inputs = command.stage === "survey" ? { csvStates: ["plain" as const] } : { splitters: [] };
        this.#later(50, () => this.handle({ type: "stage-inputs-resolved", job: command.job, inputs }));
        return;
      }
      case "commit-job": {
        const failed = this.#world.scenario.commitFails;
        this.#later(500, () =>
          this.handle(failed ? { type: "commit-failed", job: command.job, failure: { kind: "disk-full", message: "no space left" } } : { type: "job-committed", job: command.job }),
        );
        return;
      }
      case "finish-job":
        return;
      case "set-timer":
        this.#later(Math.max(0, command.at + this.#timeDown - time.now), () => this.handle({ type: "timer-fired" }));
        return;
    }
  }

  #repeat(key: string, worker: WorkerId, message: ToWorker): void {
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
    const life = this.#life;
    this.#world.time.after(millis, () => {
      if (life === this.#life && !this.#down) run();
    });
  }

  #send(worker: WorkerId, message: ToWorker): void {
    this.#world.toWorker(worker, message);
  }
}
