import type { AttemptMonitor } from "./attempt-monitor.js";

const POLL_EVERY = 50;

/** What `ctx.signal` is of an attempt: aborted when it is to stop. Made when user code asks for it, for a short attempt is over before its timer would be set. */
export class StopSignal {
  readonly #monitor: AttemptMonitor;
  #controller: AbortController | undefined;
  #poll: NodeJS.Timeout | undefined;

  constructor(monitor: AttemptMonitor) {
    this.#monitor = monitor;
  }

  get(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    this.#poll = setInterval(() => this.#monitor.stopRequested && controller.abort(), POLL_EVERY);
    return controller.signal;
  }

  close(): void {
    clearInterval(this.#poll);
  }
}
