/**
 * Commands to workers, each sent again with the same ids until the worker acknowledges it or it is not wanted
 * any more: its worker is lost, or a later command has overtaken it. Whether a worker is lost only its lease
 * decides; a launch whose acknowledgement was lost is acknowledged when it comes again.
 */
import type { WorkerId } from "../model/ids.js";
import { parseAttemptId } from "../model/ids.js";
import { decode, encode } from "../protocol/codec.js";
import { workerReplies, type WorkerCommand } from "../protocol/messages.js";
import type { Subjects } from "../protocol/subjects.js";
import type { Transport } from "../transport/transport.js";

export interface CommandOutboxOptions {
  readonly transport: Transport;
  readonly subjects: Subjects;
  /** Whether the command still has a purpose. */
  readonly wanted: (worker: WorkerId, command: WorkerCommand) => boolean;
  /** A worker that has heard of a later coordinator says which. */
  readonly onRejected: (epoch: number) => void;
  /** The command will never be carried out there. */
  readonly onUnreadable: (worker: WorkerId, command: WorkerCommand, reason: string) => void;
}

const REQUEST_TIMEOUT = 5_000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 4_000;

interface Entry {
  readonly worker: WorkerId;
  readonly command: WorkerCommand;
  timer: NodeJS.Timeout | undefined;
}

export class CommandOutbox {
  readonly #options: CommandOutboxOptions;
  readonly #entries = new Map<string, Entry>();
  #closed = false;

  constructor(options: CommandOutboxOptions) {
    this.#options = options;
  }

  /** Resolves after the first try, whatever came of it. */
  send(worker: WorkerId, command: WorkerCommand): Promise<void> {
    if (command.type === "cancel-attempt") this.#drop(keyOf(worker, "launch-attempt", command.attempt));
    if (command.type === "forget-job") this.#dropJob(worker, command.job);
    const entry: Entry = { worker, command, timer: undefined };
    this.#drop(key(entry));
    this.#entries.set(key(entry), entry);
    return this.#try(entry, FIRST_PAUSE);
  }

  close(): void {
    this.#closed = true;
    for (const { timer } of this.#entries.values()) clearTimeout(timer);
    this.#entries.clear();
  }

  async #try(entry: Entry, pause: number): Promise<void> {
    const { transport, subjects, wanted, onRejected, onUnreadable } = this.#options;
    const { worker, command } = entry;
    try {
      const reply = decode(workerReplies, await transport.request(subjects.worker(worker), encode(command), REQUEST_TIMEOUT));
      this.#remove(entry);
      if (this.#closed) return;
      if (reply.type === "rejected") onRejected(reply.epoch);
      if (reply.type === "unreadable") onUnreadable(worker, command, reply.reason);
      return;
    } catch {
      // Nobody answers, or not what was asked for: the worker may be there again a little later.
    }
    if (this.#closed || this.#entries.get(key(entry)) !== entry) return;
    if (!wanted(worker, command)) return this.#remove(entry);
    entry.timer = setTimeout(() => {
      if (wanted(worker, command)) void this.#try(entry, Math.min(2 * pause, LONGEST_PAUSE));
      else this.#remove(entry);
    }, pause);
  }

  #remove(entry: Entry): void {
    if (this.#entries.get(key(entry)) === entry) this.#entries.delete(key(entry));
  }

  #drop(of: string): void {
    clearTimeout(this.#entries.get(of)?.timer);
    this.#entries.delete(of);
  }

  #dropJob(worker: WorkerId, job: string): void {
    for (const [of, { worker: to, command }] of this.#entries) {
      if (to === worker && command.type !== "forget-job" && parseAttemptId(command.attempt).job === job) this.#drop(of);
    }
  }
}

function key({ worker, command }: Entry): string {
  return keyOf(worker, command.type, command.type === "forget-job" ? command.job : command.attempt);
}

function keyOf(worker: WorkerId, type: WorkerCommand["type"], subject: string): string {
  return `${worker} ${type} ${subject}`;
}
