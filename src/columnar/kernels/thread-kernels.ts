import { newKernels, type Kernels } from "./wasm.js";

/** More than this is never asked for at once: addresses stay positive int32. */
const MOST_BYTES = 2 ** 30;

/**
 * The kernel memory of one thread, which its attempts use one after another: memory that was touched once stays
 * with the process, and giving it back and asking again costs more than the work of a small task.
 */
export class ThreadKernels {
  readonly #least: number;
  #kernels: Kernels | undefined;

  /** `least`: bytes that somebody will ask for, so that who asks for less before gets the same memory; pages that nobody touches take none. */
  constructor(least = 0) {
    this.#least = least;
  }

  /** An instance with `bytes` of memory or the most there may be, whose content is left over from former uses. */
  get(bytes: number): Kernels {
    const wanted = Math.min(Math.max(bytes, this.#least), MOST_BYTES);
    if (this.#kernels === undefined || this.#kernels.memory.length < wanted) this.#kernels = newKernels(wanted);
    return this.#kernels;
  }
}
