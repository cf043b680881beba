/**
 * Follows a job to its end, however often the coordinator or the connection goes away meanwhile: publications tell
 * at once, and questions make up for those that were lost.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ClusterError } from "../errors.js";
import type { JobId } from "../model/ids.js";
import { decode } from "../protocol/codec.js";
import { jobUpdate, type JobProgress, type JobUpdate } from "../protocol/messages.js";
import type { Subscription } from "../transport/transport.js";
import { ask, type Connection } from "./coordinator-client.js";
import type { SubmissionHooks } from "./submit-job.js";

export type JobEnd = Exclude<JobUpdate, { type: "job-progressed" | "job-warned" }>;

const POLL_EVERY = 1_000;
/** Questions without an answer before the display says so. */
const PATIENCE = 3;

export class JobFollower {
  readonly #connection: Connection;
  readonly #job: JobId;
  readonly #hooks: SubmissionHooks;
  readonly #updates: Subscription;
  readonly #closing = new AbortController();
  #settle: { resolve: (end: JobEnd) => void; reject: (error: Error) => void } | undefined;
  #end: JobEnd | undefined;
  #logNext = 0;
  #latest: JobProgress;

  /** Listens from now on: nothing is missed that comes after the submission. */
  constructor(connection: Connection, job: JobId, hooks: SubmissionHooks) {
    this.#connection = connection;
    this.#job = job;
    this.#hooks = hooks;
    this.#latest = { type: "job-progressed", job, stages: [] };
    this.#updates = connection.transport.subscribe(connection.subjects.job(job), (payload) => this.#take(decode(jobUpdate, payload)));
  }

  /** The last progress that was heard of. */
  get latest(): JobProgress {
    return this.#latest;
  }

  /** How the job ended. Rejects with ClusterError when nobody can tell any more, or on `detach`. */
  async end(): Promise<JobEnd> {
    const { cancel, detach } = this.#hooks;
    const ended = new Promise<JobEnd>((resolve, reject) => (this.#settle = { resolve, reject }));
    if (this.#end !== undefined) return this.#end;
    const sendCancel = (): void => void this.#cancel(String(cancel.reason));
    const letGo = (): void => this.#settle?.reject(new ClusterError(`Detached from ${this.#job}; it goes on`));
    cancel.addEventListener("abort", sendCancel, { once: true });
    detach?.addEventListener("abort", letGo, { once: true });
    if (cancel.aborted) sendCancel();
    if (detach?.aborted === true) letGo();
    void this.#poll();
    try {
      const end = await ended;
      if (this.#connection.keepsLog) await this.#readLog().catch(() => {});
      return end;
    } finally {
      cancel.removeEventListener("abort", sendCancel);
      detach?.removeEventListener("abort", letGo);
    }
  }

  close(): void {
    this.#closing.abort();
    this.#updates.close();
  }

  #take(update: JobUpdate): void {
    if (update.type === "job-warned") return this.#hooks.onOutput(`warning: ${update.message}\n`);
    if (update.type !== "job-progressed") {
      this.#end ??= update;
      return this.#settle?.resolve(this.#end);
    }
    this.#latest = update;
    this.#hooks.onProgress(update);
  }

  async #poll(): Promise<void> {
    const { signal } = this.#closing;
    for (let unanswered = 0; !signal.aborted && this.#end === undefined; await sleep(POLL_EVERY, undefined, { signal }).catch(() => {})) {
      try {
        await this.#askOnce();
        unanswered = 0;
      } catch (error) {
        if (error instanceof ClusterError) return this.#settle?.reject(error);
        if (++unanswered >= PATIENCE && !signal.aborted) this.#hooks.onProgress({ ...this.#latest, waiting: "no coordinator answers; the job goes on when one is back" });
      }
    }
  }

  async #askOnce(): Promise<void> {
    const reply = await ask(this.#connection, { type: "ask-job", job: this.#job });
    if (this.#closing.signal.aborted) return;
    if (reply.type === "job") this.#take(reply.latest);
    if (reply.type === "refused" && reply.code === "UNKNOWN_JOB") throw new ClusterError(`The coordinator does not know ${this.#job} any more: it was started anew without the state of the one before (--state-dir). Submit the job again`);
    if (this.#connection.keepsLog) await this.#readLog();
  }

  /** What the job printed since the last time. */
  async #readLog(): Promise<void> {
    for (;;) {
      const reply = await ask(this.#connection, { type: "read-log", job: this.#job, from: this.#logNext });
      if (reply.type !== "log") return;
      if (reply.text !== "") this.#hooks.onOutput(reply.text);
      if (reply.next <= this.#logNext) return;
      this.#logNext = reply.next;
    }
  }

  /** Until it is answered: a job that nobody waits for must not go on. */
  async #cancel(reason: string): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted && this.#end === undefined) {
      const reply = await ask(this.#connection, { type: "cancel-job", job: this.#job, reason }).catch(() => undefined);
      if (reply !== undefined) return;
      await sleep(POLL_EVERY, undefined, { signal }).catch(() => {});
    }
  }
}
