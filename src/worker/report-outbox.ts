/**
 * Reports that must arrive: how attempts ended. Each is sent again, with the same ids, until the coordinator
 * acknowledges it or the attempt is forgotten; a coordinator that was away, or is a new one, gets them when it is back.
 * Of one that the coordinator cannot read it is told just that: the attempt is over, and nobody must wait for it.
 */
import type { AttemptId } from "../model/ids.js";
import type { WorkerReply } from "../protocol/messages.js";
import { sharedReports, type FinalReport } from "../protocol/shared-messages.js";
import { Mailbag } from "../transport/mailbag.js";
import type { Report } from "./membership.js";

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5_000;

interface Entry {
  readonly report: FinalReport;
  readonly onDelivered: () => void;
  /** Before it is sent again. */
  pause: number;
  timer: NodeJS.Timeout | undefined;
}

export class ReportOutbox {
  readonly #send: (report: Report) => Promise<WorkerReply>;
  readonly #waiting = new Map<AttemptId, Entry>();
  readonly #idle = new Set<() => void>();
  readonly #mail = new Mailbag<Entry>((entries) => this.#carry(entries));

  constructor(send: (report: Report) => Promise<WorkerReply>) {
    this.#send = send;
  }

  get size(): number {
    return this.#waiting.size;
  }

  post(report: FinalReport, onDelivered: () => void = () => {}): void {
    if (this.#waiting.has(report.attempt)) return;
    const entry: Entry = { report, onDelivered, pause: FIRST_PAUSE, timer: undefined };
    this.#waiting.set(report.attempt, entry);
    this.#mail.post(entry);
  }

  /** Nobody wants to hear of the attempt any more. */
  drop(attempt: AttemptId): void {
    clearTimeout(this.#waiting.get(attempt)?.timer);
    this.#remove(attempt);
  }

  /** Tries all at once: there is a coordinator again. */
  retry(): void {
    for (const entry of this.#waiting.values()) if (entry.timer !== undefined) this.#again(entry);
  }

  /** Resolves when nothing waits. */
  async drained(): Promise<void> {
    while (this.#waiting.size > 0) await new Promise<void>((resolve) => this.#idle.add(resolve));
  }

  close(): void {
    for (const attempt of [...this.#waiting.keys()]) this.drop(attempt);
  }

  async #carry(entries: readonly Entry[]): Promise<void> {
    const wanted = entries.filter((entry) => this.#isWanted(entry));
    await Promise.all(sharedReports(wanted).map(({ message, of }) => this.#try(message, of)));
  }

  async #try(message: Report, entries: readonly Entry[]): Promise<void> {
    const reply = await this.#send(message).catch(() => undefined);
    // Which of them cannot be read shows when each comes by itself.
    if (reply?.type === "unreadable" && entries.length > 1) return void (await Promise.all(entries.map((entry) => this.#try(entry.report, [entry]))));
    for (const entry of entries) if (this.#isWanted(entry)) this.#tried(entry, reply);
  }

  #tried(entry: Entry, reply: WorkerReply | undefined): void {
    const { report, onDelivered, pause } = entry;
    const { attempt } = report;
    if (reply?.type === "unreadable" && report.type === "attempt-finished") {
      this.#remove(attempt);
      this.post({ type: "attempt-failed", attempt, failure: { kind: "internal", message: `The result was refused: ${reply.reason}` } }, onDelivered);
    } else if (reply?.type === "acknowledged" || reply?.type === "unreadable") {
      this.#remove(attempt);
      onDelivered();
    } else {
      entry.pause = Math.min(2 * pause, LONGEST_PAUSE);
      entry.timer = setTimeout(() => this.#again(entry), pause);
    }
  }

  #again(entry: Entry): void {
    clearTimeout(entry.timer);
    entry.timer = undefined;
    this.#mail.post(entry);
  }

  #isWanted(entry: Entry): boolean {
    return this.#waiting.get(entry.report.attempt) === entry;
  }

  #remove(attempt: AttemptId): void {
    this.#waiting.delete(attempt);
    if (this.#waiting.size > 0) return;
    for (const resolve of this.#idle) resolve();
    this.#idle.clear();
  }
}
