/**
 * Commands to workers, each sent again with the same ids until the worker acknowledges it or it is not wanted
 * any more: its worker is lost, or a later command has overtaken it. Whether a worker is lost only its lease
 * decides; a launch whose acknowledgement was lost is acknowledged when it comes again.
 */
import type { WorkerId } from "../model/ids.js";
import { parseAttemptId } from "../model/ids.js";
import { decode, encode } from "../protocol/codec.js";
import { workerReplies, type WorkerCommand, type WorkerReply } from "../protocol/messages.js";
import { sharedCommands, type SingleCommand } from "../protocol/shared-messages.js";
import type { Subjects } from "../protocol/subjects.js";
import { Mailbag } from "../transport/mailbag.js";
import type { Transport } from "../transport/transport.js";

export interface CommandOutboxOptions {
  readonly transport: Transport;
  readonly subjects: Subjects;
  /** Whether the command still has a purpose. */
  readonly wanted: (worker: WorkerId, command: SingleCommand) => boolean;
  /** A worker that has heard of a later coordinator says which. */
  readonly onRejected: (epoch: number) => void;
  /** The command will never be carried out there. */
  readonly onUnreadable: (worker: WorkerId, command: SingleCommand, reason: string) => void;
}

const REQUEST_TIMEOUT = 5_000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 4_000;

interface Entry {
  readonly key: string;
  readonly worker: WorkerId;
  readonly command: SingleCommand;
  readonly onTried: (() => void) | undefined;
  /** Before it is sent again. */
  pause: number;
  timer: NodeJS.Timeout | undefined;
}

export class CommandOutbox {
  readonly #options: CommandOutboxOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #mail = new Map<WorkerId, Mailbag<Entry>>();
  #closed = false;

  constructor(options: CommandOutboxOptions) {
    this.#options = options;
  }

  /** `onTried` hears after the first try, whatever came of it. */
  send(worker: WorkerId, command: SingleCommand, onTried?: () => void): void {
    if (command.type === "cancel-attempt") this.#drop(keyOf(worker, "launch-attempt", command.attempt));
    if (command.type === "forget-job") this.#dropJob(worker, command.job);
    const key = keyOf(worker, command.type, command.type === "forget-job" ? command.job : command.attempt);
    const entry: Entry = { key, worker, command, onTried, pause: FIRST_PAUSE, timer: undefined };
    this.#drop(key);
    this.#entries.set(key, entry);
    this.#mailTo(worker).post(entry);
  }

  close(): void {
    this.#closed = true;
    for (const { timer } of this.#entries.values()) clearTimeout(timer);
    this.#entries.clear();
  }

  #mailTo(worker: WorkerId): Mailbag<Entry> {
    const known = this.#mail.get(worker);
    if (known !== undefined) return known;
    for (const [other, { isIdle }] of this.#mail) if (isIdle) this.#mail.delete(other);
    const mail = new Mailbag<Entry>((entries) => this.#carry(worker, entries));
    this.#mail.set(worker, mail);
    return mail;
  }

  async #carry(worker: WorkerId, entries: readonly Entry[]): Promise<void> {
    const current = entries.filter((entry) => this.#isCurrent(entry));
    await Promise.all(sharedCommands(current).map(({ message, of }) => this.#try(worker, message, of)));
    for (const { onTried } of entries) onTried?.();
  }

  async #try(worker: WorkerId, message: WorkerCommand, entries: readonly Entry[]): Promise<void> {
    const reply = await this.#request(worker, message);
    // Which of them cannot be read shows when each comes by itself.
    if (reply?.type === "unreadable" && entries.length > 1) return void (await Promise.all(entries.map((entry) => this.#try(worker, entry.command, [entry]))));
    for (const entry of entries) this.#tried(entry, reply);
  }

  /** Undefined when nobody answers, or not what was asked for: the worker may be there again a little later. */
  async #request(worker: WorkerId, message: WorkerCommand): Promise<WorkerReply | undefined> {
    const { transport, subjects } = this.#options;
    try {
      return decode(workerReplies, await transport.request(subjects.worker(worker), encode(message), REQUEST_TIMEOUT));
    } catch {
      return undefined;
    }
  }

  #tried(entry: Entry, reply: WorkerReply | undefined): void {
    const { wanted, onRejected, onUnreadable } = this.#options;
    const { worker, command, pause } = entry;
    if (reply !== undefined || !this.#isCurrent(entry) || !wanted(worker, command)) {
      this.#remove(entry);
      if (this.#closed) return;
      if (reply?.type === "rejected") onRejected(reply.epoch);
      if (reply?.type === "unreadable") onUnreadable(worker, command, reply.reason);
      return;
    }
    entry.pause = Math.min(2 * pause, LONGEST_PAUSE);
    entry.timer = setTimeout(() => {
      if (wanted(worker, command)) this.#mailTo(worker).post(entry);
      else this.#remove(entry);
    }, pause);
  }

  #isCurrent(entry: Entry): boolean {
    return this.#entries.get(entry.key) === entry;
  }

  #remove(entry: Entry): void {
    if (this.#isCurrent(entry)) this.#entries.delete(entry.key);
  }

  #drop(key: string): void {
    clearTimeout(this.#entries.get(key)?.timer);
    this.#entries.delete(key);
  }

  #dropJob(worker: WorkerId, job: string): void {
    for (const [key, { worker: to, command }] of this.#entries) {
      if (to === worker && command.type !== "forget-job" && parseAttemptId(command.attempt).job === job) this.#drop(key);
    }
  }
}

function keyOf(worker: WorkerId, type: WorkerCommand["type"], subject: string): string {
  return `${worker} ${type} ${subject}`;
}
