/**
 * Whether another coordinator has taken over. Among those that share a state folder only the folder tells: an epoch claimed
 * there. A coordinator with another memory (`--takeover`) says so itself, on a subject that nobody else may publish to. What
 * a worker says is a hint and ends nothing: the folder is looked at, and whoever is there is called, and answers.
 *
 *     hint -> (folder claimed -> replaced) | notice of our epoch -> (notice of a later one -> replaced)
 */
import { ClusterError } from "../errors.js";
import { decode, encode } from "../protocol/codec.js";
import { coordinatorNotice } from "../protocol/messages.js";
import type { Subjects } from "../protocol/subjects.js";
import type { Subscription, Transport } from "../transport/transport.js";

export interface SuccessionOptions {
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly epoch: number;
  /** Whether no later coordinator has claimed the state folder; undefined without one. */
  readonly isCurrent: (() => boolean) | undefined;
  readonly onReplaced: (error: ClusterError) => void;
}

/** Hints that come sooner than this after one are dropped: where there is a reason, there will be more. */
const HINT_EVERY = 1_000;

export class Succession {
  readonly #options: SuccessionOptions;
  #hintedAt = -Infinity;

  constructor(options: SuccessionOptions) {
    this.#options = options;
  }

  follow(): Subscription {
    const { transport, subjects, epoch } = this.#options;
    return transport.subscribe(subjects.coordinators, (payload) => {
      const other = decode(coordinatorNotice, payload).epoch;
      if (other > epoch) this.#replaced(other);
      // It does not know of this one yet.
      else if (other < epoch) this.announce();
    });
  }

  announce(): void {
    const { transport, subjects, epoch } = this.#options;
    transport.publish(subjects.coordinators, encode({ type: "coordinator-started", epoch }));
  }

  /** Somebody claims to have heard of this epoch. */
  hint(epoch: number): void {
    const now = performance.now();
    if (epoch <= this.#options.epoch || now - this.#hintedAt < HINT_EVERY) return;
    this.#hintedAt = now;
    if (this.#options.isCurrent?.() === false) this.#replaced(epoch);
    else this.announce();
  }

  #replaced(by: number): void {
    const { epoch, onReplaced } = this.#options;
    onReplaced(new ClusterError(`Another coordinator (epoch ${by}) has taken over; this one (epoch ${epoch}) steps down`));
  }
}
