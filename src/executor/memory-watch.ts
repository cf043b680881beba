import { totalmem } from "node:os";

const EVERY = 250;
/** Share of the machine's (or container's) memory that an executor may fill. */
const SHARE = 0.9;

/** Watches the resident memory of this process: beyond the limit the system would kill it, or others, without a word. */
export class MemoryWatch {
  readonly #limit: number;
  readonly #onExceeded: (message: string) => void;

  constructor(onExceeded: (message: string) => void) {
    const constrained = process.constrainedMemory();
    // Without a limit the call gives 0, or a number beyond all memory.
    const available = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
    this.#limit = available * SHARE;
    this.#onExceeded = onExceeded;
  }

  start(): void {
    setInterval(() => {
      const used = process.memoryUsage.rss();
      if (used > this.#limit) this.#onExceeded(`The executor's memory reached ${mebibytes(used)} of ${mebibytes(this.#limit)} allowed; run fewer threads or a smaller --memory`);
    }, EVERY).unref();
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / (1 << 20))} MiB`;
}
