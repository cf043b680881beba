/**
 * Errors that no promise of the attempt carries: a rejection nobody handles, a throw in a timer. Node would
 * end the thread with them or lose them; here they fail the attempt that is running, or the one just ending.
 */
export class StrayErrors {
  #first: { readonly error: unknown } | undefined;

  constructor() {
    const note = (error: unknown): void => void (this.#first ??= { error });
    process.on("uncaughtException", note);
    process.on("unhandledRejection", note);
  }

  clear(): void {
    this.#first = undefined;
  }

  /** Lets pending rejections and due timers come up, and gives the first error. */
  async surface(): Promise<{ readonly error: unknown } | undefined> {
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    return this.#first;
  }
}
