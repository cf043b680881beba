/**
 * Reports that must arrive: how attempts ended. Each is sent again, with the same ids, until the coordinator
 * acknowledges it or the attempt is forgotten; a coordinator that was away, or is a new one, gets them when it is back.
 * Of one that the coordinator cannot read it is told just that: the attempt is over, and nobody must wait for it.
 */
import type { AttemptId } from "../model/ids.js";
import type { WorkerReply } from "../protocol/messages.js";
import type { Report } from "./membership.js";

export type FinalReport = Extract<Report, { type: "attempt-finished" | "attempt-failed" }>;

const LONGEST_PAUSE = 5_000;

export class ReportOutbox {
  readonly #send: (report: FinalReport) => Promise<WorkerReply>;
  readonly #waiting = new Map<AttemptId, { report: FinalReport; wake: () => void }>();
  readonly #idle = new Set<() => void>();

  constructor(send: (report: FinalReport) => Promise<WorkerReply>) {
    this.#send = send;
  }

  get size(): number {
    return this.#waiting.size;
  }

  post(report: FinalReport, onDelivered: () => void = () => {}): void {
    if (this.#waiting.has(report.attempt)) return;
    void this.#deliver(report, onDelivered);
  }

  /** Nobody wants to hear of the attempt any more. */
  drop(attempt: AttemptId): void {
    const entry = this.#waiting.get(attempt);
    this.#remove(attempt);
    entry?.wake();
  }

  /** Tries all at once: there is a coordinator again. */
  retry(): void {
    for (const { wake } of this.#waiting.values()) wake();
  }

  /** Resolves when nothing waits. */
  async drained(): Promise<void> {
    while (this.#waiting.size > 0) await new Promise<void>((resolve) => this.#idle.add(resolve));
  }

  close(): void {
    for (const attempt of [...this.#waiting.keys()]) this.drop(attempt);
  }

  async #deliver(report: FinalReport, onDelivered: () => void): Promise<void> {
    const { attempt } = report;
    const entry = { report, wake: () => {} };
    this.#waiting.set(attempt, entry);
    for (let pause = 250; this.#waiting.get(attempt) === entry; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const reply = await this.#send(report).catch(() => undefined);
      if (this.#waiting.get(attempt) !== entry) return;
      if (reply?.type === "unreadable" && report.type === "attempt-finished") {
        this.#remove(attempt);
        return this.#deliver({ type: "attempt-failed", attempt, failure: { kind: "internal", message: `The result was refused: ${reply.reason}` } }, onDelivered);
      }
      if (reply?.type === "acknowledged" || reply?.type === "unreadable") {
        this.#remove(attempt);
        onDelivered();
        return;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause);
        entry.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #remove(attempt: AttemptId): void {
    this.#waiting.delete(attempt);
    if (this.#waiting.size > 0) return;
    for (const resolve of this.#idle) resolve();
    this.#idle.clear();
  }
}
