import { newKernels, type Kernels } from "./wasm.js";

/** More than this is never asked for at once: addresses stay positive int32. */
const MOST_BYTES = 2 ** 30;

/**
 * The kernel memory of one thread, which its attempts use one after another: memory that was touched once stays
 * with the process, and giving it back and asking again costs more than the work of a small task.
 */
export class ThreadKernels {
  #kernels: Kernels | undefined;

  /** An instance with `bytes` of memory or the most there may be, whose content is left over from former uses. */
  get(bytes: number): Kernels {
    const wanted = Math.min(bytes, MOST_BYTES);
    if (this.#kernels === undefined || this.#kernels.memory.length < wanted) this.#kernels = newKernels(wanted);
    return this.#kernels;
  }
}
