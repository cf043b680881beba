/**
 * A worker's standing with the coordinator. It joins, tries again until it is taken, and then renews its lease by
 * heartbeats. Whenever the coordinator does not know it any more (a new one started, or the lease was lost), it
 * joins again under the same id.
 *
 *     joining -> member -> joining ...        (a lease that runs out stops the worker's attempts)
 *            \-> refused | orphaned           (final: another version; no coordinator for too long)
 */
import type { JobId, WorkerId } from "../model/ids.js";
import { decode, encode } from "../protocol/codec.js";
import { coordinatorNotice, workerReplies, type WorkerReply, type WorkerReport } from "../protocol/messages.js";
import type { Subjects } from "../protocol/subjects.js";
import type { Subscription, Transport } from "../transport/transport.js";

export interface MembershipOptions {
  readonly id: WorkerId;
  readonly transport: Transport;
  readonly subjects: Subjects;
  /** Milliseconds between heartbeats, and how long the coordinator believes a worker without one. */
  readonly heartbeatEvery: number;
  readonly leaseMillis: number;
  /** Milliseconds without a coordinator after which the worker gives up. */
  readonly orphanMillis: number;
  /** The message that joins, as things are now. */
  readonly introduction: () => WorkerReport;
  /** Those that it holds files of. */
  readonly jobs: () => readonly JobId[];
  readonly onJoined: () => void;
  readonly onLeaseLost: () => void;
  /** It will never join: the reason is for people. */
  readonly onEnd: (reason: string) => void;
  /** Hears once, when no coordinator answers at first. */
  readonly onWaiting: (reason: string) => void;
}

/** A message of a worker without what membership adds. */
export type Report = WorkerReport extends infer R ? (R extends { epoch: number } ? Omit<R, "worker" | "epoch"> : never) : never;

/** Short: a lost request must leave time for another within the lease. */
const REQUEST_TIMEOUT = 2_000;
const RETRY_PAUSE = 250;

export class Membership {
  readonly #options: MembershipOptions;
  /** Of the coordinator that it joined. */
  #epoch = 0;
  /** The latest that it heard of. */
  #latest = 0;
  #member = false;
  #closed = false;
  #saidWaiting = false;
  #wake: () => void = () => {};
  #notices: Subscription | undefined;
  #leaseEnd: NodeJS.Timeout | undefined;
  #orphanEnd: NodeJS.Timeout | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  get epoch(): number {
    return this.#epoch;
  }

  start(): void {
    const { transport, subjects } = this.#options;
    this.#notices = transport.subscribe(subjects.coordinators, (payload) => {
      if (decode(coordinatorNotice, payload).epoch > this.#epoch) this.joinAgain();
    });
    this.#awaitCoordinator();
    void this.#run();
  }

  /** The coordinator gave a sign that it does not know this worker. */
  joinAgain(): void {
    this.#member = false;
    this.#wake();
  }

  /** A command of this epoch arrived. False when the epoch is over. */
  accepts(epoch: number): boolean {
    if (epoch < this.#latest) return false;
    this.#latest = epoch;
    if (epoch > this.#epoch && this.#member) this.joinAgain();
    return true;
  }

  /** Sends a report and gives the reply. A rejection makes the worker join again. Rejects when no coordinator answers. */
  async send(report: Report): Promise<WorkerReply> {
    const epoch = this.#epoch;
    const reply = await this.#request({ worker: this.#options.id, epoch, ...report } as WorkerReport);
    if (reply.type === "rejected" && epoch === this.#epoch && !this.#isOfThePast(reply)) this.joinAgain();
    return reply;
  }

  close(): void {
    this.#closed = true;
    this.#notices?.close();
    clearTimeout(this.#leaseEnd);
    clearTimeout(this.#orphanEnd);
    this.#wake();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const done = this.#member ? await this.#heartbeat() : await this.#join();
      if (this.#closed) return;
      // Word that it must join again may have come already.
      await this.#pause(done && this.#member ? this.#options.heartbeatEvery : RETRY_PAUSE);
    }
  }

  async #join(): Promise<boolean> {
    const { introduction, onJoined, onEnd, onWaiting } = this.#options;
    const sentAt = performance.now();
    let reply: WorkerReply;
    try {
      reply = await this.#request(introduction());
    } catch (error) {
      if (!this.#saidWaiting && !this.#closed) onWaiting((error as Error).message);
      this.#saidWaiting = true;
      return false;
    }
    // The answer of a coordinator that another has replaced.
    if (this.#closed || this.#isOfThePast(reply)) return false;
    if (reply.type !== "acknowledged") {
      this.#closed = true;
      onEnd(`the coordinator does not take this worker: ${reply.reason}`);
      return false;
    }
    this.#epoch = reply.epoch;
    this.#latest = reply.epoch;
    this.#member = true;
    this.#saidWaiting = false;
    this.#renew(sentAt);
    onJoined();
    return true;
  }

  async #heartbeat(): Promise<boolean> {
    const sentAt = performance.now();
    const jobs = [...this.#options.jobs()];
    try {
      const reply = await this.send({ type: "worker-heartbeat", ...(jobs.length === 0 ? {} : { jobs }) });
      if (this.#closed || reply.type !== "acknowledged" || reply.epoch !== this.#epoch) return false;
    } catch {
      return false;
    }
    this.#renew(sentAt);
    return true;
  }

  /** The lease counts from when the renewal was sent: it never outlasts what the coordinator believes. */
  #renew(sentAt: number): void {
    clearTimeout(this.#leaseEnd);
    const left = this.#options.leaseMillis - (performance.now() - sentAt);
    this.#leaseEnd = setTimeout(() => {
      this.#member = false;
      this.#options.onLeaseLost();
      this.#wake();
    }, Math.max(0, left));
    this.#awaitCoordinator();
  }

  #awaitCoordinator(): void {
    const { orphanMillis, onEnd } = this.#options;
    clearTimeout(this.#orphanEnd);
    if (orphanMillis === Infinity) return;
    this.#orphanEnd = setTimeout(() => {
      this.#closed = true;
      onEnd(`no coordinator has answered for ${Math.round(orphanMillis / 1000)} s`);
    }, orphanMillis);
  }

  async #request(message: WorkerReport): Promise<WorkerReply> {
    const { transport, subjects, leaseMillis } = this.#options;
    return decode(workerReplies, await transport.request(subjects.reports, encode(message), Math.min(REQUEST_TIMEOUT, leaseMillis / 4)));
  }

  #isOfThePast(reply: WorkerReply): boolean {
    return reply.epoch < this.#latest;
  }

  /** Ends early when something happens that cannot wait. */
  #pause(millis: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, millis);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
