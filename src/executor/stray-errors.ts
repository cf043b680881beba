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

  /** Lets pending rejections and due timers of an attempt come up, and gives the first error. Timers that were set less than a millisecond ago are not due. */
  async surface(millis: number): Promise<{ readonly error: unknown } | undefined> {
    await turn();
    // The first turn may be the rest of the one in which the attempt ended, after its timers.
    if (millis >= 1) await turn();
    return this.#first;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
